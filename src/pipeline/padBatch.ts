import { Result } from "effect"
import type { Stream } from "effect"
import { naturalNumber, positiveInteger, refuse } from "../core/check.ts"
import { DataError } from "../core/errors.ts"
import { allocate, isArrayLike } from "../core/hostArray.ts"
import { isNdArray } from "../core/NdArray.ts"
import type { HostTree, NdArray } from "../core/NdArray.ts"
import { operator } from "../core/operator.ts"
import { size as sizeOf } from "../core/Shape.ts"
import { mapLeaves } from "../core/structure.ts"
import type { BatchOptions } from "./batch.ts"
import { byLength } from "./byLength.ts"
import { grouped } from "./grouped.ts"
import { stack } from "./stack.ts"
import type { Batch, Example } from "./stack.ts"

/** A batch of sequences of different lengths, as `Layers.Masked` takes it. */
export type Padded<A> = A extends NdArray ? { readonly x: A; readonly mask: NdArray }
  : { readonly [K in keyof A]: Padded<A[K]> }

/** The options of {@link padBatch}. */
export interface PadBatchOptions<M extends string = string> extends BatchOptions {
  /** Whose arrays become `{ x, mask }`, by default `["x"]`. */
  readonly masked?: ReadonlyArray<M>
  /** Whose arrays are filled up as well, without a mask: targets of each step. By default none. */
  readonly padded?: ReadonlyArray<string>
  /** What their length is a multiple of, by default 1. */
  readonly multiple?: number
  /**
   * Puts examples of about one length into a batch, so that little is filled up: those of `buffer` at a time, at least
   * as many as there are in a batch. The order of the batches, as of {@link shuffle}, is one of the seed and the epoch.
   */
  readonly buckets?: { readonly buffer: number; readonly seed: number }
}

type Keys<A> = Extract<keyof A, string>
type PaddedBatch<A, M> = Batch<{ readonly [K in keyof A]: K extends M ? Padded<A[K]> : A[K] }>

/**
 * Batches of examples of different lengths, the first dimensions of their arrays: the arrays under the keys of `masked`
 * become `{ x, mask }`, as `Layers.Masked` takes them, x of `[batch, longest, ...]` filled up with zeros, and a mask of
 * `[batch, longest]`, 1 where the example has a step and 0 where it has none. What is under other keys is stacked as by
 * {@link batch}, or filled up too. With `buckets` a batch has examples of about one length. Everything else is as of
 * {@link batch}: so is what is exact when a run is resumed.
 *
 * Throws a `RangeError` for numbers that are none, and keys that are in both lists; fails with a `DataError` if examples
 * of one batch do not agree in all but their lengths.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { NdArray, Pipeline } from "effect-neuron"
 *
 * const words = Stream.make([3, 1], [5, 9, 2]).pipe(Stream.map((ids) => ({ x: NdArray.make(Int32Array.from(ids), [ids.length]) })))
 * const [batch] = Effect.runSync(Stream.runCollect(words.pipe(Pipeline.padBatch(2))))
 * batch?.x.x // => NdArray.make(Int32Array.of(3, 1, 0, 5, 9, 2), [2, 3])
 * batch?.x.mask // => NdArray.make([1, 1, 0, 1, 1, 1], [2, 3])
 * ```
 */
