import { Effect, FileSystem, Path } from "effect"
import type { Backend } from "../backend/Backend.ts"
import { fileError } from "../core/files.ts"
import type { ExperimentTrainer, Opened, State } from "../experiment/index.ts"
import { sampleName, samplesFolder } from "../experiment/run/format.ts"
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

/**
 * Draws what a training makes, in pictures of its folder, before the first step, after every so many and after the last
 * one, and has it judged. What a run that goes on has drawn and judged already it leaves alone. Nothing, of an
 * experiment without pictures.
 */
export const drawing = <E>(
  { picture, steps }: Pick<Opened, "picture" | "steps">,
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
    if (picture === undefined || (step % sampleEvery !== 0 && step !== steps)) return
    const files = yield* FileSystem.FileSystem, { join } = yield* Path.Path
    const path = join(recorder.folder, samplesFolder, sampleName(step)), isLater = step > recorder.start
    const isThere = yield* Effect.mapError(files.exists(path), fileError(path, "a file to write"))
    if (isLater || !isThere) {
      const drawn = yield* picture(trainer)
      yield* writePng(path, drawn)
      yield* log.image(step, "samples", drawn)
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
