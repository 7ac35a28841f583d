import { Console, Effect, FileSystem, Option, Stream } from "effect"
import { decode } from "fast-png"
import type { DecodedPng } from "fast-png"
import { DataError } from "../core/errors.ts"
import { fileError } from "../core/files.ts"
import * as NdArray from "../core/NdArray.ts"
import * as Train from "../train/index.ts"
import type { RunConfig } from "./config.ts"
import { withModel } from "./loadRun.ts"
import { IMAGE } from "./models.ts"

const [HEIGHT, WIDTH] = IMAGE

/** The grey values of a picture from 0 to 1, transparent parts black; colours by their luma (ITU-R BT.601). */
const grey = ({ channels, data, depth, height, palette, width }: DecodedPng): Float32Array => {
  const out = new Float32Array(width * height), full = 2 ** depth - 1
  for (let i = 0; i < out.length; i++) {
    const at = (channel: number) => data[i * channels + channel]! / full
    if (palette !== undefined) {
      const [r, g, b, a = 255] = palette[data[i]!] ?? [0, 0, 0]
      out[i] = (0.299 * r! + 0.587 * g! + 0.114 * b!) / 255 * (a / 255)
    } else if (channels <= 2) out[i] = at(0) * (channels === 2 ? at(1) : 1)
    else out[i] = (0.299 * at(0) + 0.587 * at(1) + 0.114 * at(2)) * (channels === 4 ? at(3) : 1)
  }
  return out
}

/** Reads a PNG as the models take images: 28 x 28, one channel, a white digit on black. */
const readImage = (path: string, invert: boolean): Effect.Effect<NdArray.NdArray, DataError, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const expected = `a PNG of ${WIDTH} x ${HEIGHT}`
    const bytes = yield* Effect.mapError(fs.readFile(path), fileError(path, expected))
    const png = yield* Effect.try({
      try: () => decode(bytes),
      catch: (cause) => new DataError({ source: path, expected, actual: "no PNG, or a broken one", cause })
    })
    if (png.width !== WIDTH || png.height !== HEIGHT) {
      return yield* new DataError({ source: path, expected, actual: `${png.width} x ${png.height}` })
    }
    const pixels = grey(png)
    return NdArray.make(invert ? pixels.map((value) => 1 - value) : pixels, [1, ...IMAGE])
  })

const softmax = (logits: ArrayLike<number>): ReadonlyArray<number> => {
  const values = Array.from(logits), top = Math.max(...values)
  const weights = values.map((value) => Math.exp(value - top)), sum = weights.reduce((a, b) => a + b)
  return weights.map((weight) => weight / sum)
}

/** Says what the model of a run sees in pictures of digits. */
export const predict = (options: {
  readonly run: string
  readonly images: ReadonlyArray<string>
  readonly backend: Option.Option<RunConfig["backend"]>
  readonly invert: boolean
  readonly json: boolean
}) =>
  Effect.gen(function*() {
    const images = yield* Effect.forEach(options.images, (path) => readImage(path, options.invert))
    yield* withModel(options.run, options.backend, ({ model, weights }) =>
      Train.predict(model, weights, Stream.fromIterable(images.map((x) => ({ x })))).pipe(
        Stream.zipWithIndex,
        Stream.runForEach(([logits, i]) =>
          Console.log(report(options.images[i]!, softmax(logits.data), options.json))
        )
      ))
  })

const report = (image: string, probabilities: ReadonlyArray<number>, json: boolean): string => {
  const ranked = probabilities.map((probability, label) => ({ label, probability }))
    .sort((a, b) => b.probability - a.probability)
  if (json) return JSON.stringify({ image, class: String(ranked[0]!.label), probabilities })
  const shown = ranked.slice(0, 3).map(({ label, probability }) => `${label} ${(100 * probability).toFixed(2)} %`)
  return `${image}: ${ranked[0]!.label}  (${shown.join(", ")})`
}
