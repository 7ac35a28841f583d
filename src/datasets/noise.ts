import { Stream } from "effect"
import { naturalNumber } from "../core/check.ts"
import { shapeProblem } from "../core/hostArray.ts"
import * as Key from "../core/Key.ts"
import type { NdArray } from "../core/NdArray.ts"
import * as Random from "../core/Random.ts"
import { size } from "../core/Shape.ts"

/** Draws `n` numbers with a key: `Random.normal`, `Random.uniform`, or a function of one's own. */
export type Sampler = (key: Key.Key, n: number) => Float32Array

/**
 * Noise for a generator: the shape of it for one example, and how its numbers are drawn, by default `Random.normal`.
 */
export interface Latent {
  readonly shape: ReadonlyArray<number>
  readonly sampler?: Sampler
}

const CHUNK = 64

/**
 * Random examples without end, `{ x }` of the given shape. The `i`-th is a function of the seed and of `i` alone, so
 * that a run is resumed by starting `from` the number of those that it has used. Throws a `RangeError` for a seed, a
 * shape or a `from` that is none.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Datasets, Random } from "effect-neuron"
 *
 * const take = (from: number) =>
 *   Datasets.noise({ shape: [2], seed: 1, sampler: Random.uniform, from }).pipe(Stream.take(4), Stream.runCollect)
 * Effect.runSync(take(0))[3]!.x.data.join() === Effect.runSync(take(3))[0]!.x.data.join() // => true
 * ```
 */
export const noise = (
  { from = 0, sampler = Random.normal, seed, shape }: Latent & { readonly seed: number; readonly from?: number }
): Stream.Stream<{ readonly x: NdArray }> => {
  naturalNumber("noise", "from", from)
  const wrong = shapeProblem(shape)
  if (wrong !== undefined) throw new RangeError(`noise: ${wrong}`)
  const key = Key.make(seed), n = size(shape)
  const example = (i: number) => ({ x: { data: sampler(Key.fold(key, i), n), shape } })
  return Stream.iterate(from, (i) => i + CHUNK).pipe(
    Stream.map((first) => Array.from({ length: CHUNK }, (_, j) => example(first + j))),
    Stream.flattenIterable
  )
}

/** `count` examples of noise at once, `[count, ...shape]`: the first ones of what a stream with this key would give. */
export const noiseBatch = ({ sampler = Random.normal, shape }: Latent, count: number, key: Key.Key): NdArray => {
  const n = size(shape), data = new Float32Array(count * n)
  for (let i = 0; i < count; i++) data.set(sampler(Key.fold(key, i), n), i * n)
  return { data, shape: [count, ...shape] }
}
