import { dual } from "effect/Function"
import { formatLeaves } from "./structure.ts"
import type { Structure } from "./structure.ts"

/**
 * The dimensions of one example, without the batch dimension: `[28, 28, 1]` is an image of 28 rows, 28 columns
 * and one channel, `[]` a scalar. `null` is a dimension that is not known beforehand and can be another in each batch:
 * `[null, null, 3]` is an image of any size, `[null, 8]` a sequence of any length.
 */
export type Shape = ReadonlyArray<number | null>

/** A shape whose dimensions are all known, such as that of a tensor. */
export type Known = ReadonlyArray<number>

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
 * The number of elements of a shape: the product of its dimensions, 1 for a scalar; `null` where one is not known.
 *
 * @example
 * ```ts
 * import { Shape } from "effect-neuron"
 *
 * Shape.size([28, 28, 1]) // => 784
 * Shape.size([]) // => 1
 * Shape.size([null, 8]) // => null
 * ```
 */
export const size: {
  (shape: Known): number
  (shape: Shape): number | null
} = (shape: Shape): never => {
  let product: number | null = 1
  for (const dimension of shape) product = product === null || dimension === null ? null : product * dimension
  return product as never
}

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
 * Whether all dimensions of a shape are known.
 *
 * @example
 * ```ts
 * import { Shape } from "effect-neuron"
 *
 * Shape.isKnown([28, 28, 1]) // => true
 * Shape.isKnown([null, 8]) // => false
 * ```
 */
export const isKnown = (shape: Shape): shape is Known => !shape.includes(null)

/**
 * What two shapes of the same thing say together: of each dimension the number that one of them knows. Where they
 * contradict each other the answer is `undefined`.
 *
 * @example
 * ```ts
 * import { Shape } from "effect-neuron"
 *
 * Shape.unify([null, 28, null], [28, null, null]) // => [28, 28, null]
 * Shape.unify([null, 3], [28, 1]) // => undefined
 * ```
 */
export const unify: {
  (that: Shape): (self: Shape) => Shape | undefined
  (self: Shape, that: Shape): Shape | undefined
} = /* @__PURE__ */ dual(2, (self: Shape, that: Shape): Shape | undefined => {
  const fits = self.length === that.length && self.every((n, i) => n === null || that[i] === null || n === that[i])
  return fits ? self.map((n, i) => n ?? that[i]!) : undefined
})

/**
 * A shape, or a tree of shapes, as it stands in messages; `?` is a dimension that is not known.
 *
 * @example
 * ```ts
 * import { Shape } from "effect-neuron"
 *
 * Shape.format([28, 28, 1]) // => "[28, 28, 1]"
 * Shape.format([null, null, 3]) // => "[?, ?, 3]"
 * Shape.format({ x: [28, 28, 1], y: [] }) // => "{ x: [28, 28, 1], y: [] }"
 * ```
 */
export const format = (shape: ShapeTree): string =>
  formatLeaves(shape, isShape, (dimensions: Shape) => `[${dimensions.map((dimension) => dimension ?? "?").join(", ")}]`)
