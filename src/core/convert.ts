import { elementType } from "./hostArray.ts"
import type { Data } from "./hostArray.ts"

/** Every typed array of this runtime; those of newer ones are converted too. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array

/** Numbers, booleans or bigints, nested to the rank of the array. */
export type Nested = number | boolean | bigint | TypedArray | ReadonlyArray<Nested>

type Flat = { readonly data: Data; readonly shape: ReadonlyArray<number> }
type List = ArrayLike<number | bigint>
type Typed = ArrayBufferView & List & { readonly [Symbol.toStringTag]?: string }

const isList = (u: unknown): u is ArrayLike<unknown> =>
  Array.isArray(u) || (ArrayBuffer.isView(u) && !(u instanceof DataView))

const show = (u: unknown): string =>
  typeof u === "string" ? JSON.stringify(u) : typeof u === "bigint" ? `${u}n` : String(u)

const refuse = (what: string): never => {
  throw new RangeError(`NdArray.make: ${what}`)
}

const integers = (values: List): Int32Array => {
  const out = new Int32Array(values.length)
  for (let i = 0; i < out.length; i++) {
    const value = values[i]!
    if (value < -0x8000_0000 || value > 0x7fff_ffff) refuse(`value ${i} is ${value}, which is no integer of 32 bits`)
    out[i] = Number(value)
  }
  return out
}

const floats = (values: List): Float32Array => {
  const out = new Float32Array(values.length)
  for (let i = 0; i < out.length; i++) {
    const value = values[i] as number
    out[i] = value
    if (!Number.isFinite(out[i]) && Number.isFinite(value)) refuse(`value ${i} is ${value}, beyond float32`)
  }
  return out
}

const ofTyped = (values: Typed): Data => {
  switch (values[Symbol.toStringTag]) {
    case "Float32Array":
    case "Int32Array":
      return elementType(values) === undefined ? floatsOrIntegers(values) : values as unknown as Data
    case "Uint8Array":
    case "Uint8ClampedArray":
      // The same bytes, also of a Buffer, which is a Uint8Array with other methods.
      return Object.getPrototypeOf(values) === Uint8Array.prototype
        ? values as unknown as Data
        : new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    default:
      return floatsOrIntegers(values)
  }
}

const floatsOrIntegers = (values: Typed): Data =>
  values[Symbol.toStringTag]?.startsWith("Float") === true
    ? floats(values)
    : integers(values)

/** Plain values of one type: numbers become float32, bigints int32, booleans the bytes 0 and 1. */
const ofPlain = (values: ReadonlyArray<unknown>): Data => {
  const type = values.length === 0 ? "number" : typeof values[0]
  if (type !== "number" && type !== "bigint" && type !== "boolean") return refuse(`value 0 is ${show(values[0])}`)
  for (let i = 0; i < values.length; i++) {
    if (typeof values[i] !== type) refuse(`value ${i} is ${show(values[i])}, value 0 a ${type}`)
  }
  return type === "number"
    ? floats(values as ReadonlyArray<number>)
    : type === "bigint"
    ? integers(values as ReadonlyArray<bigint>)
    : Uint8Array.from(values as ReadonlyArray<never>)
}

/** Lists in lists one behind the other, with the shape that they have; rows are all as long as the first. */
const ofNested = (values: ArrayLike<unknown>): Flat => {
  const shape: Array<number> = []
  let first: unknown = values
  while (isList(first)) {
    shape.push(first.length)
    first = first[0]
  }
  const rows: Array<ArrayLike<unknown>> = []
  const visit = (node: unknown, depth: number): void => {
    if (!isList(node) || node.length !== shape[depth]) {
      const found = isList(node) ? `one of ${node.length}` : show(node)
      return refuse(`lists are nested evenly, got ${found} beside one of ${shape[depth]}`)
    }
    if (depth === shape.length - 1) rows.push(node)
    else for (let i = 0; i < node.length; i++) visit(node[i], depth + 1)
  }
  visit(values, 0)
  if (rows.every((row) => Array.isArray(row))) return { data: ofPlain(rows.flat()), shape }
  const parts = rows.map((row) => Array.isArray(row) ? ofPlain(row) : ofTyped(row as unknown as Typed))
  const data = new (parts[0]!.constructor as new(length: number) => Data)(parts.length * shape.at(-1)!)
  parts.forEach((part, i) => {
    if (elementType(part) !== elementType(data)) refuse(`row ${i} is ${elementType(part)}, row 0 ${elementType(data)}`)
    data.set(part, i * part.length)
  })
  return { data, shape }
}

/** The values of a host array from whatever holds them, and the shape that they are nested in. */
export const convert = (values: unknown): Flat => {
  if (!isList(values)) return { data: ofPlain([values]), shape: [] }
  if (!Array.isArray(values)) {
    return { data: ofTyped(values as unknown as Typed), shape: [values.length] }
  }
  return values.some(isList) ? ofNested(values) : { data: ofPlain(values), shape: [values.length] }
}
