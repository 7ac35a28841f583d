import { Context, Effect, Stream } from "effect"
import { naturalNumber, positiveInteger } from "../core/check.ts"
import { DataError } from "../core/errors.ts"
import { operator } from "../core/operator.ts"
import { transform } from "./transform.ts"

/**
 * The number of the pass that a stream is run for, from 0. {@link epochs} sets it; an operator that has to differ from
 * pass to pass, such as {@link shuffle} or a random augmentation, reads it.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Pipeline } from "effect-neuron"
 *
 * const pass = Stream.fromEffect(Effect.map(Effect.service(Pipeline.Epoch), (n) => ({ n })))
 * const twice = Effect.runSync(Stream.runCollect(pass.pipe(Pipeline.epochs(2))))
 * twice.map(({ n }) => n) // => [0, 1]
 * ```
 */
export const Epoch: Context.Reference<number> = Context.Reference<number>("effect-neuron/Pipeline/Epoch", {
  defaultValue: () => 0
})

/** An element that knows the number of its pass, from 0, and whether it is the last one of that pass. */
export type OfEpoch<A> = A & { readonly epoch: number; readonly endOfEpoch: boolean }

export interface EpochsOptions {
  /** How many elements, over all passes, an earlier run has consumed: they are left out. By default 0. */
  readonly skip?: number
  /** How many elements a pass has. If it is known, whole passes are skipped without being run. */
  readonly length?: number
}

const failure = (expected: string, actual: string) => new DataError({ source: "Pipeline.epochs", expected, actual })

/**
 * Runs a stream `count` times, one pass after the other; `Infinity` is allowed. Each element gets the number of its
 * pass, and the last one of a pass is marked, for which one element is held back.
 *
 * To resume, `skip` what has been consumed: the rest comes with the same contents, numbers and marks as if nothing had
 * been skipped. Throws a `RangeError` for a count, skip or length that is none; fails with a `DataError` if a pass has
 * no elements, or not `length` of them.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Pipeline } from "effect-neuron"
 *
 * const run = Stream.make({ n: 1 }, { n: 2 }).pipe(Pipeline.epochs(2, { skip: 1 }))
 * Effect.runSync(Stream.runCollect(run)).map(({ epoch, endOfEpoch, n }) => [epoch, n, endOfEpoch])
 * // => [[0, 2, true], [1, 1, false], [1, 2, true]]
 * ```
 */
export const epochs: {
  (
    count: number,
    options?: EpochsOptions
  ): <A extends object, E, R>(self: Stream.Stream<A, E, R>) => Stream.Stream<OfEpoch<A>, E | DataError, R>
  <A extends object, E, R>(
    self: Stream.Stream<A, E, R>,
    count: number,
    options?: EpochsOptions
  ): Stream.Stream<OfEpoch<A>, E | DataError, R>
} = /* @__PURE__ */ operator((count: number, { skip = 0, length }: EpochsOptions = {}) => {
  if (count !== Infinity) naturalNumber("Pipeline.epochs", "count", count)
  naturalNumber("Pipeline.epochs", "skip", skip)
  if (length !== undefined) positiveInteger("Pipeline.epochs", "length", length)

  return <A extends object, E, R>(self: Stream.Stream<A, E, R>): Stream.Stream<OfEpoch<A>, E | DataError, R> =>
    Stream.suspend(() => {
      const first = length === undefined ? 0 : Math.floor(skip / length)
      let left = length === undefined ? skip : skip % length

      const pass = (epoch: number) =>
        transform(Effect.sync(() => {
          let held: A | undefined
          let seen = 0
          const release = (out: Array<OfEpoch<A>>, endOfEpoch: boolean) => {
            if (held === undefined) return
            if (left > 0) left -= 1
            else out.push({ ...held, epoch, endOfEpoch })
          }
          return {
            push: (chunk: ReadonlyArray<A>, out: Array<OfEpoch<A>>): DataError | undefined => {
              for (const element of chunk) {
                if ("size" in element && element.size === 0) {
                  return failure(`at least one example in batch ${seen} of epoch ${epoch}`, "a batch of size 0")
                }
                release(out, false)
                held = element
                seen += 1
              }
              return undefined
            },
            end: (out: Array<OfEpoch<A>>): DataError | undefined => {
              if (seen === 0) return failure(`elements in epoch ${epoch}`, "an empty stream")
              if (length !== undefined && seen !== length) {
                return failure(`${length} elements in epoch ${epoch}, as length says`, String(seen))
              }
              release(out, true)
              return undefined
            }
          }
        }))(self).pipe(Stream.provideService(Epoch, epoch))

      return Stream.iterate(first, (epoch) => epoch + 1).pipe(
        Stream.takeWhile((epoch) => epoch < count),
        Stream.flatMap(pass)
      )
    })
})
