import { dual } from "effect/Function"
import { formatLeaves } from "./structure.ts"
import type { Structure } from "./structure.ts"

/**
 * The dimensions of one example, without the batch dimension: `[28, 28, 1]` is an image of 28 rows, 28 columns
 * and one channel, `[]` a scalar.
 */
export type Shape = ReadonlyArray<number>

/** A tree of shapes, whatever the tree of tensors or host arrays that it describes. */
export type ShapeTree = Structure<Shape>

/**
 * Whether a value is a shape: what tells the leaves of a {@link ShapeTree}.
 *
 * @example
 * ```ts
 * import { Shape } from "effect-neuron"
 *
 * Shape.isShape([28, 28, 1]) // => true
 * Shape.isShape([[2], [3]]) // => false
 * ```
 */
export const isShape = (u: unknown): u is Shape =>
  Array.isArray(u) && u.every((dimension) => typeof dimension === "number" || dimension === null)

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
export const size = (shape: ReadonlyArray<number>): number =>
  shape.reduce((product, dimension) => product * dimension, 1)

/**
 * Whether two shapes have the same dimensions.
 *
 * @example
 * ```ts
 * import { Shape } from "effect-neuron"
 *
 * Shape.equals([2, 3], [2, 3]) // => true
 * Shape.equals([2, 3])([3, 2]) // => false
 * ```
 */
export const equals: {
  (that: Shape): (self: Shape) => boolean
  (self: Shape, that: Shape): boolean
} = /* @__PURE__ */ dual(
  2,
  (self: Shape, that: Shape): boolean => self.length === that.length && self.every((n, i) => n === that[i])
)

/**
 * A shape, or a tree of shapes, as it stands in messages.
 *
 * @example
 * ```ts
 * import { Shape } from "effect-neuron"
 *
 * Shape.format([28, 28, 1]) // => "[28, 28, 1]"
 * Shape.format({ x: [28, 28, 1], y: [] }) // => "{ x: [28, 28, 1], y: [] }"
 * ```
 */
export const format = (shape: ShapeTree): string =>
  formatLeaves(shape, isShape, (dimensions: Shape) => `[${dimensions.join(", ")}]`)
