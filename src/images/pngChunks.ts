import { Result } from "effect"
import { crcOf } from "../core/crc.ts"

// As the specification has it: Portable Network Graphics, third edition, W3C. Its words are used for names.

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10]
const crc32 = /* @__PURE__ */ crcOf(0xedb88320)

/** The header of a PNG, and what its chunks hold. */
export interface Png {
  readonly width: number
  readonly height: number
  readonly depth: number
  /** 0 gray, 2 red, green and blue, 3 places in a palette, 4 gray and alpha, 6 red, green, blue and alpha. */
  readonly colorType: number
  readonly interlaced: boolean
  readonly palette: Uint8Array | undefined
  /** Alpha by place in the palette, or the samples of the color that is transparent, of two bytes each. */
  readonly transparent: Uint8Array | undefined
  readonly packed: ReadonlyArray<Uint8Array>
}

const DEPTHS: { readonly [colorType: number]: ReadonlyArray<number> } = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16]
}

export const isPng = (bytes: Uint8Array): boolean => SIGNATURE.every((byte, i) => bytes[i] === byte)

interface Chunk {
  readonly type: string
  readonly data: Uint8Array
}

const CUT = "a PNG that is broken or cut short"

/** The chunks of a file, up to the one that ends it; each is whole, and has the checksum that it says. */
const chunksOf = (bytes: Uint8Array): Result.Result<ReadonlyArray<Chunk>, string> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length), chunks: Array<Chunk> = []
  for (let at = SIGNATURE.length; at + 12 <= bytes.length;) {
    const end = at + 8 + view.getUint32(at)
    if (end + 4 > bytes.length || crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) break
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8)), data = bytes.subarray(at + 8, end)
    chunks.push({ type, data })
    if (type === "IEND") return Result.succeed(chunks)
    at = end + 4
  }
  return Result.fail(CUT)
}

/** The problem of the chunks other than the header, by what each has to be. */
const problemOf = (chunks: ReadonlyArray<Chunk>, colorType: number): string | undefined => {
  const places = (type: string) => chunks.flatMap((chunk, i) => chunk.type === type ? [i] : [])
  const palettes = places("PLTE"), clear = places("tRNS"), pixels = places("IDAT")
  const isCritical = ({ type }: Chunk) => (type.charCodeAt(0) & 32) === 0
  const unknown = chunks.find((chunk) => isCritical(chunk) && !["IHDR", "PLTE", "IDAT", "IEND"].includes(chunk.type))
  if (unknown !== undefined) return `a PNG with a chunk that is not known, ${JSON.stringify(unknown.type)}`
  if (pixels.length === 0) return "a PNG without pixels"
  if (pixels.at(-1)! - pixels[0]! >= pixels.length) return "a PNG whose pixels do not follow each other"
  if (palettes.length > 1 || clear.length > 1 || places("IHDR").length > 1) return "a PNG that says a thing twice"
  const [palette = 0] = palettes, colors = palettes.length === 0 ? 0 : chunks[palette]!.data.length / 3
  if (colorType === 3 && colors === 0) return "a PNG without the palette that it goes by"
  if (palettes.length > 0) {
    if (!Number.isInteger(colors) || colors < 1 || colors > 256 || colorType === 0 || colorType === 4) {
      return "a PNG with a palette that it cannot have"
    }
    if (palette > pixels[0]!) return "a PNG with a palette after its pixels"
  }
  if (clear.length > 0) {
    const { length } = chunks[clear[0]!]!.data
    const fits = colorType === 3 ? length <= colors : length === ({ 0: 2, 2: 6 } as Record<number, number>)[colorType]
    if (!fits) return "a PNG with transparency that it cannot have"
    if (clear[0]! > pixels[0]! || clear[0]! < palette) return "a PNG with transparency out of its place"
  }
  return undefined
}

/** The size of a PNG, which stands in its first chunk; nothing where it has none. */
export const pngSize = (bytes: Uint8Array): readonly [height: number, width: number] | undefined => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (bytes.length < 33 || view.getUint32(12) !== 0x49484452) return undefined
  return [view.getUint32(20), view.getUint32(16)]
}

/** The header and the chunks of a PNG, which are checked, or a sentence on what is wrong. */
export const parsePng = (bytes: Uint8Array): Result.Result<Png, string> =>
  Result.flatMap(chunksOf(bytes), (chunks): Result.Result<Png, string> => {
    const header = chunks[0]!
    if (header.type !== "IHDR" || header.data.length !== 13) return Result.fail(CUT)
    const [height, width] = pngSize(bytes)!,
      [depth, colorType, packing, filtering, interlacing] = header.data.subarray(8)
    if (Math.min(width, height) < 1 || Math.max(width, height) > 2 ** 31 - 1) {
      return Result.fail(`a PNG of ${width} x ${height}`)
    }
    if (!DEPTHS[colorType!]?.includes(depth!)) {
      return Result.fail(`a PNG of color type ${colorType} with ${depth} bits a sample, which there is not`)
    }
    if (packing !== 0 || filtering !== 0 || interlacing! > 1) return Result.fail("a PNG of a form that is not known")
    const problem = problemOf(chunks, colorType!)
    if (problem !== undefined) return Result.fail(problem)
    const of = (type: string) => chunks.find((chunk) => chunk.type === type)?.data
    return Result.succeed({
      width,
      height,
      depth: depth!,
      colorType: colorType!,
      interlaced: interlacing === 1,
      palette: of("PLTE"),
      transparent: of("tRNS"),
      packed: chunks.flatMap(({ data, type }) => type === "IDAT" ? [data] : [])
    })
  })
