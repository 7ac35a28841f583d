import { Effect } from "effect"
import type { Stream } from "effect"
import * as Key from "../core/Key.ts"
import * as Random from "../core/Random.ts"
import { Epoch } from "./epochs.ts"
import { transform } from "./transform.ts"

/**
 * The same elements in an order in which each `size` of them are of about one length: of so many as are held at a time
 * the shortest are put together, and so on, and the groups come in an order of the seed and the epoch, as do those of
 * one length among themselves. What is left at the end is the last group.
 */
export const byLength =
  <A>(size: number, held: number, seed: number, lengthOf: (element: A) => number) =>
  <E, R>(self: Stream.Stream<A, E, R>): Stream.Stream<A, E, R> =>
    transform(Effect.map(Effect.service(Epoch), (epoch) => {
      const next = Random.generator(Key.fold(Key.make(seed), epoch)), whole = Math.floor(held / size) * size
      let pool: Array<A> = []
      const arrange = (out: Array<A>): undefined => {
        const sorted = pool
          .map((element) => ({ element, length: lengthOf(element), random: next() }))
          .sort((a, b) => a.length - b.length || a.random - b.random)
        const groups = Array.from(
          { length: Math.ceil(sorted.length / size) },
          (_, i) => sorted.slice(i * size, (i + 1) * size)
        )
        // A group that is not full has to be the last one of the stream.
        const full = sorted.length % size === 0 ? groups.length : groups.length - 1
        for (let i = full - 1; i > 0; i--) {
          const other = Math.floor(next() * (i + 1)), group = groups[i]!
          groups[i] = groups[other]!
          groups[other] = group
        }
        for (const group of groups) for (const { element } of group) out.push(element)
        pool = []
      }
      return {
        push: (chunk: ReadonlyArray<A>, out: Array<A>): undefined => {
          for (const element of chunk) {
            pool.push(element)
            if (pool.length === whole) arrange(out)
          }
        },
        end: arrange
      }
    }))(self)
