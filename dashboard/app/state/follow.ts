import { Effect, Schedule, Stream } from "effect"
import type { Evaluated, Point } from "effect-neuron/remote"
import { addLook } from "../layers/looks.ts"
import * as database from "./database.ts"
import type { Phase } from "./life.ts"
import type { Remote } from "./remote.ts"
import { changed, findRun, stepOf } from "./runs.ts"
import { addPicture } from "./samples.ts"
import { append, lastOf, seriesOf } from "./series.ts"
import type { Series } from "./series.ts"
import { keeping, report } from "./storage.ts"

// What beside training takes the worker's time takes at most a tenth of it.
const SHARE = 10
const EVALUATE = 400, NORMS = 400, DISTRIBUTIONS = 2000, SAMPLES = 400, KEEP = 2000

// Metrics of the last steps are on their way still when a training has paused.
const LOOK = 20, LOOKS = 500

/** Waits until the course of a run has come to a step: one that ended before its checkpoint would have a gap. */
const untilStep = async (id: string, step: number): Promise<void> => {
  for (let i = 0; i < LOOKS; i++) {
    const run = findRun(id)
    if (run === undefined || stepOf(run) >= step) return
    await new Promise((resolve) => setTimeout(resolve, LOOK))
  }
}

/** Keeps a run as it is in the worker now, with its weights and in the phase that it has come to; says at which step. */
export const keep = async (client: Remote, id: string, phase: Phase): Promise<number | undefined> => {
  try {
    const [checkpoint, { step }] = await Effect.runPromise(Effect.all([client.checkpoint, client.status]))
    await untilStep(id, step)
    const run = findRun(id)
    if (run === undefined || !(await keeping("weights", database.save({ ...run, phase }, checkpoint)))) return undefined
    report("course", undefined)
    return step
  } catch {
    // The worker is lost, or has nothing of the run: what it has kept before stays.
    const run = findRun(id)
    if (run !== undefined) await keeping("course", database.save({ ...run, phase }))
    return undefined
  }
}

/** Does something again and again while steps are taken: `least` milliseconds apart, or ten times what it takes. */
const regularly = <E>(
  id: string,
  least: number,
  effect: Effect.Effect<void, E>,
  share = SHARE
): Effect.Effect<never> => {
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
    Effect.flatMap((took) => Effect.sleep(Math.max(least, share * took))),
    Effect.forever
  )
}

const isCourse = new Set(["step", "steps", "size"])

/** What a point tells beyond how far the training is. */
const measuredOf = (point: Point): { readonly [name: string]: number } =>
  Object.fromEntries(
    Object.entries(point).filter((entry): entry is [string, number] =>
      typeof entry[1] === "number" && !isCourse.has(entry[0])
    )
  )

const VALIDATION = "validation."

/** What a point tells of the training, and of the validation that its step ended with, if it did. */
const partsOf = (point: Point) => {
  const all = Object.entries(measuredOf(point)),
    isValidated = ([name]: readonly [string, number]) => name.startsWith(VALIDATION)
  return {
    train: Object.fromEntries(all.filter((entry) => !isValidated(entry))),
    validation: Object.fromEntries(
      all.filter(isValidated).map(([name, value]) => [name.slice(VALIDATION.length), value] as const)
        .filter(([name]) => !isCourse.has(name))
    )
  }
}

/** The seconds of training up to a point: as it says, or by how fast its examples were trained on. */
const timeOf = (train: Series, point: Point): number => {
  const { examplesPerSecond, size, time } = point
  return typeof time === "number" ? time : (lastOf(train, "time") ?? 0) + Number(size) / Number(examplesPerSecond)
}

/** Has a generator draw the picture that it draws at every step. */
const drawing = (client: Remote, id: string) =>
  Effect.gen(function*() {
    const { picture: { data, shape: [height = 0, width = 0, channels = 1] }, step } = yield* client.picture
    const run = findRun(id)
    if (run !== undefined) addPicture(run.samples, step, { data: data as Uint8Array, height, width, channels })
    changed()
  })

/** Has a language model go on with the text that it goes on with at every step. */
const writing = (client: Remote, id: string) =>
  Effect.gen(function*() {
    const { prompt, step, text } = yield* client.sample, run = findRun(id)
    if (run !== undefined) addPicture(run.samples, step, { prompt, text })
    changed()
  })

/** Takes down how good a model is, by the state of a step, on the examples that it was asked with. */
const judged = (id: string, { metrics, split = "validation", step }: Evaluated): void => {
  const run = findRun(id)
  if (run !== undefined) append(seriesOf(run, split), step, metrics)
  changed()
}

/**
 * Follows a training to its end: its metrics, and from time to time how good it is on the test examples, the norms of
 * gradients, how what is inside is distributed, and what a generator draws
 * or a language model writes. It ends with the training and fails as the training does.
 */
export const follow = (
  client: Remote,
  id: string,
  { answers, keepCourse }: {
    /** What the worker can be asked about it. */
    readonly answers: ReadonlyArray<string>
    readonly keepCourse: () => Promise<void>
  }
) => {
  const watch = client.watch({ capacity: 512 }).pipe(
    Stream.runForEachArray((points) =>
      Effect.sync(() => {
        const run = findRun(id)
        if (run === undefined) return
        for (const point of points) {
          const { train, validation } = partsOf(point)
          append(run.train, point.step, { ...train, time: timeOf(run.train, point) }, point.steps)
          if (Object.keys(validation).length > 0) append(seriesOf(run, "validation"), point.step, validation)
        }
        changed()
      })
    )
  )
  const evaluate = Effect.gen(function*() {
    judged(id, yield* client.evaluate)
  })
  const test = Effect.gen(function*() {
    judged(id, yield* client.test)
  })
  const norms = Effect.gen(function*() {
    const { norms, step } = yield* client.gradientNorms, run = findRun(id)
    if (run !== undefined) append(run.norms, step, norms)
    changed()
  })
  const look = Effect.gen(function*() {
    const found = yield* client.distributions, run = findRun(id)
    if (run !== undefined) addLook(run.looks, found)
    changed()
  })
  const when = (question: string, asking: Effect.Effect<never>) => answers.includes(question) ? asking : Effect.never
  const first = Effect.retry(evaluate, { schedule: Schedule.spaced("100 millis"), times: 3 })
  return watch.pipe(
    Effect.raceFirst(Effect.all(
      [
        when("evaluate", Effect.andThen(Effect.ignoreCause(first), regularly(id, EVALUATE, evaluate))),
        when("gradientNorms", regularly(id, NORMS, norms)),
        when("picture", regularly(id, SAMPLES, drawing(client, id))),
        when("sample", regularly(id, SAMPLES, writing(client, id))),
        // The first answers are those that a person waits for.
        when("distributions", Effect.delay(regularly(id, DISTRIBUTIONS, look, 2 * SHARE), DISTRIBUTIONS)),
        // Its weights are kept by the worker itself.
        regularly(id, KEEP, Effect.promise(keepCourse))
      ],
      { concurrency: "unbounded" }
    )),
    Effect.tap(() => Effect.ignoreCause(evaluate)),
    // What has come to its end is tested, as a run of the command line is.
    Effect.tap(() => answers.includes("test") ? Effect.ignoreCause(test) : Effect.void)
  )
}
