import type { Tensor } from "@tensorflow/tfjs-core"
import type { Tree } from "./Tree.ts"

/**
 * The dimensions of one example, without the batch dimension: `[28, 28, 1]` is an image of 28 rows, 28 columns
 * and one channel, `[]` a scalar.
 */
export type Shape = ReadonlyArray<number>

/** The tree `X` with a {@link Shape} in the place of each tensor. */
export type ShapeOf<X extends Tree> = Tree extends X ? ShapeTree
  : X extends Tensor ? Shape
  : X extends ReadonlyArray<Tree> ? { readonly [K in keyof X]: X[K] extends Tree ? ShapeOf<X[K]> : never }
  : X extends { readonly [k: string]: Tree } ? { readonly [K in keyof X]: ShapeOf<X[K]> }
  : never

/** A tree of shapes, whatever the tree of tensors that it describes. */
export type ShapeTree = Shape | ReadonlyArray<ShapeTree> | { readonly [k: string]: ShapeTree }

/**
 * The number of elements of a shape: the product of its dimensions, 1 for a scalar.
 *
 * @example
 * ```ts
 * import { Shape } from "effect-neuron"
 *
 * Shape.size([28, 28, 1]) // => 784
 * Shape.size([]) // => 1
 * ```
 */
export const size = (shape: Shape): number => shape.reduce((product, dimension) => product * dimension, 1)

/**
 * Whether two shapes have the same dimensions.
 *
 * @example
 * ```ts
 * import { Shape } from "effect-neuron"
 *
 * Shape.equals([2, 3], [2, 3]) // => true
 * Shape.equals([2, 3], [3, 2]) // => false
 * ```
 */
export const equals = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((n, i) => n === b[i])

/**
 * A shape as it stands in messages.
 *
 * @example
 * ```ts
 * import { Shape } from "effect-neuron"
 *
 * Shape.format([28, 28, 1]) // => "[28, 28, 1]"
 * ```
 */
export const format = (shape: ShapeTree): string => {
  if (Array.isArray(shape)) return `[${shape.map((d) => typeof d === "number" ? String(d) : format(d)).join(", ")}]`
  return `{ ${Object.entries(shape).map(([key, child]) => `${key}: ${format(child)}`).join(", ")} }`
}
