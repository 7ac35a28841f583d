import { Effect } from "effect"
import type { Stream } from "effect"
import { naturalNumber, positiveInteger } from "../core/check.ts"
import * as Key from "../core/Key.ts"
import { operator } from "../core/operator.ts"
import * as Random from "../core/Random.ts"
import { Epoch } from "./epochs.ts"
import { transform } from "./transform.ts"

export interface ShuffleOptions {
  /** How many elements are held, a positive integer. */
  readonly buffer: number
  /** Another order for another seed, an integer from 0. */
  readonly seed: number
}

/**
 * Shuffles a stream through a buffer of `buffer` elements: each element that arrives takes the place of a random one,
 * which leaves. Memory is that of the buffer; with a buffer as large as the stream every order is equally likely.
 *
 * The order is a function of the seed and of the number of the epoch ({@link Epoch}): the same on every run, another
 * one in each of the passes of {@link epochs}. Shuffle examples, not batches, and before they are batched. Throws a
 * `RangeError` for a buffer or seed that is none.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Pipeline } from "effect-neuron"
 *
 * const shuffled = Effect.runSync(Stream.runCollect(Stream.range(1, 5).pipe(Pipeline.shuffle({ buffer: 5, seed: 7 }))))
 * shuffled.sort() // => [1, 2, 3, 4, 5]
 * ```
 */
export const shuffle: {
  (options: ShuffleOptions): <A, E, R>(self: Stream.Stream<A, E, R>) => Stream.Stream<A, E, R>
  <A, E, R>(self: Stream.Stream<A, E, R>, options: ShuffleOptions): Stream.Stream<A, E, R>
} = /* @__PURE__ */ operator(({ buffer, seed }: ShuffleOptions) => {
  positiveInteger("Pipeline.shuffle", "buffer", buffer)
  naturalNumber("Pipeline.shuffle", "seed", seed)
  return <A, E, R>(self: Stream.Stream<A, E, R>): Stream.Stream<A, E, R> =>
    transform(Effect.map(Effect.service(Epoch), (epoch) => {
      const next = Random.generator(Key.fold(Key.make(seed), epoch))
      const held: Array<A> = []
      return {
        push: (chunk: ReadonlyArray<A>, out: Array<A>): undefined => {
          for (const element of chunk) {
            if (held.length < buffer) held.push(element)
            else {
              const place = Math.floor(next() * buffer)
              out.push(held[place]!)
              held[place] = element
            }
          }
        },
        end: (out: Array<A>): undefined => {
          while (held.length > 0) {
            const place = Math.floor(next() * held.length)
            out.push(held[place]!)
            held[place] = held[held.length - 1]!
            held.pop()
          }
        }
      }
    }))(self)
})
