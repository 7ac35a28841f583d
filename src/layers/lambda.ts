import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import type { ShapeOf, Tree } from "../core/Tree.ts"
import { stateless } from "./Layer.ts"
import type { Empty, Layer, Mode } from "./Layer.ts"

/**
 * What flows where not all positions count: values, and a mask that is 1 where they do and 0 where they do not, of the
 * leading axes of the values, `[batch, time]`. `Layers.each({ x: layer, mask: Layers.identity })` changes the values.
 */
export type Masked<X extends Tree = Tensor> = { readonly x: X; readonly mask: Tensor }

/**
 * Makes a layer of a function of tensors, or of trees of them, that has nothing to learn; `shape` says of what shape
 * one example of the result is. (One tensor that keeps its shape: `Layers.activation`.)
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * // The sum over time of the steps that count.
 * const total = Layers.lambda<Layers.Masked>("total", {
 *   shape: ({ x }) => x.slice(1),
 *   apply: ({ mask, x }) => tf.sum(tf.mul(x, tf.expandDims(mask, -1)), 1)
 * })
 * const x = tf.tensor3d([[[1], [2], [4]]]), mask = tf.tensor2d([[1, 1, 0]])
 * total.apply({}, {}, { x, mask }, { training: false, key: Key.make(0) })[0].arraySync() // => [[3]]
 * ```
 */
export const lambda = <X extends Tree = Tensor, Y extends Tree = Tensor>(
  name: string,
  { apply, shape }: {
    readonly shape: (input: ShapeOf<X>) => ShapeOf<Y>
    readonly apply: (x: X, mode: Mode) => Y
  }
): Layer<Empty, Empty, X, Y> =>
  stateless<Empty, X, Y>({
    name,
    init: (_, input) => Result.succeed({ params: {}, output: shape(input) }),
    apply: (_, x, mode) => apply(x, mode)
  })
