import { stopGradient } from "../autodiff/stopGradient.ts"
import type { Kind } from "../core/Kind.ts"
import { map } from "../core/Tree.ts"
import type { Tree } from "../core/Tree.ts"
import { kind } from "./kind.ts"
import type { Any, Layer } from "./Layer.ts"

/**
 * A layer that is not trained: no gradient of its parameters is computed (what is before it gets its own), it runs in
 * its inference form, and of its running state only what that form carries over time goes on. Parameters, state and paths are those of the layer, so that
 * a state that was trained with it goes on without it, and the other way round. An update leaves these parameters as
 * they are, whatever the optimizer: weight decay and momentum do not move them. `Optimizers.partition` with
 * `Optimizers.freeze` saves the optimizer's work on them too.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Autodiff, Key, Layers } from "effect-neuron"
 *
 * const model = Layers.frozen(Layers.dense(1)), mode = { training: true, key: Key.make(0) }
 * const params = { kernel: tf.tensor2d([[3]]), bias: tf.tensor1d([1]) }
 * const loss = (p: Layers.Params<typeof model>) => [tf.sum(model.apply(p, {}, tf.tensor2d([[2]]), mode)[0]), 0] as const
 * const { grads, value } = Autodiff.valueAndGrad(loss)(params)
 * value.arraySync() // => 7
 * grads.kernel.arraySync() // => [[0]]
 * ```
 */
export const frozen = /* @__PURE__ */ kind("frozen", {
  options: {},
  children: "one",
  perStep: "children",
  given: (layer: Any) => [{}, [["", layer]]],
  make: (_, children) => constant(children[0]![1])
}) as (<P extends Tree, S, X extends Tree, Y extends Tree>(layer: Layer<P, S, X, Y>) => Layer<P, S, X, Y>) & Kind

const constant = <P extends Tree, S, X extends Tree, Y extends Tree>(layer: Layer<P, S, X, Y>): Layer<P, S, X, Y> => ({
  name: "frozen",
  // In its inference form no layer does.
  mixesExamples: false,
  init: layer.init,
  apply: (params, state, x, mode) => {
    const constants = map(params, (param) => stopGradient(() => param))
    return layer.apply(constants, state, x, { ...mode, training: false })
  }
})
