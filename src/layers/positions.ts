import { add, slice, tensor2d } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fail, shapeOf } from "../backend/checks.ts"
import { refuse } from "../core/check.ts"
import { boolean, positiveInteger } from "../core/Kind.ts"
import type { Kind } from "../core/Kind.ts"
import { normal } from "../initializers/distributions.ts"
import { initializer } from "../initializers/kind.ts"
import type { Initializer } from "../initializers/kind.ts"
import type { Table } from "./embedding.ts"
import { kind } from "./kind.ts"
import { known, make, mismatch } from "./Layer.ts"
import type { Empty, Layer } from "./Layer.ts"
import { inPlaceOf, partsIn, shapeIn } from "./masked.ts"
import type { Sequence } from "./masked.ts"

/** The running state of {@link positions} that are stateful: how many steps were before. */
export type Position = { readonly position: number }

/** The options of {@link positions}. */
export interface PositionsOptions {
  /** How many positions are learned: no sequence is longer. Without it positions are sinusoids. */
  readonly length?: number
  /** Whether a sequence goes on where the one before it ended: see `Layers.stateful`. By default not. */
  readonly stateful?: boolean
  /** Of the table of what is learned, by default `normal({ stddev: 0.02 })`. */
  readonly tableInitializer?: Initializer
}

const SEQUENCE = "[time, features]"

/**
 * Adds to each step of a sequence `[time, features]` a vector that says where it stands, for layers that see no order,
 * as attention (Vaswani et al.: "Attention is all you need", 2017). With a `length` the vectors are learned, as in GPT:
 * parameters `table` of `[length, features]`. Without it they are sinusoids of any length: at the position t, sin(t /
 * 10000^(2i / features)) is added to the feature 2i, and the cosine to 2i + 1. Takes a sequence with a mask too,
 * `Layers.positions<Layers.Masked>()`. A sequence that is longer than the table is a `ShapeError`. Throws a
 * `RangeError` for a length that is no positive integer.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * const words = Layers.serial(Layers.embedding({ size: 1000, features: 16 }), Layers.positions({ length: 64 }))
 * const { output, params } = Result.getOrThrow(words.init(Key.make(0), [null]))
 * output // => [null, 16]
 * params[1].table.shape // => [64, 16]
 * ```
 */
export const positions = /* @__PURE__ */ kind("positions", {
  options: {
    length: { type: positiveInteger, optional: true },
    stateful: { type: boolean, default: false },
    tableInitializer: { type: initializer, optional: true }
  },
  given: (options: PositionsOptions = {}) => {
    if (options.length === undefined && options.tableInitializer !== undefined) {
      refuse("positions", "length", "given beside tableInitializer", undefined)
    }
    return [options]
  },
  make: ({ length, stateful, tableInitializer = normal({ stddev: 0.02 }) }) => {
    const valuesOf = sinusoids()
    return make<Partial<Table>, Partial<Position>, Sequence, Sequence>({
      name: "positions",
      multiplyAdds: () => 0,
      init: (key, input) =>
        Result.gen(function*() {
          const shape = yield* shapeIn("positions", input)
          if (shape.length !== 2) return yield* mismatch("positions", SEQUENCE, shape)
          const [features] = yield* known("positions", SEQUENCE, shape, 1), [time] = shape as [number | null, number]
          if (length !== undefined && time !== null && time > length) {
            return yield* mismatch("positions", `${SEQUENCE} of at most ${length} steps`, shape)
          }
          const params = length === undefined ? {} : { table: tableInitializer(key, [length, features]) }
          return { params, state: stateful ? { position: 0 } : {}, output: input }
        }),
      apply: ({ table }, state, given, { fresh = false }) => {
        const { x } = partsIn("positions", given), features = table?.shape[1] ?? x.shape[2]
        if (x.rank !== 3 || x.shape[2] !== features) {
          fail("positions", `x [batch, time, ${features ?? "features"}]`, shapeOf(x))
        }
        const time = x.shape[1]!, { position = 0 } = stateful && !fresh ? state : {}, end = position + time
        if (table !== undefined && end > table.shape[0]!) {
          fail("positions", `at most ${table.shape[0]} steps`, position === 0 ? `${time}` : `${time} after ${position}`)
        }
        const places = table === undefined
          ? valuesOf(position, end, features!)
          : time === table.shape[0]
          ? table
          : slice(table, [position, 0], [time, features!])
        return [inPlaceOf(given, add(x, places)), stateful ? { position: end } : state]
      }
    })
  }
}) as
  & {
    <X extends Sequence = Tensor>(
      options: PositionsOptions & { readonly length: number; readonly stateful: true }
    ): Layer<Table, Position, NoInfer<X>, NoInfer<X>>
    <X extends Sequence = Tensor>(
      options: PositionsOptions & { readonly length: number; readonly stateful?: false }
    ): Layer<Table, Empty, NoInfer<X>, NoInfer<X>>
    <X extends Sequence = Tensor>(
      options: { readonly length?: undefined; readonly stateful: true }
    ): Layer<Empty, Position, NoInfer<X>, NoInfer<X>>
    <X extends Sequence = Tensor>(
      options?: { readonly length?: undefined; readonly stateful?: false }
    ): Layer<Empty, Empty, NoInfer<X>, NoInfer<X>>
  }
  & Kind

/** The sinusoids of positions, those of the first ones computed once for a layer, as many as were asked for until now. */
const sinusoids = () => {
  let known = new Float32Array(0), width = 0
  return (from: number, to: number, features: number): Tensor => {
    const shape: [number, number] = [to - from, features]
    if (to > MOST_KNOWN) return tensor2d(sinusoidsOf(from, to, features), shape)
    if (width !== features || known.length < to * features) {
      // As one step after the other asks for one more.
      const before = width === features ? known.length / features : 0
      known = sinusoidsOf(0, Math.max(to, Math.min(2 * before, MOST_KNOWN)), features)
      width = features
    }
    return tensor2d(known.slice(from * features, to * features), shape)
  }
}

const MOST_KNOWN = 1 << 16

const sinusoidsOf = (from: number, to: number, features: number): Float32Array<ArrayBuffer> => {
  const values = new Float32Array((to - from) * features)
  for (let t = from, at = 0; t < to; t++) {
    for (let i = 0; i < features; i++, at++) {
      const angle = t / 1e4 ** ((i - i % 2) / features)
      values[at] = i % 2 === 0 ? Math.sin(angle) : Math.cos(angle)
    }
  }
  return values
}
