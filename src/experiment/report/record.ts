import { Effect, FileSystem, Path, Schema } from "effect"
import { DataError } from "../../core/errors.ts"
import { fileError } from "../../core/files.ts"
import { samplesFolder, SampleText, stepOfSample, stepOfText } from "../run/format.ts"
import type { Run } from "../run/format.ts"
import type { Line as AnyLine } from "../run/lines.ts"
import { metrics, read } from "../run/read.ts"
import { spread } from "./spread.ts"

/** Each is some fifty thousand bytes, and the page is to be sent around. */
const MOST_PICTURES = 8, MOST_TEXTS = 6

/** A line of metrics, of so many examples. */
export interface Line extends AnyLine {
  readonly size: number
}

/** A picture of samples, as it is in its file. */
export interface Picture {
  readonly step: number
  readonly png: Uint8Array
  readonly width: number
  readonly height: number
}

/** A text that was gone on with, as it is in its file. */
export interface SampleOfText {
  readonly step: number
  readonly prompt: string
  readonly text: string
}

/** What the files of a run's folder say. */
export interface Recorded {
  /** What it is called: by a person, else as its folder. */
  readonly name: string
  readonly run: Run
  readonly train: ReadonlyArray<Line>
  /** The lines of every other split. */
  readonly others: { readonly [split: string]: ReadonlyArray<Line> }
  /** The pictures to show, in the order of their steps, and how many there are in the folder. */
  readonly pictures: ReadonlyArray<Picture>
  readonly drawn: number
  /** The texts to show, in the order of their steps, and how many there are in the folder. */
  readonly texts: ReadonlyArray<SampleOfText>
  readonly written: number
}

/** A line without the number of its examples counts as one. */
const sized = (line: AnyLine): Line => {
  const { size } = line
  return { ...line, size: typeof size === "number" && size > 0 ? size : 1 }
}

/** Reads them. */
export const readRecord = (
  folder: string
): Effect.Effect<Recorded, DataError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const { basename, join, resolve } = yield* Path.Path, last = basename(folder)
    const run = yield* read(folder), { train = [], ...others } = yield* metrics(folder)
    const names = yield* samplesIn(join(folder, samplesFolder))
    const steps = stepsOf(names, stepOfSample), written = stepsOf(names, stepOfText)
    return {
      // A page has no working folder, and only `.` and its like need one.
      name: run.name ?? (/^\.{0,2}$/.test(last) ? basename(resolve(folder)) : last),
      run,
      train: train.map(sized),
      others: Object.fromEntries(Object.entries(others).map(([split, lines]) => [split, lines.map(sized)])),
      pictures: yield* Effect.forEach(
        spread(steps, MOST_PICTURES),
        ({ name, step }) => readPicture(join(folder, samplesFolder, name), step)
      ),
      drawn: steps.length,
      texts: yield* Effect.forEach(
        spread(written, MOST_TEXTS),
        ({ name, step }) => readText(join(folder, samplesFolder, name), step)
      ),
      written: written.length
    }
  })

/** The names of samples. A run that was stopped at once has none, and no folder for them. */
const samplesIn = (folder: string) =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    return yield* files.readDirectory(folder).pipe(
      Effect.catchIf(({ reason }) => reason._tag === "NotFound", () => Effect.succeed([])),
      Effect.mapError(fileError(folder, "a folder of samples"))
    )
  })

/** The steps of which there are samples of a kind. */
const stepsOf = (names: ReadonlyArray<string>, stepOf: (name: string) => number | undefined) =>
  names.flatMap((name) => {
    const step = stepOf(name)
    return step === undefined ? [] : [{ name, step }]
  }).sort((a, b) => a.step - b.step)

const decodeText = Schema.decodeUnknownEffect(Schema.fromJsonString(SampleText))

/** Reads a text. */
const readText = (path: string, step: number) =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    const json = yield* Effect.mapError(files.readFileString(path), fileError(path, "a text"))
    return yield* decodeText(json).pipe(
      Effect.mapBoth({
        onSuccess: (sample): SampleOfText => ({ step, ...sample }),
        onFailure: (cause) =>
          new DataError({ source: path, expected: "a sample of text", actual: "another file", cause })
      })
    )
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
