import { Effect, FileSystem, Path, Schema } from "effect"
import { DataError } from "../../../core/errors.ts"
import { fileError } from "../../../core/files.ts"
import { samplesFolder, stepOfSample } from "../../../experiment/run/format.ts"
import { adversarial } from "../../gan/config.ts"
import type { GanConfig } from "../../gan/config.ts"
import { measures } from "../../gan/measures.ts"
import type { Measure } from "../../gan/measures.ts"
import { readRun } from "../readRun.ts"
import type { Record } from "../readRun.ts"
import { spread } from "../spread.ts"

/** Each is some fifty thousand bytes, and the page is to be sent around. */
const MOST_PICTURES = 8

const measured = Object.fromEntries(measures.map((name) => [name, Schema.Finite])) as {
  readonly [M in Measure]: typeof Schema.Finite
}
const StepLine = Schema.Struct({
  step: Schema.Int,
  size: Schema.Int,
  time: Schema.optionalKey(Schema.Finite),
  ...measured
})

const JudgedLine = Schema.Struct({
  step: Schema.Int,
  images: Schema.Int,
  frechetDistance: Schema.Finite,
  frechetFloor: Schema.Finite,
  counts: Schema.Array(Schema.Int),
  present: Schema.Int,
  entropy: Schema.Finite,
  confidence: Schema.Finite,
  asAsked: Schema.optionalKey(Schema.Finite)
})

export type StepLine = typeof StepLine.Type
export type JudgedLine = typeof JudgedLine.Type

/** A picture of samples, as it is in its file. */
export interface Picture {
  readonly step: number
  readonly png: Uint8Array
  readonly width: number
  readonly height: number
}

/** What the files of an adversarial run's folder say. */
export interface AdversarialRecord extends Record<GanConfig> {
  readonly train: ReadonlyArray<StepLine>
  readonly judged: ReadonlyArray<JudgedLine>
  /** The pictures to show, in the order of their steps, and how many there are in the folder. */
  readonly pictures: ReadonlyArray<Picture>
  readonly drawn: number
}

/** Reads them. */
export const readAdversarial = (folder: string) =>
  Effect.gen(function*() {
    const { linesOf, ...read } = yield* readRun(folder, adversarial)
    const { join } = yield* Path.Path, steps = yield* stepsDrawn(join(folder, samplesFolder))
    const record: AdversarialRecord = {
      ...read,
      train: linesOf("train", StepLine),
      judged: linesOf("judged", JudgedLine),
      pictures: yield* Effect.forEach(
        spread(steps, MOST_PICTURES),
        ({ name, step }) => readPicture(join(folder, samplesFolder, name), step)
      ),
      drawn: steps.length
    }
    return record
  })

/** The steps of which there is a picture. A run that was stopped at once has none, and no folder for them. */
const stepsDrawn = (folder: string) =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    const names = yield* files.readDirectory(folder).pipe(
      Effect.catchIf(({ reason }) => reason._tag === "NotFound", () => Effect.succeed([])),
      Effect.mapError(fileError(folder, "a folder of samples"))
    )
    return names.flatMap((name) => {
      const step = stepOfSample(name)
      return step === undefined ? [] : [{ name, step }]
    }).sort((a, b) => a.step - b.step)
  })

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

/** Reads a picture and, from the beginning of the file, its size. */
const readPicture = (path: string, step: number) =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    const png = yield* Effect.mapError(files.readFile(path), fileError(path, "a picture of samples"))
    if (png.length < 24 || SIGNATURE.some((byte, i) => png[i] !== byte)) {
      return yield* new DataError({ source: path, expected: "a PNG file", actual: `${png.length} bytes of another` })
    }
    const view = new DataView(png.buffer, png.byteOffset)
    return { step, png, width: view.getUint32(16), height: view.getUint32(20) } satisfies Picture
  })
