import { crc32, inflateSync } from "node:zlib"

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10]

/** Width and height of a PNG, which stand in its first chunk; nothing of what does not begin as one. */
export const pngSize = (bytes: Uint8Array): readonly [width: number, height: number] | undefined => {
  if (bytes.length < 33 || SIGNATURE.some((byte, i) => bytes[i] !== byte)) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  return [view.getUint32(16), view.getUint32(20)]
}

interface Chunk {
  readonly type: string
  readonly data: Uint8Array
}

/** The chunks of a file, up to the first that is cut short or has another checksum than it says. */
const chunksOf = (bytes: Uint8Array): ReadonlyArray<Chunk> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length), chunks: Array<Chunk> = []
  for (let at = SIGNATURE.length; at + 12 <= bytes.length;) {
    const end = at + 8 + view.getUint32(at)
    if (end + 4 > bytes.length || crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) break
    chunks.push({ type: String.fromCharCode(...bytes.subarray(at + 4, at + 8)), data: bytes.subarray(at + 8, end) })
    at = end + 4
  }
  return chunks
}

const CHANNELS: { readonly [colorType: number]: number } = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

// First column and row, and how far apart they are, of each pass of an interlaced picture (Adam7).
const WHOLE = [[0, 0, 1, 1]] as const
const PASSES = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [
  0,
  1,
  1,
  2
]] as const

/** How many bytes the rows of a picture take, each with one that says how it is filtered. */
const lengthOf = ([width, height]: readonly [number, number], header: Uint8Array): number => {
  const bits = header[8]! * (CHANNELS[header[9]!] ?? 0)
  return (header[12] === 0 ? WHOLE : PASSES).reduce((sum, [x, y, dx, dy]) => {
    const columns = Math.ceil((width - x) / dx), rows = Math.ceil((height - y) / dy)
    return columns <= 0 || rows <= 0 ? sum : sum + rows * (1 + Math.ceil(columns * bits / 8))
  }, 0)
}

/**
 * What is wrong with a PNG that a decoder would not tell: pngjs passes over checksums of chunks that it does not know,
 * and shows what lay in memory where the data are too short.
 */
export const pngProblem = (bytes: Uint8Array): string | undefined => {
  const size = pngSize(bytes)
  if (size === undefined) return "no PNG"
  const chunks = chunksOf(bytes), header = chunks[0]?.type === "IHDR" ? chunks[0].data : undefined
  if (header?.length !== 13 || chunks.at(-1)?.type !== "IEND") return "a PNG that is broken or cut short"
  const packed = Buffer.concat(chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data))
  const length = lengthOf(size, header)
  try {
    return inflateSync(packed, { maxOutputLength: length }).length === length ? undefined : "a PNG with too few pixels"
  } catch {
    return "a PNG whose pixels cannot be unpacked"
  }
}
