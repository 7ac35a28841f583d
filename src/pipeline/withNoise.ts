import { Effect, Pull, Result, Stream } from "effect"
import { positiveInteger } from "../core/check.ts"
import { DataError } from "../core/errors.ts"
import type { NdArray } from "../core/NdArray.ts"
import { operator } from "../core/operator.ts"
import { stack } from "./stack.ts"
import type { Batch } from "./stack.ts"

type Real = Batch<{ readonly x: NdArray; readonly y?: NdArray }> & {
  readonly epoch?: number
  readonly endOfEpoch?: boolean
}

/** Real batches, and a batch of noise for each of them and for the generator. */
export type WithNoise<A> = {
  readonly real: ReadonlyArray<A>
  readonly noise: ReadonlyArray<NdArray>
  /** The number of real examples. */
  readonly size: number
  /** The epoch of the first real batch, where they know it. */
  readonly epoch: number
  /** Whether one of the real batches is the last of an epoch. */
  readonly endOfEpoch: boolean
}

export interface WithNoiseOptions {
  /** The number of updates of the critic for one of the generator, by default 1. */
  readonly criticSteps?: number
}

/** Takes examples of noise from a stream, as many as are asked for. */
const taker = <E, R>(noise: Stream.Stream<{ readonly x: NdArray }, E, R>) =>
  Effect.map(Stream.toPull(noise), (pull) => {
    let chunk: ReadonlyArray<{ readonly x: NdArray }> = [], at = 0, taken = 0
    const more = Effect.map(
      Pull.catchDone(pull, () =>
        Effect.fail(
          new DataError({
            source: "Pipeline.withNoise",
            expected: "noise without end",
            actual: `an end after ${taken}`
          })
        )),
      (next) => {
        chunk = next
        at = 0
      }
    )
    return (count: number): Effect.Effect<NdArray, E | DataError> => {
      const examples: Array<{ readonly x: NdArray }> = []
      const fill: Effect.Effect<NdArray, E | DataError> = Effect.suspend(() => {
        while (at < chunk.length && examples.length < count) {
          examples.push(chunk[at++]!)
          taken++
        }
        if (examples.length < count) return Effect.andThen(more, fill)
        return Effect.fromResult(Result.map(stack(examples, { offset: taken - count }), ({ x }) => x))
      })
      return fill
    }
  })

/**
 * Brings real batches together with noise for adversarial training: `criticSteps` (by default 1) real batches, as much
 * noise for each of them, and as much again as for the last for the update of the generator. Nothing is used twice.
 * Real batches at the end that are too few for a step are left out.
 *
 * To resume after `n` steps of batches of `size`, skip `n · criticSteps` batches (`Pipeline.epochs`) and start the
 * noise from `n · (criticSteps + 1) · size`; let `Pipeline.batch` drop the remainder, so that all batches have one
 * size.
 *
 * Throws a `RangeError` if `criticSteps` is no positive integer; fails with a `DataError` if the noise ends.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Datasets, NdArray, Pipeline } from "effect-neuron"
 *
 * const steps = Stream.range(1, 40).pipe(
 *   Stream.map((n) => ({ x: NdArray.make([n], [1]) })),
 *   Pipeline.batch(4),
 *   Pipeline.withNoise(Datasets.noise({ shape: [8], seed: 1 }), { criticSteps: 5 }),
 *   Stream.runCollect
 * )
 * const [first] = Effect.runSync(steps)
 * first!.real.length // => 5
 * first!.noise.map(({ shape }) => shape.join()) // => ["4,8", "4,8", "4,8", "4,8", "4,8", "4,8"]
 * ```
 */
export const withNoise: {
  <E2, R2>(
    noise: Stream.Stream<{ readonly x: NdArray }, E2, R2>,
    options?: WithNoiseOptions
  ): <A extends Real, E, R>(
    self: Stream.Stream<A, E, R>
  ) => Stream.Stream<WithNoise<A>, E | E2 | DataError, R | R2>
  <A extends Real, E, R, E2, R2>(
    self: Stream.Stream<A, E, R>,
    noise: Stream.Stream<{ readonly x: NdArray }, E2, R2>,
    options?: WithNoiseOptions
  ): Stream.Stream<WithNoise<A>, E | E2 | DataError, R | R2>
} = /* @__PURE__ */ operator(<E2, R2>(
  noise: Stream.Stream<{ readonly x: NdArray }, E2, R2>,
  { criticSteps = 1 }: WithNoiseOptions = {}
) => {
  positiveInteger("Pipeline.withNoise", "criticSteps", criticSteps)
  return <A extends Real, E, R>(
    self: Stream.Stream<A, E, R>
  ): Stream.Stream<WithNoise<A>, E | E2 | DataError, R | R2> =>
    Stream.unwrap(Effect.map(taker(noise), (take) =>
      self.pipe(
        Stream.grouped(criticSteps),
        Stream.filter((real) => real.length === criticSteps),
        Stream.mapEffect((real) =>
          Effect.map(
            Effect.forEach([...real, real.at(-1)!], ({ size }) => take(size)),
            (noise): WithNoise<A> => ({
              real,
              noise,
              size: real.reduce((total, { size }) => total + size, 0),
              epoch: real[0]!.epoch ?? 0,
              endOfEpoch: real.some(({ endOfEpoch }) => endOfEpoch === true)
            })
          )
        )
      )))
}, 1)
