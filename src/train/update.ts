import type { Tree } from "../core/Tree.ts"
import { applyGradients } from "../optimizers/transformation.ts"
import type { GradientTransformation, OptState } from "../optimizers/transformation.ts"

/** What an update changes: a training state, or one of two networks that are trained together. */
export type Updatable<P extends Tree = Tree, S extends Tree = Tree> = {
  readonly params: P
  readonly state: S
  readonly opt: OptState
  readonly step?: number
}

/**
 * The second half of a step: the parameters a step of the optimizer further, with the state of the optimizer and the
 * running state that came with the gradients; `step`, where there is one, counts one more. All else of the state stays.
 * A synchronous tensor program that disposes nothing; see {@link gradients} for the first half.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers, Train } from "effect-neuron"
 *
 * const optimizer = Optimizers.sgd(0.1), params = { w: tf.tensor1d([1]) }
 * const current = { step: 7, params, state: {}, opt: optimizer.init(params) }
 * const next = Train.update(optimizer)(current, { grads: { w: tf.tensor1d([5]) }, state: {} })
 * next.step // => 8
 * next.params.w.arraySync() // => [0.5]
 * ```
 */
export const update = (optimizer: GradientTransformation) =>
<T extends Updatable>(
  current: T,
  { grads, state }: { readonly grads: T["params"]; readonly state: T["state"] }
): T => {
  const [params, opt] = applyGradients(optimizer, grads, current.opt, current.params)
  return { ...current, ...(current.step === undefined ? {} : { step: current.step + 1 }), params, state, opt }
}