export const padBatch: {
  <const M extends string = "x">(
    size: number,
    options?: PadBatchOptions<M>
  ): <A extends Example & { readonly [K in M]: HostTree }, E, R>(
    self: Stream.Stream<A, E, R>
  ) => Stream.Stream<PaddedBatch<A, M>, E | DataError, R>
  <A extends Example, E, R, const M extends Keys<A> = Extract<Keys<A>, "x">>(
    self: Stream.Stream<A, E, R>,
    size: number,
    options?: PadBatchOptions<M>
  ): Stream.Stream<PaddedBatch<A, M>, E | DataError, R>
} = /* @__PURE__ */ operator((size: number, options: PadBatchOptions = {}) => {
  const { buckets, dropRemainder = false, masked = ["x"], multiple = 1, padded = [] } = options
  positiveInteger(SOURCE, "size", size)
  positiveInteger(SOURCE, "multiple", multiple)
  const twice = padded.find((key) => masked.includes(key))
  if (twice !== undefined) refuse(SOURCE, "padded", "keys that are not in masked", twice)
  if (buckets !== undefined) {
    positiveInteger(SOURCE, "buckets.buffer", buckets.buffer)
    naturalNumber(SOURCE, "buckets.seed", buckets.seed)
    if (buckets.buffer < size) refuse(SOURCE, "buckets.buffer", `at least the size of a batch, ${size}`, buckets.buffer)
  }
  const make = grouped(
    size,
    dropRemainder,
    (examples: ReadonlyArray<Example>, offset) => padAll(examples, offset, { masked, multiple, padded })
  )
  if (buckets === undefined) return make as never
  const lengthOf = (example: Example): number => {
    let longest = 0
    for (const key of masked) {
      mapped(example[key], key, ({ shape }) => longest = Math.max(longest, shape[0] ?? 0))
    }
    return longest
  }
  const arranged = byLength(size, buckets.buffer, buckets.seed, lengthOf)
  return ((self: Stream.Stream<Example>) => make(arranged(self))) as never
})

const SOURCE = "Pipeline.padBatch"

/** The same tree with something else in the place of each array, which stands at a path. */
const mapped = (tree: unknown, key: string, f: (array: NdArray, path: string) => unknown): HostTree =>
  mapLeaves(tree, isArrayLike, (array: NdArray, path) => f(array, path === "" ? key : `${key}.${path}`)) as HostTree

const filled = (array: NdArray, longest: number): NdArray => {
  const { data, shape: [length, ...step] } = array
  // What is no array, or no sequence, is told from others where they are stacked.
  if (length === undefined || length === longest || !isNdArray(array)) return array
  const shape = [longest, ...step], out = allocate(data, sizeOf(shape))
  out.set(data)
  return { data: out, shape }
}

/** A mask of the steps that there are. */
const maskOf = (lengths: ReadonlyArray<number>, longest: number): NdArray => {
  const data = new Float32Array(lengths.length * longest)
  lengths.forEach((length, i) => data.fill(1, i * longest, i * longest + length))
  return { data, shape: [lengths.length, longest] }
}

const padAll = (
  examples: ReadonlyArray<Example>,
  offset: number,
  { masked, multiple, padded }: Required<Pick<PadBatchOptions, "masked" | "multiple" | "padded">>
): Result.Result<Batch<Example>, DataError> => {
  const keys = [...masked, ...padded], [first] = examples as readonly [Example, ...ReadonlyArray<Example>]
  const fail = (i: number, expected: string, actual: string) =>
    Result.fail(new DataError({ source: `${SOURCE}, example ${offset + i}`, expected, actual }))
  const missing = keys.find((key) => !Object.hasOwn(first, key))
  if (missing !== undefined) return fail(0, `sequences at ${missing}`, `{ ${Object.keys(first).join(", ")} }`)
  const lengths = new Map<string, Array<number>>(), scalars: Array<readonly [i: number, path: string]> = []
  for (const [i, example] of examples.entries()) {
    for (const key of keys) {
      mapped(example[key], key, ({ shape }, path) => {
        if (shape.length === 0) scalars.push([i, path])
        else if (lengths.has(path)) lengths.get(path)![i] = shape[0]!
        else lengths.set(path, examples.map((_, at) => at === i ? shape[0]! : 0))
      })
    }
  }
  const [scalar] = scalars
  if (scalar !== undefined) return fail(scalar[0], `a sequence at ${scalar[1]}`, "one value, of the shape []")
  const longest = (path: string) => multiple * Math.max(1, Math.ceil(Math.max(...lengths.get(path)!) / multiple))
  const replaced = <A extends Example>(
    example: A,
    keys: ReadonlyArray<string>,
    f: Parameters<typeof mapped>[2]
  ): A => ({
    ...example,
    ...Object.fromEntries(
      keys.flatMap((key) => Object.hasOwn(example, key) ? [[key, mapped(example[key], key, f)]] : [])
    )
  })
  const all = examples.map((example) => replaced(example, keys, (array, path) => filled(array, longest(path))))
  return Result.map(
    stack(all, { offset, source: SOURCE }),
    (batch) => replaced(batch, masked, (x, path) => ({ x, mask: maskOf(lengths.get(path)!, longest(path)) }))
  )
}
