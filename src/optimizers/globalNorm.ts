import { norm, scalar, sqrt } from "@tensorflow/tfjs-core"
import type { Scalar } from "@tensorflow/tfjs-core"
import * as Tree from "../core/Tree.ts"
import { sumOfSquares } from "../ops/optimizers.ts"

/**
 * The length of a tree of tensors taken as one vector: the square root of the sum of all squares, as a scalar tensor.
 * Of gradients, it tells whether training is stable.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers } from "effect-neuron"
 *
 * Math.round(Optimizers.globalNorm({ a: tf.tensor1d([3]), b: tf.tensor1d([4]) }).dataSync()[0]!) // => 5
 * ```
 */
export const globalNorm = (tree: Tree.Tree): Scalar => {
  const leaves = Tree.leaves(tree)
  if (leaves.length === 0) return scalar(0)
  return sqrt(sumOfSquares(leaves) as Scalar)
}

/**
 * The length of each tensor of a tree, as scalar tensors, by its path: of gradients, which layers learn.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers } from "effect-neuron"
 *
 * const norms = Optimizers.norms({ dense: { kernel: tf.tensor2d([[3, 4]]), bias: tf.tensor1d([2]) } })
 * norms["dense.kernel"]!.arraySync() // => 5
 * norms["dense.bias"]!.arraySync() // => 2
 * ```
 */
export const norms = (tree: Tree.Tree): { readonly [path: string]: Scalar } =>
  Object.fromEntries(Tree.entries(tree).map(([path, leaf]) => [path, norm(leaf) as Scalar]))
