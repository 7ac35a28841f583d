import { Result } from "effect"
import type { Pixels } from "./header.ts"
import type { Png } from "./pngChunks.ts"

const SAMPLES: { readonly [colorType: number]: number } = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

// First column and row, and how far apart they are, of each pass of an interlaced picture (Adam7).
const WHOLE = [[0, 0, 1, 1]] as const
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2]
] as const

/** The passes of a picture that have pixels: where they are, and how many bytes a row takes without its filter. */
const passesOf = ({ colorType, depth, height, interlaced, width }: Png) =>
  (interlaced ? ADAM7 : WHOLE).flatMap(([x0, y0, dx, dy]) => {
    const columns = Math.ceil((width - x0) / dx), rows = Math.ceil((height - y0) / dy)
    const stride = Math.ceil(columns * depth * SAMPLES[colorType]! / 8)
    return columns > 0 && rows > 0 ? [{ x0, y0, dx, dy, columns, rows, stride }] : []
  })

/** How many bytes the rows of a picture take, each with the one that says how it is filtered. */
export const lengthOf = (png: Png): number =>
  passesOf(png).reduce((sum, { rows, stride }) => sum + rows * (1 + stride), 0)

/** Of what is to the left, above, and above that to the left, the nearest to what they would be on a plane. */
const paeth = (left: number, above: number, corner: number): number => {
  const toLeft = Math.abs(above - corner), toAbove = Math.abs(left - corner)
  const toCorner = Math.abs(left + above - 2 * corner)
  return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner
}

/** Undoes the filter of a row in its place; `back` is how many bytes a pixel takes, at least one. */
const unfilter = (filter: number, row: Uint8Array, above: Uint8Array, back: number): boolean => {
  const { length } = row
  switch (filter) {
    case 0:
      return true
    case 1:
      for (let i = back; i < length; i++) row[i]! += row[i - back]!
      return true
    case 2:
      for (let i = 0; i < length; i++) row[i]! += above[i]!
      return true
    case 3:
      for (let i = 0; i < length; i++) row[i]! += ((i < back ? 0 : row[i - back]!) + above[i]!) >> 1
      return true
    case 4:
      for (let i = 0; i < length; i++) {
        row[i]! += i < back ? above[i]! : paeth(row[i - back]!, above[i]!, above[i - back]!)
      }
      return true
    default:
      return false
  }
}

/** The samples of a row, as they stand in it: from the highest bit on, of 16 bits the higher byte first. */
const unpack = (row: Uint8Array, depth: number, out: Uint16Array): void => {
  if (depth === 8) out.set(row)
  else if (depth === 16) { for (let i = 0; i < out.length; i++) out[i] = row[2 * i]! << 8 | row[2 * i + 1]! }
  else {
    const mask = 2 ** depth - 1
    for (let i = 0; i < out.length; i++) out[i] = row[i * depth >> 3]! >> (8 - depth - (i * depth & 7)) & mask
  }
}

/**
 * The pixels of a picture whose rows are unpacked and whole, as bytes: samples of fewer bits are spread over 0 to 255,
 * those of 16 are rounded to the nearest byte, places in the palette are their colors, and the color that is transparent
 * has an alpha. Changes `data`.
 */
export const pngPixels = (png: Png, data: Uint8Array): Result.Result<Pixels, string> => {
  const { colorType, depth, height, palette, transparent, width } = png
  const samples = SAMPLES[colorType]!, back = Math.max(1, depth * samples >> 3), most = 2 ** depth - 1
  const base = colorType === 3 ? 3 : samples
  const hasKey = transparent !== undefined
  const channels = (hasKey ? base + 1 : base) as Pixels["channels"]
  const key = hasKey && colorType !== 3
    ? Array.from({ length: samples }, (_, c) => (transparent[2 * c]! << 8 | transparent[2 * c + 1]!) & most)
    : undefined
  const colors = palette === undefined ? 0 : palette.length / 3
  const out = new Uint8Array(width * height * channels)
  let at = 0
  for (const { columns, dx, dy, rows, stride, x0, y0 } of passesOf(png)) {
    const values = new Uint16Array(columns * samples)
    let above: Uint8Array = new Uint8Array(stride)
    for (let y = 0; y < rows; y++) {
      const row = data.subarray(at + 1, at + 1 + stride)
      if (!unfilter(data[at]!, row, above, back)) return Result.fail("a PNG with a filter that there is not")
      unpack(row, depth, values)
      let to = ((y0 + y * dy) * width + x0) * channels
      for (let x = 0; x < columns; x++, to += dx * channels) {
        const from = x * samples
        if (colorType === 3) {
          const place = values[from]!
          if (place >= colors) return Result.fail("a PNG with a color that is not in its palette")
          for (let c = 0; c < 3; c++) out[to + c] = palette![3 * place + c]!
          if (hasKey) out[to + 3] = transparent[place] ?? 255
        } else {
          for (let c = 0; c < samples; c++) out[to + c] = (values[from + c]! * 510 + most) / (2 * most)
          if (key !== undefined) out[to + samples] = key.every((value, c) => value === values[from + c]) ? 0 : 255
        }
      }
      above = row
      at += 1 + stride
    }
  }
  return Result.succeed({ channels, data: out })
}
