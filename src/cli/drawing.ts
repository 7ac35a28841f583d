import { Effect, FileSystem, Path, Stream } from "effect"
import type { Backend } from "../backend/Backend.ts"
import { fileError, writeBytes } from "../core/files.ts"
import type { ExperimentTrainer, Opened, State } from "../experiment/index.ts"
import { sampleName, samplesFolder, textName } from "../experiment/run/format.ts"
import type { Recorder } from "../experiment/run/recorder.ts"
import { writePng } from "../images/png.ts"
import type { Board } from "./board.ts"
import { measuredIn, snakeCase } from "./figures.ts"
import type { Progress } from "./progress.ts"

/** What a judge says of what is made, and how that is said. */
export interface Judged {
  readonly figures: { readonly [name: string]: unknown }
  readonly line: string
}

/** Who judges what is made by a state. */
export type Judge<E> = (state: State) => Effect.Effect<Judged, E, Backend>

const EVERY = 200

/** So much of a text is shown beside the steps. */
const SHOWN = 100

/**
 * Draws what a training makes, in pictures of its folder, or writes what it goes on with texts with, before the first
 * step, after every so many and after the last one, and has it judged. What a run that goes on has drawn and judged
 * already it leaves alone. Nothing, of an experiment without samples.
 */
export const drawing = <E>(
  { picture, sample, steps }: Pick<Opened<FileSystem.FileSystem | Path.Path>, "picture" | "sample" | "steps">,
  { judge, log, progress, recorder, sampleEvery = EVERY, trainer }: {
    readonly judge: Judge<E> | undefined
    readonly sampleEvery: number | undefined
    readonly log: Board
    readonly progress: Pick<Progress<never>, "say" | "emit">
    readonly recorder: Pick<Recorder<never, never, never>, "folder" | "log" | "start" | "write">
    readonly trainer: ExperimentTrainer
  }
) =>
(step: number) =>
  Effect.gen(function*() {
    if ((picture === undefined && sample === undefined) || (step % sampleEvery !== 0 && step !== steps)) return
    const files = yield* FileSystem.FileSystem, { join } = yield* Path.Path, isLater = step > recorder.start
    const isDue = (path: string) =>
      isLater
        ? Effect.succeed(true)
        : Effect.mapError(Effect.map(files.exists(path), (isThere) => !isThere), fileError(path, "a file to write"))
    const inFolder = (name: string) => join(recorder.folder, samplesFolder, name)
    const path = inFolder(sampleName(step)), textPath = inFolder(textName(step))
    if (picture !== undefined && (yield* isDue(path))) {
      const drawn = yield* picture(trainer)
      yield* writePng(path, drawn)
      yield* log.image(step, "samples", drawn)
    }
    if (sample !== undefined && (yield* isDue(textPath))) {
      const made = yield* sample(trainer)
      yield* writeBytes(textPath, Stream.succeed(new TextEncoder().encode(`${JSON.stringify(made)}\n`)))
      yield* progress.emit({ split: "sample", step, ...made })
      yield* progress.say(`sample at step ${step}: ${JSON.stringify((made.prompt + made.text).slice(0, SHOWN))}`)
    }
    if (judge === undefined || (!isLater && recorder.log.last.get("judged")?.step === step)) return
    const { figures, line } = yield* trainer.use(judge)
    recorder.write({ split: "judged", step, ...figures })
    yield* log.scalars(
      step,
      Object.fromEntries(measuredIn(figures).map(([name, value]) => [`judged/${snakeCase(name)}`, value]))
    )
    yield* progress.emit({ split: "judged", step, ...figures })
    yield* progress.say(`judged at step ${step}  ${line}`)
  })
