import { Schema } from "effect"
import type { HostTree, NdArray } from "../core/NdArray.ts"

const Range = Schema.Tuple([Schema.Finite, Schema.Finite])
const names = Schema.Array(Schema.String)

/**
 * How an array is looked at, as plain data that a file and a page can hold:
 *
 * - `image`: `[height, width, channels]` with 1, 3 or 4 channels (or `[height, width]`), of values in `range`.
 * - `row`: numbers `[n]` with their names, as in a row of a table.
 * - `text`: token indices `[length]`, each of a `vocabulary`; tokens are joined without a space between them.
 * - `point`: `[2]`, a point in the plane, whose two coordinates are in `ranges`.
 * - `series`: `[length]` or `[length, channels]`, numbers in the order of time, with the names of the channels. A target
 *   with names of the input's goes on behind it, or begins at the moment `start` of it.
 * - `class`: a class index `[]`; of a prediction the logits of all classes.
 *
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { Experiment } from "effect-neuron"
 *
 * const digit: Experiment.View = { kind: "image", range: [0, 255] }
 * Schema.is(Experiment.View)(digit) // => true
 * ```
 */
export const View = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("image"), range: Range }),
  Schema.Struct({ kind: Schema.Literal("row"), names }),
  Schema.Struct({ kind: Schema.Literal("text"), vocabulary: names }),
  Schema.Struct({ kind: Schema.Literal("point"), ranges: Schema.Tuple([Range, Range]) }),
  Schema.Struct({ kind: Schema.Literal("series"), names, start: Schema.optionalKey(Schema.Int) }),
  Schema.Struct({ kind: Schema.Literal("class"), classes: names })
])
export type View = typeof View.Type

/**
 * How an example is looked at: its input, and its target, which is how a prediction is looked at too.
 *
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { Experiment } from "effect-neuron"
 *
 * const price: Experiment.Show = {
 *   input: { kind: "row", names: ["rooms", "distance"] },
 *   target: { kind: "row", names: ["price"] }
 * }
 * Schema.is(Experiment.Show)(price) // => true
 * ```
 */
export const Show = Schema.Struct({ input: View, target: View })
export type Show = typeof Show.Type

/** What the looks of an example are guessed from. */
export interface Example {
  readonly x: HostTree
  readonly y: HostTree
  readonly classes: ReadonlyArray<string>
}

const isArray = (tree: HostTree): tree is NdArray => "data" in tree && "shape" in tree

const numbered = (n: number): ReadonlyArray<string> => Array.from({ length: n }, (_, i) => String(i + 1))

const rangeOf = ({ data }: NdArray): readonly [number, number] => {
  if (data instanceof Uint8Array) return [0, 255]
  return (data as Float32Array).some((value) => value < 0) ? [-1, 1] : [0, 1]
}

/**
 * How an array is looked at when nobody says it, by its shape: `[height, width, 1 | 3 | 4]` is an image, of bytes from 0
 * to 255, else from 0 to 1, or from -1 where it has values below 0; `[length, channels]` a series; all else a row.
 * `undefined` for a record of arrays.
 */
export const viewOf = (tree: HostTree): View | undefined => {
  if (!isArray(tree)) return undefined
  const { shape } = tree, [, , channels = 0] = shape
  if (shape.length === 3 && [1, 3, 4].includes(channels)) return { kind: "image", range: rangeOf(tree) }
  if (shape.length === 2) return { kind: "series", names: numbered(shape[1]!) }
  return { kind: "row", names: numbered(tree.data.length) }
}

/**
 * How an example is looked at when nobody says it: its target as a class where it is the index of one of them, two numbers of a
 * classifier as a point, all else as {@link viewOf} says. `undefined` where a part is a record of arrays.
 */
export const showOf = ({ classes, x, y }: Example): Show | undefined => {
  // The target of a logit may have its shape, [1].
  const isClass = classes.length > 0 && isArray(y) &&
    (y.shape.length === 0 || (classes.length === 2 && y.data.length === 1))
  const isPoint = isClass && isArray(x) && x.shape.length === 1 && x.shape[0] === 2
  const input: View | undefined = isPoint ? { kind: "point", ranges: [[-1, 1], [-1, 1]] } : viewOf(x)
  const target: View | undefined = isClass ? { kind: "class", classes } : viewOf(y)
  if (input === undefined || target === undefined) return undefined
  // A series as long as its input is of the same moments.
  const isBeside = target.kind === "series" && (x as NdArray).shape[0] === (y as NdArray).shape[0]
  return { input, target: isBeside ? { ...target, start: 0 } : target }
}
