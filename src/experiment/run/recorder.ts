import { Cause, Clock, Effect, Exit, Stream } from "effect"
import type { FileSystem, Path, Scope } from "effect"
import { Backend } from "../../backend/Backend.ts"
import { costBy, costOf } from "../../checkpoint/best.ts"
import type { Judging } from "../../checkpoint/best.ts"
import { bestFileName, fileName, inFolder, list, ownAt, withValue } from "../../checkpoint/folder.ts"
import type { Metadata } from "../../checkpoint/format.ts"
import { makeWriter, stepOf } from "../../checkpoint/saving.ts"
import type { SavingError, State } from "../../checkpoint/saving.ts"
import { crossing } from "../../core/crossing.ts"
import type { DataError } from "../../core/errors.ts"
import type { Lender } from "../../core/lender.ts"
import { messageOf } from "../../core/messageOf.ts"
import { epochFigures, figuresIn } from "./figures.ts"
import type { Figures } from "./format.ts"
import { linesOf } from "./lines.ts"
import type { Line } from "./lines.ts"
import type { RunBusy } from "./RunBusy.ts"
import { openWriter } from "./writer.ts"
import type { Change, Said, Writer } from "./writer.ts"

/** What goes wrong with the files of a run. */
export type RecordingError = SavingError | DataError | RunBusy
export type RecordingServices = Backend | FileSystem.FileSystem | Path.Path

/** How a training is recorded. */
export interface Recording<A, E, R> extends Judging<A> {
  readonly trainer: Lender<State>
  readonly about: Said
  /** What checkpoints say. */
  readonly metadata: Metadata
  readonly every: number
  /** What else is done when the state is saved, when the run was stopped or has failed, and when it has finished. */
  readonly saved?: Effect.Effect<void, E, R>
  readonly ended?: (event: "stop" | "fail") => Effect.Effect<unknown, E, R>
  readonly finished?: Effect.Effect<unknown, E, R>
  /** Why it is interrupted, where that is a failure of something beside the training: what was is saved then. */
  readonly interruptedBy?: () => string | undefined
}

/** A run that is being recorded: its writer, and what records the metrics of its trainer. */
export interface Recorder<A, E, R> extends Writer {
  /** Keeps a line of what was measured beside the steps, and its figures as the last ones of its split. */
  readonly write: (line: Line) => void
  /** Writes the lines that wait, the state as it is now if it is not saved yet, and the run. */
  readonly save: Effect.Effect<void, SavingError | DataError | E, RecordingServices | R>
  readonly through: <A1 extends A, E1, R1>(
    self: Stream.Stream<A1, E1, R1>
  ) => Stream.Stream<A1, E1 | SavingError | DataError | E, R1 | RecordingServices | R>
}

// Lines wait for a second; where writing is slow, they wait until it takes a twentieth of the time.
const WAIT = 1000, SHARE = 20

const seconds = (milliseconds: number): number => Math.round(milliseconds) / 1000

/** Opens a run for recording, as {@link openWriter} does. */
export const openRecorder = <A extends { readonly step: number }, E = never, R = never>(
  folder: string,
  {
    about,
    ended = () => Effect.void,
    every,
    finished = Effect.void,
    interruptedBy = () => undefined,
    metadata,
    saved = Effect.void,
    trainer,
    ...judging
  }: Recording<A, E, R>
): Effect.Effect<
  Recorder<A, E, R>,
  RecordingError | E,
  RecordingServices | R | Scope.Scope
