import { equals, format, size as sizeOf } from "./Shape.ts"
import type { Structure } from "./structure.ts"

/** The element types of an array in host memory: float32 values, int32 values (class indices, ids) or raw bytes. */
export type Data = Float32Array | Int32Array | Uint8Array

/**
 * An array in host memory, row-major. Examples and batches are made of these, never of tensors: a tensor in a stream's
 * buffer leaks when the stream stops early.
 */
export type NdArray = { readonly data: Data; readonly shape: ReadonlyArray<number> }

/** A tree of host arrays, for models with several inputs or outputs. */
export type HostTree = Structure<NdArray>

/**
 * Makes an array from its values in row-major order. Plain numbers become float32.
 *
 * @example
 * ```ts
 * import { NdArray } from "effect-neuron"
 *
 * NdArray.make([1, 2, 3, 4], [2, 2]) // => { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] }
 * NdArray.make([1, 2, 3], [2, 2]) // throws RangeError: shape [2, 2] holds 4 values, got 3
 * ```
 */
export const make = (data: Data | ReadonlyArray<number>, shape: ReadonlyArray<number>): NdArray => {
  const size = sizeOf(shape)
  if (data.length !== size) throw new RangeError(`shape [${shape.join(", ")}] holds ${size} values, got ${data.length}`)
  return { data: Array.isArray(data) ? Float32Array.from(data) : data as Data, shape }
}

/**
 * One class index or id, as int32 with the shape of a scalar.
 *
 * @example
 * ```ts
 * import { NdArray } from "effect-neuron"
 *
 * NdArray.index(7) // => { data: Int32Array.of(7), shape: [] }
 * ```
 */
export const index = (n: number): NdArray => ({ data: Int32Array.of(n), shape: [] })

/**
 * Whether a value is a host array.
 *
 * @example
 * ```ts
 * import { NdArray } from "effect-neuron"
 *
 * NdArray.isNdArray(NdArray.index(7)) // => true
 * NdArray.isNdArray([7]) // => false
 * ```
 */
export const isNdArray = (u: unknown): u is NdArray =>
  typeof u === "object" && u !== null && "data" in u && "shape" in u && ArrayBuffer.isView(u.data) &&
  Array.isArray(u.shape)

/**
 * Arrays one behind the other along their first dimension: the predictions of several batches as one array. All have
 * the same element type, and the same shape but for the first dimension; else, and for no array at all, it throws a
 * `RangeError`.
 *
 * @example
 * ```ts
 * import { NdArray } from "effect-neuron"
 *
 * NdArray.concat([NdArray.make([1, 2], [1, 2]), NdArray.make([3, 4, 5, 6], [2, 2])])
 * // => NdArray.make([1, 2, 3, 4, 5, 6], [3, 2])
 * ```
 */
export const concat = (arrays: ReadonlyArray<NdArray>): NdArray => {
  const [first] = arrays
  if (first === undefined || first.shape.length === 0) {
    throw new RangeError(
      `concat expects arrays with a first dimension, got ${first === undefined ? "none" : "scalars"}`
    )
  }
  const inner = first.shape.slice(1), { name } = first.data.constructor
  arrays.forEach(({ data, shape }, i) => {
    if (shape.length === 0 || !equals(shape.slice(1), inner) || data.constructor !== first.data.constructor) {
      const found = `${data.constructor.name} ${format(shape)}`
      throw new RangeError(`array ${i} is ${found}, and does not fit behind ${name} ${format(first.shape)}`)
    }
  })
  const rows = arrays.reduce((sum, { shape }) => sum + shape[0]!, 0)
  const data = new (first.data.constructor as new(length: number) => Data)(rows * sizeOf(inner))
  let at = 0
  for (const array of arrays) {
    data.set(array.data, at)
    at += array.data.length
  }
  return { data, shape: [rows, ...inner] }
}
