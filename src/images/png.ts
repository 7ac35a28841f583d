import { Effect, Stream } from "effect"
import type { FileSystem, Path } from "effect"
import { encode } from "fast-png"
import type { DataError } from "../core/errors.ts"
import { writeBytes } from "../core/files.ts"
import { arrayExpected, elementType, problemOf } from "../core/hostArray.ts"
import type { NdArray } from "../core/NdArray.ts"
import { format } from "../core/Shape.ts"

/**
 * The bytes of a PNG file with an image, `[height, width, channels]` of bytes: 1 channel is gray, 2 are gray and alpha,
 * 3 red, green and blue, 4 these and alpha. The compression loses nothing.
 *
 * Throws a `RangeError` for another shape and for values that are no bytes: {@link grid} makes them of others.
 *
 * @example
 * ```ts
 * import { Images, NdArray } from "effect-neuron"
 *
 * const red = NdArray.make(Uint8Array.of(255, 0, 0), [1, 1, 3])
 * const png = Images.encodePng(red)
 * Array.from(png.subarray(1, 4)) // => Array.from(new TextEncoder().encode("PNG"))
 * // On a page: image.src = URL.createObjectURL(new Blob([png], { type: "image/png" }))
 * ```
 */
export const encodePng = (image: NdArray): Uint8Array<ArrayBuffer> => {
  const { data, shape } = image, wrong = problemOf(image)
  if (wrong !== undefined) throw new RangeError(`encodePng expects ${arrayExpected}, got ${wrong}`)
  const [height = 0, width = 0, channels = 0] = shape
  if (shape.length !== 3 || data.length === 0 || channels > 4) {
    throw new RangeError(`encodePng expects an image [height, width, 1 to 4 channels], got ${format(shape)}`)
  }
  if (!(data instanceof Uint8Array)) throw new RangeError(`encodePng expects bytes, got ${elementType(data)}`)
  return Uint8Array.from(encode({ width, height, channels, data }))
}

/**
 * Writes an image, `[height, width, channels]` of bytes, to a PNG file, as {@link encodePng} does: the whole file or
 * nothing. The folder is made when it is missing. Fails with a `DataError` when the file cannot be written, and is a
 * defect where `encodePng` throws.
 *
 * @example
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect, FileSystem } from "effect"
 * import { Images, NdArray } from "effect-neuron"
 *
 * const samples = NdArray.make([0, 0.5, 1, 0.5], [4, 1, 1, 1])
 * const program = Effect.gen(function*() {
 *   const files = yield* FileSystem.FileSystem, folder = yield* files.makeTempDirectoryScoped()
 *   yield* Images.writePng(`${folder}/samples/step-100.png`, Images.grid(samples))
 *   return yield* files.readDirectory(`${folder}/samples`)
 * })
 * await program.pipe(Effect.scoped, Effect.provide(NodeServices.layer), Effect.runPromise) // => ["step-100.png"]
 * ```
 */
export const writePng = (
  path: string,
  image: NdArray
): Effect.Effect<void, DataError, FileSystem.FileSystem | Path.Path> =>
  Effect.suspend(() => writeBytes(path, Stream.make(encodePng(image))))
