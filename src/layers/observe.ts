import type { Tensor } from "@tensorflow/tfjs-core"
import type { Tree } from "../core/Tree.ts"
import { inference } from "./inference.ts"
import type { Layer, Mode } from "./Layer.ts"

/**
 * What each layer of a model gives for a batch, with the path of the layer, in the order in which they run: the
 * children of all layers that have some with names (`named`, `sequence`, `serial`, `graph`, `parallel`, `each`, and
 * one's own that run them by `Layers.applyChild`), at every depth, a child after its own children. The output of the
 * model itself comes last, at the path `""`. Layers run in their inference form unless `mode` says otherwise.
 *
 * Synchronous; call it inside `Backend.tensors`, which keeps what is returned and frees the rest.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Layers } from "effect-neuron"
 *
 * const model = Layers.named({ scale: Layers.rescale({ scale: -2 }), relu: Layers.relu })
 * const outputs = Layers.activations(model, { scale: {}, relu: {} }, { scale: {}, relu: {} }, tf.tensor2d([[1, -1]]))
 * outputs.map(([path, y]) => [path, (y as tf.Tensor).arraySync()])
 * // => [["scale", [[-2, 2]]], ["relu", [[0, 2]]], ["", [[0, 2]]]]
 * ```
 */
export const activations = <P, S, X extends Tree, Y extends Tree>(
  model: Layer<P, S, X, Y>,
  params: P,
  state: S,
  x: X,
  mode: Mode = inference
): ReadonlyArray<readonly [path: string, y: Tree]> => {
  const outputs: Array<readonly [string, Tree]> = []
  const observe = (path: string, y: Tree) => {
    outputs.push([path, y])
  }
  const [y] = model.apply(params, state, x, { ...mode, observe })
  return [...outputs, ["", y]]
}

/**
 * What each attention of a model weighs its values with for a batch, `[batch, heads, time, keyTime]`, with the path of
 * the layer, in the order in which they run. Layers run in their inference form unless `mode` says otherwise.
 *
 * Synchronous; call it inside `Backend.tensors`, which keeps what is returned and frees the rest.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * const model = Layers.named({ mix: Layers.attention({ heads: 2, causal: true }), head: Layers.dense(1) })
 * const { params, state } = Result.getOrThrow(model.init(Key.make(0), [3, 4]))
 * const [[path, weights]] = Layers.attentions(model, params, state, tf.zeros([1, 3, 4])) as [[string, tf.Tensor]]
 * path // => "mix"
 * weights.shape // => [1, 2, 3, 3]
 * ```
 */
export const attentions = <P, S, X extends Tree, Y extends Tree>(
  model: Layer<P, S, X, Y>,
  params: P,
  state: S,
  x: X,
  mode: Mode = inference
): ReadonlyArray<readonly [path: string, weights: Tensor]> => {
  const found: Array<readonly [string, Tensor]> = []
  const attended = (path: string, weights: Tensor) => {
    found.push([path, weights])
  }
  model.apply(params, state, x, { ...mode, attended })
  return found
}
