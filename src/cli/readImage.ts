import { Effect, FileSystem } from "effect"
import { PNG } from "pngjs"
import { DataError } from "../core/errors.ts"
import { fileError } from "../core/files.ts"
import type { NdArray } from "../core/NdArray.ts"
import { pngProblem, pngSize } from "./pngProblem.ts"

/** How a picture is given to a model. */
export interface ImageForm {
  /** `[height, width, channels]`, of 1, 3 or 4 channels; a dimension that is not known is that of the picture. */
  readonly shape: ReadonlyArray<number | null>
  /** What black and white are in the model's values; bytes where it is `[0, 255]`. */
  readonly range: readonly [low: number, high: number]
  /** Whether black and white are turned. */
  readonly invert: boolean
}

/** The luma of red, green and blue (ITU-R BT.601). */
const luma = (r: number, g: number, b: number): number => 0.299 * r + 0.587 * g + 0.114 * b

/** The channels of pixels of red, green, blue and alpha, from 0 to 255, on a ground that is gray. */
const channelsOf = (rgba: Uint8Array, channels: number, ground: number): Uint8Array => {
  const n = rgba.length / 4, out = new Uint8Array(n * channels)
  for (let i = 0; i < n; i++) {
    const [r, g, b, a] = rgba.subarray(4 * i, 4 * i + 4) as unknown as readonly [number, number, number, number]
    const alpha = a / 255, on = (value: number) => Math.round(value * alpha + ground * (1 - alpha))
    const values = channels === 1 ? [on(luma(r, g, b))] : channels === 3 ? [on(r), on(g), on(b)] : [r, g, b, a]
    out.set(values, i * channels)
  }
  return out
}

/**
 * Reads a PNG as a model takes images. What is transparent shows the ground, which is black, of an inverted picture
 * white; where the model takes four channels, the last one is how far a pixel is not transparent. A picture of another
 * size is refused before it is decoded.
 */
export const readImage = (
  path: string,
  { invert, range: [low, high], shape }: ImageForm
): Effect.Effect<NdArray, DataError, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const [height = null, width = null, channels] = shape
    const expected = width === null || height === null ? "a PNG" : `a PNG of ${width} x ${height}`
    const bytes = yield* Effect.mapError(fs.readFile(path), fileError(path, expected))
    const size = pngSize(bytes)
    const fits = size === undefined || ((width ?? size[0]) === size[0] && (height ?? size[1]) === size[1])
    const problem = fits ? pngProblem(bytes) : size.join(" x ")
    if (problem !== undefined) return yield* new DataError({ source: path, expected, actual: problem })
    const decoded = yield* Effect.try({
      try: () => PNG.sync.read(Buffer.from(bytes)),
      catch: (cause) => new DataError({ source: path, expected, actual: "a PNG that cannot be decoded", cause })
    })
    const pixels = channelsOf(decoded.data, channels ?? 1, invert ? 255 : 0)
    const turned = invert ? pixels.map((value, i) => channels === 4 && i % 4 === 3 ? value : 255 - value) : pixels
    return {
      data: low === 0 && high === 255 ? turned : Float32Array.from(turned, (byte) => low + byte / 255 * (high - low)),
      shape: [decoded.height, decoded.width, channels ?? 1]
    }
  })
