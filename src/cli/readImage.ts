import { Effect, FileSystem } from "effect"
import { PNG } from "pngjs"
import { DataError } from "../core/errors.ts"
import { fileError } from "../core/files.ts"
import * as NdArray from "../core/NdArray.ts"
import { IMAGE } from "./models.ts"
import { pngProblem, pngSize } from "./pngProblem.ts"

/** The luma of red, green and blue (ITU-R BT.601). */
const luma = (r: number, g: number, b: number): number => 0.299 * r + 0.587 * g + 0.114 * b

/** The gray values of a picture's pixels of four bytes, red, green, blue and alpha, on a ground that is gray too. */
const grayOf = (rgba: Uint8Array, ground: number): Uint8Array =>
  Uint8Array.from({ length: rgba.length / 4 }, (_, i) => {
    const [r, g, b, a] = rgba.subarray(4 * i, 4 * i + 4), alpha = a! / 255
    return Math.round(luma(r!, g!, b!) * alpha + ground * (1 - alpha))
  })

/**
 * Reads a PNG as the models take images: of their size, one channel, bytes, a white digit on black; `invert` is for a
 * black digit on white. What is transparent shows the ground. A picture of another size is refused before it is
 * decoded.
 */
export const readImage = (
  path: string,
  { invert }: { readonly invert: boolean }
): Effect.Effect<NdArray.NdArray, DataError, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const [height, width] = IMAGE, expected = `a PNG of ${width} x ${height}`
    const bytes = yield* Effect.mapError(fs.readFile(path), fileError(path, expected))
    const size = pngSize(bytes)
    const problem = size !== undefined && (size[0] !== width || size[1] !== height)
      ? size.join(" x ")
      : pngProblem(bytes)
    if (problem !== undefined) return yield* new DataError({ source: path, expected, actual: problem })
    const rgba = yield* Effect.try({
      try: () => PNG.sync.read(Buffer.from(bytes)).data,
      catch: (cause) => new DataError({ source: path, expected, actual: "a PNG that cannot be decoded", cause })
    })
    const pixels = grayOf(rgba, invert ? 255 : 0)
    return NdArray.make(invert ? pixels.map((value) => 255 - value) : pixels, [1, ...IMAGE])
  })
