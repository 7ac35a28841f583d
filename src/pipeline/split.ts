import { Effect } from "effect"
import type { Stream } from "effect"
import { naturalNumber, refuse } from "../core/check.ts"
import * as Key from "../core/Key.ts"
import { operator } from "../core/operator.ts"
import { transform } from "./transform.ts"

export interface SplitOptions {
  /** The share of the examples that go to validation, from 0 to 1. */
  readonly fraction: number
  readonly seed: number
}

/** The two sides of a stream of examples. */
export interface TrainAndValidation<A, E, R> {
  readonly train: Stream.Stream<A, E, R>
  readonly validation: Stream.Stream<A, E, R>
}

/** Whether the example of a place in the stream goes to validation. */
const heldOut = ({ fraction, seed }: SplitOptions): (index: number) => boolean => {
  const key = Key.make(seed), threshold = fraction * 2 ** 32, word = new Uint32Array(2)
  return (index) => {
    // The first counter word keeps these draws apart from those of a shuffle with the same seed.
    Key.threefry(key, 1 + Math.floor(index / 2 ** 32), index, word)
    return word[0]! < threshold
  }
}

/** How many of the first `size` examples {@link split} gives to validation. */
export const countHeldOut = (size: number, options: SplitOptions): number => {
  const isHeldOut = heldOut(options)
  let count = 0
  for (let index = 0; index < size; index++) if (isHeldOut(index)) count++
  return count
}

/**
 * Splits a stream into examples to train with and examples to validate with. Each example goes to one side by a hash of
 * the seed and of its place in the stream, whatever the epoch; `fraction` is the share of the validation side, on
 * average. Nothing is stored: each side runs the whole stream and leaves out what belongs to the other.
 *
 * Split before {@link shuffle}, which would give an example another place in each epoch.
 *
 * Throws a `RangeError` if the fraction is not from 0 to 1, or the seed no integer from 0.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Pipeline } from "effect-neuron"
 *
 * const { train, validation } = Stream.range(0, 9).pipe(Pipeline.split({ fraction: 0.3, seed: 1 }))
 * const both = Effect.runSync(Stream.runCollect(Stream.concat(train, validation)))
 * both.sort() // => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
 * ```
 */
export const split: {
  (options: SplitOptions): <A, E, R>(self: Stream.Stream<A, E, R>) => TrainAndValidation<A, E, R>
  <A, E, R>(self: Stream.Stream<A, E, R>, options: SplitOptions): TrainAndValidation<A, E, R>
} = /* @__PURE__ */ operator(({ fraction, seed }: SplitOptions) => {
  naturalNumber("Pipeline.split", "seed", seed)
  if (!(fraction >= 0 && fraction <= 1)) refuse("Pipeline.split", "fraction", "from 0 to 1", fraction)
  return <A, E, R>(self: Stream.Stream<A, E, R>): TrainAndValidation<A, E, R> => {
    const side = (ofValidation: boolean) =>
      transform(Effect.sync(() => {
        const isHeldOut = heldOut({ fraction, seed })
        let index = 0
        return {
          push: (chunk: ReadonlyArray<A>, out: Array<A>): undefined => {
            for (const element of chunk) {
              if (isHeldOut(index) === ofValidation) out.push(element)
              index += 1
            }
          }
        }
      }))(self)
    return { train: side(false), validation: side(true) }
  }
})
