import { Cause, Effect, Pull, Stream } from "effect"

/** A chunk-wise transformation with state of its own. */
export type Transformation<A, B, E> = {
  /** Takes a chunk and adds what comes out to `out`; an error is reported after what `out` then holds. */
  readonly push: (chunk: ReadonlyArray<A>, out: Array<B>) => E | undefined
  /** Adds what is left when the stream has ended. */
  readonly end?: (out: Array<B>) => E | undefined
}

/**
 * Transforms a stream by chunks, one Effect for each, which an Effect per element would not be fast enough for.
 * `start` makes the state and runs once for every run of the stream.
 */
export const transform = <A, B, E2 = never, RX = never>(
  start: Effect.Effect<Transformation<A, B, E2>, E2, RX>
) =>
<E, R>(self: Stream.Stream<A, E, R>): Stream.Stream<B, E | E2, R | RX> =>
  Stream.transformPull(self, (pull) =>
    Effect.map(start, ({ push, end }) => {
      type Halt = Effect.Effect<never, E2 | Cause.Done>
      type Next = Pull.Pull<readonly [B, ...Array<B>], E | E2>
      let halt: Halt | undefined
      const emit = (run: (out: Array<B>) => E2 | undefined, otherwise: Next): Next => {
        const out: Array<B> = []
        const error = run(out)
        if (error !== undefined) halt = Effect.fail(error)
        return out.length > 0 ? Effect.succeed(out as [B, ...Array<B>]) : halt ?? otherwise
      }
      const next: Next = Effect.flatMap(pull as Pull.Pull<readonly [A, ...Array<A>], E>, (chunk) =>
        emit((out) => push(chunk, out), next))
      const last: Next = Effect.suspend(() => {
        halt = Cause.done()
        return emit((out) =>
          end?.(out), halt)
      })
      const whole: Next = Pull.catchDone(next, () => last)
      return Effect.suspend((): Next => halt ?? whole)
    })) as Stream.Stream<B, E | E2, R | RX>
