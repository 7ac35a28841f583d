import { Channel, Effect, FileSystem, Result, Stream } from "effect"
import { DataError } from "../core/errors.ts"
import { fileError } from "../core/files.ts"
import type { NdArray } from "../core/NdArray.ts"
import { withChannels } from "./channels.ts"
import type { Header, Pixels } from "./header.ts"
import { isJpeg, jpegHeader } from "./jpegHeader.ts"
import { jpegPixels } from "./jpegPixels.ts"
import { isPng, parsePng, pngSize } from "./pngChunks.ts"
import type { Png } from "./pngChunks.ts"
import { lengthOf, pngPixels } from "./pngPixels.ts"

/** The options of {@link decode} and {@link read}. */
export interface DecodeOptions {
  /** 1 is gray, 2 are gray and alpha, 3 red, green and blue, 4 these and alpha; by default what the picture has. */
  readonly channels?: 1 | 2 | 3 | 4
  /** The gray, from 0 to 255, that shows through what is transparent where alpha is left out, by default 0, black. */
  readonly background?: number
  /** The size that the picture has to have; `null`, the default, is any. */
  readonly size?: readonly [height: number | null, width: number | null]
  /** The most pixels that are decoded, by default 2^26, as 8,192 by 8,192 has. */
  readonly maxPixels?: number
  /** What errors call the picture, by default `picture`; the path, of {@link read}. */
  readonly source?: string
}

/** No deflated byte becomes more than this many. */
const DEFLATE = 1032

type Decoded = Effect.Effect<Result.Result<Pixels, string>, DataError>

const UNPACKED = "a PNG whose pixels cannot be unpacked"

/** The rows of a PNG: as many bytes as its size says, which are known beforehand. */
const unpack = (png: Png): Effect.Effect<Uint8Array, string> =>
  Effect.suspend(() => {
    const length = lengthOf(png), few = "a PNG with too few pixels"
    if (length > DEFLATE * png.packed.reduce((sum, piece) => sum + piece.length, 0)) return Effect.fail(few)
    const rows = new Uint8Array(length)
    let filled = 0
    return Stream.fromIterable(png.packed).pipe(
      Stream.pipeThroughChannel(Channel.fromTransformStream<never, Uint8Array, Uint8Array, string>({
        // The platform's types insist on arrays over an unshared buffer, which those of `Uint8Array` do not promise.
        evaluate: () => new DecompressionStream("deflate") as unknown as TransformStream<Uint8Array, Uint8Array>,
        onError: () => UNPACKED
      })),
      Stream.runForEach((piece) => {
        if (filled + piece.length > length) return Effect.fail("a PNG with too many pixels")
        rows.set(piece, filled)
        filled += piece.length
        return Effect.void
      }),
      Effect.andThen(Effect.suspend(() => filled < length ? Effect.fail(few) : Effect.succeed(rows)))
    )
  })

const decodePng = (bytes: Uint8Array): Decoded =>
  Result.match(parsePng(bytes), {
    onFailure: (problem) => Effect.succeed(Result.fail(problem)),
    onSuccess: (png) => Effect.map(Effect.result(unpack(png)), Result.flatMap((rows) => pngPixels(png, rows)))
  })

interface Found extends Header {
  readonly pixels: Decoded
}

/** What a file is, and how its pixels are had; nothing is decoded yet. */
const foundIn = (bytes: Uint8Array): Result.Result<Found, string> => {
  if (isPng(bytes)) {
    const size = pngSize(bytes)
    if (size === undefined) return Result.fail("a PNG that is broken or cut short")
    return Result.succeed({ format: "PNG", height: size[0], width: size[1], pixels: decodePng(bytes) })
  }
  if (!isJpeg(bytes)) return Result.fail(bytes.length === 0 ? "nothing" : "neither")
  return Result.map(jpegHeader(bytes), (header) => ({
    format: "JPEG",
    height: header.height,
    width: header.width,
    pixels: jpegPixels(bytes, header)
  }))
}

const MOST_PIXELS = 2 ** 26

const expectedOf = ([height = null, width = null]: ReadonlyArray<number | null> = []) =>
  height === null && width === null ? "a PNG or JPEG" : `a PNG or JPEG of ${width ?? "any"} x ${height ?? "any"}`

/**
 * The pixels of a PNG or JPEG file, `[height, width, channels]` of bytes, from the top left, in Node and in pages. What
 * a PNG has is read whatever its form: gray, color or a palette, of 1 to 16 bits (16 are rounded to 8), interlaced,
 * transparent. A JPEG is read as libjpeg does; it may be gray or in color, baseline or progressive, but not in CMYK.
 * Nothing is turned by remarks of a camera, and colors are not corrected.
 *
 * Fails with a `DataError` for another file, for one that is damaged anywhere (checksums of a PNG are checked, and a
 * JPEG that its decoder complains of is refused), and for one of another size than `size` or of more than `maxPixels`,
 * before it is decoded.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Images, NdArray } from "effect-neuron"
 *
 * const png = Images.encodePng(NdArray.make(Uint8Array.of(255, 0, 0), [1, 1, 3]))
 * await Effect.runPromise(Images.decode(png)) // => NdArray.make(Uint8Array.of(255, 0, 0), [1, 1, 3])
 * await Effect.runPromise(Images.decode(png, { channels: 1 })) // => NdArray.make(Uint8Array.of(76), [1, 1, 1])
 * ```
 */
export const decode = (bytes: Uint8Array, options: DecodeOptions = {}): Effect.Effect<NdArray, DataError> =>
  Effect.suspend(() => {
    const { background = 0, channels, maxPixels = MOST_PIXELS, size: [high = null, wide = null] = [] } = options
    const source = options.source ?? "picture"
    const fail = (actual: string) => Effect.fail(new DataError({ source, expected: expectedOf(options.size), actual }))
    const found = foundIn(bytes)
    if (Result.isFailure(found)) return fail(found.failure)
    const { format, height, pixels, width } = found.success
    if ((high ?? height) !== height || (wide ?? width) !== width) return fail(`${width} x ${height}`)
    if (width * height > maxPixels) return fail(`a ${format} of ${width} x ${height}, more than ${maxPixels} pixels`)
    return Effect.flatMap(pixels, (decoded) => {
      if (Result.isFailure(decoded)) return fail(decoded.failure)
      const given = channels ?? decoded.success.channels
      return Effect.succeed({ data: withChannels(decoded.success, given, background), shape: [height, width, given] })
    })
  })

/**
 * The pixels of a PNG or JPEG file, as {@link decode} gives them. Fails with a `DataError` when the file cannot be read
 * too.
 *
 * @example
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect, FileSystem } from "effect"
 * import { Images, NdArray } from "effect-neuron"
 *
 * const program = Effect.gen(function*() {
 *   const files = yield* FileSystem.FileSystem, folder = yield* files.makeTempDirectoryScoped()
 *   yield* Images.writePng(`${folder}/dot.png`, NdArray.make(Uint8Array.of(7), [1, 1, 1]))
 *   return yield* Images.read(`${folder}/dot.png`, { channels: 3 })
 * })
 * await program.pipe(Effect.scoped, Effect.provide(NodeServices.layer), Effect.runPromise)
 * // => NdArray.make(Uint8Array.of(7, 7, 7), [1, 1, 3])
 * ```
 */
export const read = (
  path: string,
  options: DecodeOptions = {}
): Effect.Effect<NdArray, DataError, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    const bytes = yield* Effect.mapError(files.readFile(path), fileError(path, expectedOf(options.size)))
    return yield* decode(bytes, { ...options, source: options.source ?? path })
  })
