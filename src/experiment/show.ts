import { Result, Schema } from "effect"
import type { HostTree, NdArray } from "../core/NdArray.ts"
import { format, isShape, size as sizeOf } from "../core/Shape.ts"
import type { ShapeTree } from "../core/Shape.ts"
import { TokenizerDescription } from "../text/description.ts"
import { tokenizerFor } from "./tokens.ts"

const Range = Schema.Tuple([Schema.Finite, Schema.Finite])
const names = Schema.Array(Schema.String)

/**
 * How an array is looked at, as plain data that a file and a page can hold:
 *
 * - `image`: `[height, width, channels]` with 1, 3 or 4 channels (or `[height, width]`), of values in `range`.
 * - `row`: numbers `[n]` with their names, as in a row of a table.
 * - `text`: tokens `[length]` of a `tokenizer`, which its description says (`Text.bytes.description`).
 * - `point`: `[2]`, a point in the plane, whose two coordinates are in `ranges`.
 * - `series`: `[length]` or `[length, channels]`, numbers in the order of time, with the names of the channels. A target
 *   with names of the input's goes on behind it, or begins at the moment `start` of it.
 * - `class`: a class index `[]`; of a prediction the logits of all classes.
 *
 * @example
 * ```ts
 * import { Result, Schema } from "effect"
 * import { Experiment } from "effect-neuron"
 *
 * const digit: Experiment.View = { kind: "image", range: [0, 255] }
 * Schema.is(Experiment.View)(digit) // => true
 * ```
 */
export const View = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("image"), range: Range }),
  Schema.Struct({ kind: Schema.Literal("row"), names }),
  Schema.Struct({ kind: Schema.Literal("text"), tokenizer: TokenizerDescription }),
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
 * import { Result, Schema } from "effect"
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

/** Why an array is not to be looked at in a way: expected and found. */
export type Misfit = readonly [expected: string, actual: string]

const CHANNELS: ReadonlySet<number | null> = new Set([1, 3, 4, null])

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`

/** Why arrays of a shape are not to be looked at in a way; nothing where they are. */
export const misfit = (view: View, shape: ShapeTree): Misfit | undefined => {
  if (!isShape(shape)) return ["one array", "a record of arrays"]
  const found = `numbers ${format(shape)}`, size = sizeOf(shape), { length } = shape
  switch (view.kind) {
    case "image":
      return length === 2 || (length === 3 && CHANNELS.has(shape[2]!))
        ? undefined
        : ["images [height, width, 1, 3 or 4]", found]
    case "row":
      return size === null || size === view.names.length
        ? undefined
        : [counted(size, "name"), `${view.names.length}: ${view.names.join(", ")}`]
    case "text": {
      const made = tokenizerFor(view.tokenizer)
      if (Result.isFailure(made)) return ["a tokenizer that can be made", made.failure.message]
      return length === 1 ? undefined : ["tokens [length]", found]
    }
    case "point":
      return length === 1 && (shape[0] === 2 || shape[0] === null) ? undefined : ["points [2]", found]
    case "series": {
      if (length !== 1 && length !== 2) return ["series [length] or [length, channels]", found]
      const channels = length === 1 ? 1 : shape[1]!
      return channels === null || channels === view.names.length
        ? undefined
        : [counted(channels, "name"), `${view.names.length}: ${view.names.join(", ")}`]
    }
    case "class":
      return length === 0 || size === 1 || size === null
        ? undefined
        : ["class indices []", found]
  }
}

/** Whether arrays of a shape are to be looked at in a way. */
export const fits = (view: View, shape: ShapeTree): boolean => misfit(view, shape) === undefined

/** What the looks of an example are guessed from. */
export interface Example {
  readonly x: HostTree
  readonly y: HostTree
  readonly classes: ReadonlyArray<string>
}

const isArray = (tree: HostTree): tree is NdArray => "data" in tree && "shape" in tree

const numbered = (n: number): ReadonlyArray<string> => Array.from({ length: n }, (_, i) => String(i + 1))

/** The least and the greatest of some values; of none, infinite ones. */
export type Extent = readonly [least: number, greatest: number]

/** The extents of the finite values of an array, of every so many the first, the second, and so on. */
export const extentOf = ({ data }: NdArray, every: number): ReadonlyArray<Extent> => {
  const low = Array.from({ length: every }, () => Infinity), high = low.map((value) => -value)
  if (every === 0) return []
  data.forEach((value: number, i: number) => {
    if (!Number.isFinite(value)) return
    low[i % every] = Math.min(low[i % every]!, value)
    high[i % every] = Math.max(high[i % every]!, value)
  })
  return low.map((least, i) => [least, high[i]!])
}

/** The range of images with such values: from 0 or -1 to 1, to 255 if it is to a large part of that, else their own. */
export const imageRange = ([low, high]: Extent): Extent => {
  if (high <= 1 && low >= -1) return low < 0 ? [-1, 1] : [0, 1]
  if (!(high > low)) return [0, 1]
  return [Math.min(0, low), low >= 0 && high > 127 && high < 255 ? 255 : high]
}

/** A range of a coordinate: from -1 to 1 if that is what it has, else a tenth more on both sides, in numbers of few digits. */
export const pointRange = ([low, high]: Extent): Extent => {
  if (!(high >= low) || (low >= -1 && high <= 1 && high - low > 1)) return [-1, 1]
  const span = high === low ? Math.abs(low) || 1 : high - low, step = 10 ** Math.floor(Math.log10(span)) / 10
  const rounded = (round: (n: number) => number, value: number) => Number((round(value / step) * step).toPrecision(6))
  return [rounded(Math.floor, low - span / 10), rounded(Math.ceil, high + span / 10)]
}

/**
 * How an array is looked at when nobody says it, by its shape: `[height, width, 1 | 3 | 4]` is an image, of bytes from 0
 * to 255, else in the range of its values; `[length, channels]` a series; all else a row. `undefined` for a record of
 * arrays.
 */
export const viewOf = (tree: HostTree): View | undefined => {
  if (!isArray(tree)) return undefined
  const { shape } = tree, [, , channels = 0] = shape
  if (shape.length === 3 && [1, 3, 4].includes(channels)) {
    return { kind: "image", range: tree.data instanceof Uint8Array ? [0, 255] : imageRange(extentOf(tree, 1)[0]!) }
  }
  if (shape.length === 2) return { kind: "series", names: numbered(shape[1]!) }
  return { kind: "row", names: numbered(tree.data.length) }
}

const pointRanges = (x: NdArray): Extract<View, { readonly kind: "point" }>["ranges"] => {
  const [across, up] = extentOf(x, 2)
  return [pointRange(across!), pointRange(up!)]
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
  const input: View | undefined = isPoint ? { kind: "point", ranges: pointRanges(x) } : viewOf(x)
  const target: View | undefined = isClass ? { kind: "class", classes } : viewOf(y)
  if (input === undefined || target === undefined) return undefined
  // A series as long as its input is of the same moments.
  const isBeside = target.kind === "series" && (x as NdArray).shape[0] === (y as NdArray).shape[0]
  return { input, target: isBeside ? { ...target, start: 0 } : target }
}
