import { Cause, Effect, Stream } from "effect"
import { Checkpoint } from "effect-neuron"
import type { Tree } from "effect-neuron"
import { problemOf, saveCheckpoint } from "../state/database.ts"
import { CHANNEL } from "../state/kept.ts"
import type { Kept } from "../state/kept.ts"

/** The milliseconds from one checkpoint to the next: ten times what it takes to keep one, within these. */
const LEAST = 1000, MOST = 2500, SHARE = 10

/** Whose state is kept: a trainer. */
interface Lender {
  readonly use: <A, E, R>(
    f: (state: Tree.Tree & { readonly step: number }) => Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E, R>
}

/**
 * Keeps the state of a run in the database of the page as it is trained. The training waits until it is kept: however
 * slow the machine is, a page that is closed loses no more than the steps since the last checkpoint, which are those of
 * {@link MOST} milliseconds. A browser that cannot keep it does not end the training.
 */
export const keeping = (run: string, trainer: Lender, metadata: Checkpoint.Metadata) => {
  const channel = new BroadcastChannel(CHANNEL), say = (kept: Kept) => channel.postMessage(kept)
  return <A extends { readonly step: number }, E, R>(metrics: Stream.Stream<A, E, R>) =>
    Stream.suspend(() => {
      let due = performance.now() + LEAST
      const keep = (step: number) =>
        Effect.suspend(() => {
          const began = performance.now()
          return trainer.use((state) => Checkpoint.encode(state, { metadata })).pipe(
            Effect.flatMap((bytes) =>
              Effect.tryPromise({ try: () => saveCheckpoint(run, bytes), catch: (cause) => cause })
            ),
            Effect.matchCauseEffect({
              onSuccess: () => Effect.sync(() => say({ run, step })),
              onFailure: (cause) =>
                Cause.hasInterruptsOnly(cause)
                  ? Effect.interrupt
                  : Effect.sync(() => say({ run, step, problem: problemOf(Cause.squash(cause)) }))
            }),
            Effect.ensuring(Effect.sync(() => {
              const now = performance.now()
              due = now + Math.min(MOST, Math.max(LEAST, SHARE * (now - began)))
            }))
          )
        })
      return Stream.tap(metrics, ({ step }) => performance.now() < due ? Effect.void : keep(step))
    })
}
