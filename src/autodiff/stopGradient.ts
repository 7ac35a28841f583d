import { clone, customGrad } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"

/**
 * The value of a computation, taken as a constant by every gradient around it: none flows into what it was computed
 * from. This is `lax.stop_gradient` of JAX and `detach` of PyTorch, of a whole computation.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Autodiff } from "effect-neuron"
 *
 * const f = (x: tf.Tensor) => [tf.mul(x, Autodiff.stopGradient(() => tf.square(x))), 0] as const
 * Autodiff.valueAndGrad(f)(tf.scalar(3)).grads.arraySync() // => 9
 * ```
 */
export const stopGradient = (compute: () => Tensor): Tensor =>
  // An operation without inputs: what it is computed from is not on the tape. The copy is for a tensor that is there
  // already, whose own gradient would flow.
  customGrad(() => ({ value: clone(compute()), gradFunc: () => [] }))()
