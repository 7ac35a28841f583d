import { Effect, FileSystem } from "effect"
import { decode } from "fast-png"
import type { DecodedPng } from "fast-png"
import { DataError } from "../core/errors.ts"
import { fileError } from "../core/files.ts"
import * as NdArray from "../core/NdArray.ts"
import { IMAGE } from "./models.ts"

/** The samples of a picture, of 1 to 16 bits; fewer than 8 are packed, and each row starts with a byte. */
const sampler = ({ channels, data, depth, width }: DecodedPng) => {
  if (depth >= 8) return (x: number, y: number, channel: number) => data[(y * width + x) * channels + channel]!
  const perRow = Math.ceil(width * depth / 8), mask = 2 ** depth - 1
  return (x: number, y: number) => (data[y * perRow + (x * depth >> 3)]! >> (8 - depth - x * depth % 8)) & mask
}

/** The luma of red, green and blue (ITU-R BT.601). */
const luma = (r: number, g: number, b: number): number => 0.299 * r + 0.587 * g + 0.114 * b

/** The gray values of a picture from 0 to 255, with what is transparent black. */
export const grayOf = (png: DecodedPng): Uint8Array => {
  const { channels, depth, height, palette, width } = png
  const sample = sampler(png), full = 2 ** depth - 1, out = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (channel: number) => sample(x, y, channel)
      let gray: number, alpha: number
      if (palette !== undefined) {
        const [r, g, b, a = 255] = (palette[at(0)] ?? [0, 0, 0]) as ReadonlyArray<number>
        gray = luma(r!, g!, b!) / 255
        alpha = a / 255
      } else {
        gray = (channels <= 2 ? at(0) : luma(at(0), at(1), at(2))) / full
        alpha = channels === 2 || channels === 4 ? at(channels - 1) / full : 1
      }
      out[y * width + x] = Math.round(255 * gray * alpha)
    }
  }
  return out
}

/** Reads a PNG as the models take images: of their size, one channel, bytes, a white digit on black. */
export const readImage = (
  path: string,
  { invert }: { readonly invert: boolean }
): Effect.Effect<NdArray.NdArray, DataError, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const [height, width] = IMAGE, expected = `a PNG of ${width} x ${height}`
    const bytes = yield* Effect.mapError(fs.readFile(path), fileError(path, expected))
    const png = yield* Effect.try({
      try: () => decode(bytes),
      catch: (cause) => new DataError({ source: path, expected, actual: "no PNG, or a broken one", cause })
    })
    if (png.width !== width || png.height !== height) {
      return yield* new DataError({ source: path, expected, actual: `${png.width} x ${png.height}` })
    }
    const pixels = grayOf(png)
    return NdArray.make(invert ? pixels.map((value) => 255 - value) : pixels, [1, ...IMAGE])
  })
