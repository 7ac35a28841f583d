import { Result } from "effect"
import { DataError } from "../core/errors.ts"
import type { Data } from "../core/NdArray.ts"
import { format, size } from "../core/Shape.ts"

/** The element types of the IDX format. */
export type IdxType = "uint8" | "int8" | "int16" | "int32" | "float32" | "float64"

/** What an IDX file says of itself: its elements, and all its dimensions, the number of its items being the first. */
export type IdxHeader = { readonly type: IdxType; readonly shape: ReadonlyArray<number> }

type Format = {
  readonly code: number
  readonly width: number
  readonly decode: (bytes: Uint8Array, n: number) => Data
}

const reader = <D extends Data>(
  make: (n: number) => D,
  width: number,
  get: (view: DataView, at: number) => number
) =>
(bytes: Uint8Array, n: number): D => {
  const out = make(n), view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let i = 0; i < n; i++) out[i] = get(view, i * width)
  return out
}

const ints = (n: number) => new Int32Array(n)
const floats = (n: number) => new Float32Array(n)

/** How each element type is written, big-endian, and what it becomes in memory. */
export const formats: { readonly [T in IdxType]: Format } = {
  uint8: { code: 0x08, width: 1, decode: (bytes) => Uint8Array.from(bytes) },
  int8: { code: 0x09, width: 1, decode: reader(ints, 1, (view, at) => view.getInt8(at)) },
  int16: { code: 0x0b, width: 2, decode: reader(ints, 2, (view, at) => view.getInt16(at)) },
  int32: { code: 0x0c, width: 4, decode: reader(ints, 4, (view, at) => view.getInt32(at)) },
  float32: { code: 0x0d, width: 4, decode: reader(floats, 4, (view, at) => view.getFloat32(at)) },
  float64: { code: 0x0e, width: 8, decode: reader(floats, 8, (view, at) => view.getFloat64(at)) }
}

const largestItem = 2 ** 30
const hex = (byte: number): string => `0x${byte.toString(16).padStart(2, "0")}`
const typeOfCode = new Map(Object.entries(formats).map(([type, { code }]) => [code, type as IdxType]))

const fail = (source: string, expected: string, actual: string) =>
  Result.fail(new DataError({ source, expected, actual }))

/** The number of bytes of the header that begins with these four. */
export const headerSize = (start: Uint8Array, source: string): Result.Result<number, DataError> => {
  const [a, b, code, rank] = start as unknown as readonly [number, number, number, number]
  if (a !== 0 || b !== 0) return fail(source, "IDX data, which begin with two zero bytes", `${hex(a)} ${hex(b)}`)
  if (!typeOfCode.has(code)) {
    return fail(source, `an IDX element type, one of ${[...typeOfCode.keys()].map(hex).join(", ")}`, hex(code))
  }
  return rank === 0 ? fail(source, "at least one dimension", "none") : Result.succeed(4 + 4 * rank)
}

/** Reads a whole header, whose start {@link headerSize} has accepted. */
export const parseHeader = (bytes: Uint8Array, source: string): Result.Result<IdxHeader, DataError> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const shape = Array.from({ length: bytes[3]! }, (_, i) => view.getUint32(4 + 4 * i))
  const type = typeOfCode.get(bytes[2]!)!
  const itemBytes = size(shape.slice(1)) * formats[type].width
  return itemBytes >= 1 && itemBytes <= largestItem
    ? Result.succeed({ type, shape })
    : fail(
      source,
      `items of 1 to ${largestItem} bytes`,
      `items of ${itemBytes} bytes, the shape being ${format(shape)}`
    )
}
