/** The bytes of a field with its tag, and of a message, which is fields one behind the other. */
export type Field = Uint8Array<ArrayBuffer>

const VARINT = 0, FIXED64 = 1, LENGTH_DELIMITED = 2, FIXED32 = 5

const utf8 = new TextEncoder()

/** Seven bits in a byte, the lowest first; the eighth says that there are more. Beyond 32 bits `>>>` would cut. */
const varint = (value: number): ReadonlyArray<number> => {
  const out: Array<number> = []
  let rest = value
  while (rest >= 128) {
    out.push(rest % 128 + 128)
    rest = Math.floor(rest / 128)
  }
  out.push(rest)
  return out
}

const tag = (field: number, wireType: number): ReadonlyArray<number> => varint(field * 8 + wireType)

const empty: Field = new Uint8Array(0)

/** Messages and fields one behind the other. */
export const join = (...parts: ReadonlyArray<Uint8Array>): Field => {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** A whole number from 0 to 2^53 - 1, of any of the integer types. A zero is not written: it is the default. */
export const integer = (field: number, value: number): Field =>
  value === 0 ? empty : Uint8Array.from([...tag(field, VARINT), ...varint(value)])

/** A double. A zero is not written, except for -0. */
export const double = (field: number, value: number): Field => {
  if (Object.is(value, 0)) return empty
  return join(Uint8Array.from(tag(field, FIXED64)), littleEndian([value]))
}

/** A float in a `oneof`, where a zero is written too: it says which of them it is. */
export const float = (field: number, value: number): Field => {
  const out = new Uint8Array(4)
  new DataView(out.buffer).setFloat32(0, value, true)
  return join(Uint8Array.from(tag(field, FIXED32)), out)
}

/** Bytes, or a message. */
export const bytes = (field: number, value: Uint8Array): Field =>
  join(Uint8Array.from([...tag(field, LENGTH_DELIMITED), ...varint(value.length)]), value)

/** Text, in UTF-8. */
export const text = (field: number, value: string): Field => value === "" ? empty : bytes(field, utf8.encode(value))

/** A repeated field of doubles, packed. */
export const doubles = (field: number, values: ReadonlyArray<number>): Field =>
  values.length === 0 ? empty : bytes(field, littleEndian(values))

const littleEndian = (values: ReadonlyArray<number>): Uint8Array => {
  const out = new Uint8Array(8 * values.length), view = new DataView(out.buffer)
  values.forEach((value, i) => view.setFloat64(8 * i, value, true))
  return out
}
