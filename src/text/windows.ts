import { Effect, Stream } from "effect"
import { naturalNumber, positiveInteger } from "../core/check.ts"
import { DataError } from "../core/errors.ts"
import * as Key from "../core/Key.ts"
import type { NdArray } from "../core/NdArray.ts"
import * as Random from "../core/Random.ts"
import { Epoch } from "../pipeline/epochs.ts"
import type { Batch } from "../pipeline/stack.ts"
import { order } from "./order.ts"
import type { Tokens } from "./Tokens.ts"

/** The options of {@link windows}. */
export interface WindowsOptions {
  /** How many tokens a window has. */
  readonly time: number
  /**
   * With it windows come in a random order, and begin at other places in each epoch. By default in the order of the
   * text.
   */
  readonly seed?: number
}

/** A window of a text, and the tokens that follow each of its tokens. */
export type Window = { readonly x: NdArray; readonly y: NdArray }

const check = (by: string, { seed, time }: WindowsOptions): void => {
  positiveInteger(by, "time", time)
  if (seed !== undefined) naturalNumber(by, "seed", seed)
}

const tooFew = (by: string, length: number, needed: number) =>
  Effect.fail(
    new DataError({ source: by, expected: `a text of at least ${needed} tokens`, actual: `one of ${length}` })
  )

/**
 * How many windows {@link windows} has of so many tokens. With a seed it is one less where there are several, since they
 * begin at another place in each epoch.
 *
 * @example
 * ```ts
 * import { Text } from "effect-neuron"
 *
 * Text.countWindows(1_000_001, { time: 100 }) // => 10000
 * ```
 */
export const countWindows = (length: number, { seed, time }: WindowsOptions): number =>
  seed === undefined
    ? Math.max(0, Math.floor((length - 1) / time))
    : Math.max(length > time ? 1 : 0, Math.floor(length / time) - 1)

const windowOf = (tokens: Tokens, from: number, time: number): Effect.Effect<Window, DataError> =>
  Effect.map(tokens.read(from, time + 1), (data) => ({
    x: { data: data.subarray(0, time), shape: [time] },
    y: { data: data.subarray(1), shape: [time] }
  }))

/** Where the windows of an epoch begin, and their keys. */
const beginning = (length: number, { seed, time }: WindowsOptions, epoch: number) => {
  if (seed === undefined) return { first: 0 }
  const [places, ordering] = Key.split(Key.fold(Key.make(seed), epoch))
  // One of all places from which the windows still end within the text.
  const free = Math.min(time, length - countWindows(length, { seed, time }) * time)
  return { first: Math.floor(Random.generator(places)() * free), ordering }
}

/**
 * A text in windows of `time` tokens, for a model that predicts the next one: `x` are the tokens, `y` those that follow
 * each of them, int32 of `[time]`. What is left at the end is left out.
 *
 * With a `seed` the windows are in a random order, and begin at another place in each epoch: both are functions of the
 * seed and of the number of the epoch (`Pipeline.Epoch`), so that a run that is resumed goes on as it would have. Any
 * window is read where it is: the order needs no memory, and a file need not fit in it.
 *
 * Fails with a `DataError` for a text that has no room for a window and the token behind it. Throws a `RangeError` for a
 * `time` or a seed that is none.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Text } from "effect-neuron"
 *
 * const tokens = Text.fromArray(Text.bytes.encode("to be or not"))
 * const windows = Effect.runSync(Stream.runCollect(Text.windows(tokens, { time: 5 })))
 * windows.map(({ x, y }) => [x, y].map(({ data }) => Text.bytes.decode(data))) // => [["to be", "o be "], [" or n", "or no"]]
 * ```
 */
export const windows = (tokens: Tokens, options: WindowsOptions): Stream.Stream<Window, DataError> => {
  check("Text.windows", options)
  const { time } = options, { length } = tokens, count = countWindows(length, options)
  if (count === 0) return Stream.fromEffect(tooFew("Text.windows", length, time + 1))
  return Stream.unwrap(Effect.map(Effect.service(Epoch), (epoch) => {
    const { first, ordering } = beginning(length, options, epoch)
    const at = ordering === undefined ? (i: number) => i : order(ordering, count)
    return Stream.mapEffect(Stream.range(0, count - 1), (i) => windowOf(tokens, first + at(i) * time, time))
  }))
}

/** The options of {@link lanes}. */
export interface LanesOptions extends WindowsOptions {
  /** How many texts go on beside each other: the rows of a batch. */
  readonly batchSize: number
}

/**
 * How many batches {@link lanes} has of so many tokens.
 *
 * @example
 * ```ts
 * import { Text } from "effect-neuron"
 *
 * Text.countLanes(1_000_001, { batchSize: 10, time: 100 }) // => 1000
 * ```
 */
export const countLanes = (length: number, { batchSize, seed, time }: LanesOptions): number =>
  countWindows(Math.floor((length - 1) / batchSize) + 1, { time, ...(seed === undefined ? {} : { seed }) })

/**
 * A text in as many lanes as a batch has rows: each row of a batch goes on where that of the batch before has ended, for
 * a model that keeps its state from batch to batch (`Layers.stateful`). `x` and `y` are int32 of `[batchSize, time]`.
 *
 * With a `seed` the lanes begin at another place in each epoch, a function of both.
 *
 * Fails with a `DataError` for a text that is too short. Throws a `RangeError` for options that are none.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Text } from "effect-neuron"
 *
 * const tokens = Text.fromArray(Text.bytes.encode("to be or not to be!"))
 * const batches = Effect.runSync(Stream.runCollect(Text.lanes(tokens, { batchSize: 2, time: 4 })))
 * batches.map(({ x }) => Text.bytes.decode(x.data)) // => ["to bnot ", "e orto b"]
 * ```
 */
export const lanes = (tokens: Tokens, options: LanesOptions): Stream.Stream<Batch<Window>, DataError> => {
  check("Text.lanes", options)
  positiveInteger("Text.lanes", "batchSize", options.batchSize)
  const { batchSize, time } = options, { length } = tokens, count = countLanes(length, options)
  if (count === 0) return Stream.fromEffect(tooFew("Text.lanes", length, batchSize * time + 1))
  const lane = Math.floor((length - 1) / batchSize), shape = [batchSize, time]
  return Stream.unwrap(Effect.map(Effect.service(Epoch), (epoch) => {
    const { first } = beginning(lane + 1, options, epoch)
    return Stream.mapEffect(Stream.range(0, count - 1), (i) =>
      Effect.map(
        Effect.forEach(Array.from({ length: batchSize }), (_, row) =>
          tokens.read(row * lane + first + i * time, time + 1)),
        (rows) => {
          const x = new Int32Array(batchSize * time), y = new Int32Array(batchSize * time)
          rows.forEach((row, i) => {
            x.set(row.subarray(0, time), i * time)
            y.set(row.subarray(1), i * time)
          })
          return { x: { data: x, shape }, y: { data: y, shape }, size: batchSize }
        }
      ))
  }))
}
