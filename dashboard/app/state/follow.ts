import { Effect, Schedule, Stream } from "effect"
import type { NdArray } from "effect-neuron"
import * as database from "./database.ts"
import type { Remote } from "./remote.ts"
import { changed, findRun, stepOf } from "./runs.ts"
import { append } from "./series.ts"

// What beside training takes the worker's time takes at most a tenth of it.
const SHARE = 10
const EVALUATE = 400, NORMS = 400, KEEP = 3000

/** Keeps the run in the browser's database, with a checkpoint. A full disk, say, does not end a training. */
export const keep = (client: Remote, id: string): Effect.Effect<void> =>
  Effect.gen(function*() {
    const checkpoint = yield* client.checkpoint
    const { step } = yield* client.status
    // Metrics of the last steps are on their way still: a course that ends before its checkpoint would have a gap.
    for (let i = 0; i < 50; i++) {
      const run = findRun(id)
      if (run === undefined || stepOf(run) >= step) break
      yield* Effect.sleep("20 millis")
    }
    const run = findRun(id)
    if (run === undefined) return
    yield* Effect.promise(() => database.save(run, checkpoint))
  }).pipe(Effect.ignoreCause)

/** Does something again and again while steps are taken: `least` milliseconds apart, or ten times what it takes. */
const regularly = <E>(id: string, least: number, effect: Effect.Effect<void, E>): Effect.Effect<never> => {
  let done = -1
  return Effect.suspend(() => {
    const run = findRun(id), now = run === undefined ? 0 : stepOf(run)
    if (now === done) return Effect.succeed(0)
    const began = performance.now()
    return Effect.map(Effect.ignoreCause(effect), () => {
      done = now
      return performance.now() - began
    })
  }).pipe(
    Effect.flatMap((took) => Effect.sleep(Math.max(least, SHARE * took))),
    Effect.forever
  )
}

/**
 * Follows a training to its end: its metrics, and from time to time the loss on the test examples and the norms of
 * gradients. It ends with the training and fails as the training does.
 */
export const follow = (
  client: Remote,
  id: string,
  onConfusion: (counts: NdArray.NdArray) => void
) => {
  const watch = client.watch({ capacity: 512 }).pipe(
    Stream.runForEachArray((points) =>
      Effect.sync(() => {
        const run = findRun(id)
        if (run === undefined) return
        for (const { accuracy, examplesPerSecond, learningRate, loss, step, steps } of points) {
          const values = { loss, accuracy, learningRate, examplesPerSecond } as { [name: string]: number }
          append(run.train, step, values, steps)
        }
        changed()
      })
    )
  )
  const evaluate = Effect.gen(function*() {
    const { confusion, metrics } = yield* client.evaluate
    const run = findRun(id)
    if (run !== undefined) append(run.test, stepOf(run), metrics)
    if (confusion !== undefined) onConfusion(confusion)
    changed()
  })
  const norms = Effect.gen(function*() {
    const found = yield* client.gradientNorms
    const run = findRun(id)
    if (run !== undefined) append(run.norms, stepOf(run), found)
    changed()
  })
  const first = Effect.retry(evaluate, { schedule: Schedule.spaced("100 millis"), times: 3 })
  return watch.pipe(
    Effect.raceFirst(Effect.all(
      [
        Effect.andThen(Effect.ignoreCause(first), regularly(id, EVALUATE, evaluate)),
        regularly(id, NORMS, norms),
        regularly(id, KEEP, keep(client, id))
      ],
      { concurrency: "unbounded" }
    )),
    Effect.tap(() => Effect.andThen(Effect.ignoreCause(evaluate), keep(client, id)))
  )
}
