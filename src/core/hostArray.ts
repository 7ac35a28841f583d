import { format, size } from "./Shape.ts"

// On a union of typed arrays TypeScript lets no method be called that has several signatures, and what others give is a
// union without these.
type Values = {
  slice(start?: number, end?: number): Data
  subarray(start?: number, end?: number): Data
  map(f: (value: number, index: number) => number): Data
  filter(keep: (value: number, index: number) => unknown): Data
  reduce<A>(f: (result: A, value: number, index: number) => A, initial: A): A
  reduce(f: (result: number, value: number, index: number) => number): number
  reduceRight<A>(f: (result: A, value: number, index: number) => A, initial: A): A
  reduceRight(f: (result: number, value: number, index: number) => number): number
}

/** The element types of an array in host memory: float32 values, int32 values (class indices, ids) or raw bytes. */
export type Data = Values & (Float32Array | Int32Array | Uint8Array)

/**
 * An array in host memory, row-major. Examples and batches are made of these, never of tensors: a tensor in a stream's
 * buffer leaks when the stream stops early.
 */
export type NdArray = { readonly data: Data; readonly shape: ReadonlyArray<number> }

/** Whether a value has the form of a host array, whatever its elements: what tells the leaves of trees of them. */
export const isArrayLike = (u: unknown): u is NdArray =>
  typeof u === "object" && u !== null && "data" in u && "shape" in u && ArrayBuffer.isView(u.data) &&
  Array.isArray(u.shape)

/** The name of the element type of a host array, if it is one of the three. */
export const elementType = (data: unknown): "float32" | "int32" | "uint8" | undefined =>
  data instanceof Float32Array
    ? "float32"
    : data instanceof Int32Array
    ? "int32"
    : data instanceof Uint8Array
    ? "uint8"
    : undefined

/** An array of the element type of another, of zeros. */
export const allocate = (like: Data, length: number): Data =>
  like instanceof Float32Array
    ? new Float32Array(length)
    : like instanceof Int32Array
    ? new Int32Array(length)
    : new Uint8Array(length)

const isDimension = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 0

/** What is wrong with a shape, if anything is. */
export const shapeProblem = (shape: unknown): string | undefined =>
  !Array.isArray(shape)
    ? `a shape is an array of dimensions, got ${String(shape)}`
    : shape.every(isDimension)
    ? undefined
    : `the dimensions of a shape are integers from 0 up, got [${shape.join(", ")}]`

const kindOf = (u: unknown): string =>
  u === null || typeof u !== "object" ? String(u) : u.constructor?.name ?? "an object"

/** What a value is, in place of the host array that is expected: `undefined` when it is one. */
export const problemOf = (u: unknown): string | undefined => {
  if (!isArrayLike(u)) return kindOf(u)
  const { data, shape } = u, type = elementType(data)
  if (type === undefined) return `${kindOf(data)} ${format(shape)}`
  if (!shape.every(isDimension)) return `${type} of the shape ${format(shape)}`
  return size(shape) === data.length ? undefined : `${type} ${format(shape)} with ${data.length} values`
}

/** What is expected where {@link problemOf} finds something else. */
export const arrayExpected = "an array of float32, int32 or uint8 that fills its shape (NdArray.make)"