> =>
  Effect.gen(function*() {
    const model = inFolder(folder, fileName), best = inFolder(folder, bestFileName)
    const { name: backend } = yield* Backend
    yield* ownAt(model)
    const judged = yield* ownAt(best), judge = costOf(judging), { mode = "min" } = judging
    const writer = yield* openWriter(folder, trainer, { backend, ...about }), { happened, log, start } = writer
    const checkpoints = yield* makeWriter(trainer), isDue = crossing(every, start), epoch = epochFigures(log.epoch)

    const before = log.last.get("train")?.time ?? writer.before?.seconds?.train ?? 0, earlier = start === 0 ? 0 : before
    let began = yield* Clock.currentTimeMillis, until = Infinity, flushed = began, wait = WAIT
    const results: { [split: string]: Figures } = {}
    // What a kill kept from being said stands in the files that were written before.
    for (const [split, line] of log.last) if (split !== "train" && split !== "test") results[split] = figuresIn(line)
    if (judged?.value !== undefined) results["best"] = { step: judged.step, value: judged.value }
    const timeAt = (now: number): number => seconds(1000 * earlier + Math.min(now, until) - began)
    const changes = Effect.map(Clock.currentTimeMillis, (now): Change => {
      const train = epoch.now()
      return { seconds: { train: timeAt(now) }, results: { ...results, ...(train === undefined ? {} : { train }) } }
    })
    const tell: Writer["happened"] = (event, change = {}) =>
      Effect.flatMap(changes, (now) =>
        happened(event, {
          ...change,
          seconds: { ...now.seconds, ...change.seconds },
          results: { ...now.results, ...change.results }
        }))

    const flush = Effect.gen(function*() {
      const start = yield* Clock.currentTimeMillis
      yield* log.flush
      flushed = yield* Clock.currentTimeMillis
      wait = Math.max(WAIT, SHARE * (flushed - start))
    })
    const saveAgain = (again: boolean) =>
      Effect.gen(function*() {
        yield* flush
        yield* checkpoints.save(() => Effect.succeed({ path: model, metadata }), { again })
        yield* saved
      })
    const save = Effect.andThen(saveAgain(false), tell("step"))
    // A run that goes on from a checkpoint elsewhere has its own from the start.
    const own = yield* list(folder)
    if (start > 0 && !own.some(({ step }) => step === start)) yield* saveAgain(true)

    let least = judged?.value === undefined ? Infinity : costBy(mode, judged.value)
    const keepBest = (value: number, cost: number) =>
      Effect.gen(function*() {
        yield* flush
        const target = { path: best, metadata: withValue(metadata, value) }
        const written = yield* bests.save(() => Effect.succeed(target), { again: true })
        least = cost
        results["best"] = { step: written?.step, value }
      })
    const bests = yield* makeWriter(trainer)

    const writeBeside = (line: Line) => {
      log.write(line)
      results[line.split] = figuresIn(line)
    }
    let taken = 0, owed = false
    // A trainer that reads several steps together is ahead: lines of steps that are in a checkpoint belong before it.
    const saveWhenTold = (step: number, due: boolean) =>
      Effect.flatMap(stepOf(trainer), (at) => {
        const waits = step < at && !(owed && due)
        owed = waits
        return waits ? Effect.succeed(false) : Effect.as(save, true)
      })
    const look = (element: A) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const [line, ...others] = linesOf(element), judgment = judge(element)
        log.write({ ...line!, time: timeAt(now) })
        others.forEach(writeBeside)
        epoch.add(element)
        const isBetter = judgment !== undefined && judgment.cost < least
        const first = taken++ === 0, due = isDue(element.step)
        if (!isBetter && !due && !owed && !first) return now - flushed >= wait ? flush : Effect.void
        return Effect.gen(function*() {
          if (isBetter) yield* keepBest(judgment.value, judgment.cost)
          const isSaved = (due || owed) && (yield* saveWhenTold(element.step, due))
          if (!isSaved && (first || isBetter)) yield* tell("step")
        })
      })

    let over = false
    const trained = Effect.map(Clock.currentTimeMillis, (now) => {
      until = now
    })
    const finish = Effect.gen(function*() {
      yield* trained
      yield* saveAgain(false)
      yield* tell("finish")
      over = true
      yield* finished
    })
    const stop = Effect.gen(function*() {
      const { steps } = writer.now(), step = yield* stepOf(trainer), reason = interruptedBy()
      // Who takes all steps that there are to be and no more lets the run come to its end.
      if (reason === undefined && steps !== undefined && step >= steps) return yield* finish
      yield* trained
      yield* saveAgain(false)
      if (reason === undefined) yield* tell("stop")
      else yield* tell("fail", { reason })
      yield* ended(reason === undefined ? "stop" : "fail")
    })
    const fail = (cause: Cause.Cause<unknown>) =>
      Effect.gen(function*() {
        yield* trained
        yield* Effect.ignore(flush)
        yield* tell("fail", { reason: messageOf(Cause.squash(cause)) })
        yield* ended("fail")
      }).pipe(Effect.ignoreCause)

    return {
      ...writer,
      happened: tell,
      write: writeBeside,
      save,
      through: (self) =>
        Stream.unwrap(Effect.map(Clock.currentTimeMillis, (now) => {
          began = now
          until = Infinity
          flushed = now
          return self.pipe(
            Stream.tap(look),
            Stream.concat(Stream.fromEffectDrain(finish)),
            Stream.onExit((exit) =>
              over
                ? Effect.void
                : Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)
                ? Effect.orDie(stop)
                : fail(exit.cause)
            )
          )
        }))
    }
  })
