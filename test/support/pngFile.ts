import { crc32, deflateSync } from "node:zlib"

/** A PNG as its specification (W3C, third edition) has it, in every form that it allows. */
export interface PngForm {
  readonly width: number
  readonly height: number
  /** 0 gray, 2 red, green and blue, 3 places in a palette, 4 gray and alpha, 6 red, green, blue and alpha. */
  readonly colorType: 0 | 2 | 3 | 4 | 6
  readonly depth: 1 | 2 | 4 | 8 | 16
  readonly interlaced?: boolean
  readonly palette?: ReadonlyArray<number>
  /** Alpha by place in the palette, or the samples of the color that is transparent. */
  readonly transparent?: ReadonlyArray<number>
}

const channelsOf = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

// First column and row, and how far apart they are, of each pass.
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

const chunk = (type: string, data: Uint8Array): Buffer => {
  const bytes = Buffer.alloc(12 + data.length)
  bytes.writeUInt32BE(data.length, 0)
  bytes.write(type, 4, "latin1")
  bytes.set(data, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length)
  return bytes
}

const words = (values: ReadonlyArray<number>): Uint8Array => Uint8Array.from(values.flatMap((n) => [n >> 8, n & 255]))

/** The rows of one pass, each after the byte that says it has no filter, samples packed from the highest bit. */
const rowsOf = (
  { colorType, depth, height, width }: PngForm,
  [x0, y0, dx, dy]: (typeof ADAM7)[number] | (typeof WHOLE)[number],
  sample: (x: number, y: number, channel: number) => number
): ReadonlyArray<number> => {
  const rows: Array<number> = []
  if (x0 >= width) return rows
  for (let y = y0; y < height; y += dy) {
    let bits = ""
    for (let x = x0; x < width; x += dx) {
      for (let c = 0; c < channelsOf[colorType]; c++) bits += sample(x, y, c).toString(2).padStart(depth, "0")
    }
    rows.push(0)
    for (let i = 0; i < bits.length; i += 8) rows.push(Number.parseInt(bits.slice(i, i + 8).padEnd(8, "0"), 2))
  }
  return rows
}

export const pngFile = (form: PngForm, sample: (x: number, y: number, channel: number) => number): Uint8Array => {
  const { colorType, depth, height, interlaced = false, palette, transparent, width } = form
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([depth, colorType, 0, 0, Number(interlaced)], 8)
  const rows = (interlaced ? ADAM7 : WHOLE).flatMap((pass) => rowsOf(form, pass, sample))
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk("IHDR", header),
    ...(palette === undefined ? [] : [chunk("PLTE", Uint8Array.from(palette))]),
    ...(transparent === undefined
      ? []
      : [chunk("tRNS", colorType === 3 ? Uint8Array.from(transparent) : words(transparent))]),
    chunk("IDAT", deflateSync(Uint8Array.from(rows))),
    chunk("IEND", new Uint8Array())
  ])
}
