import { convert } from "./convert.ts"
import type { Nested } from "./convert.ts"
import { allocate, elementType, problemOf, shapeProblem } from "./hostArray.ts"
import type { NdArray } from "./hostArray.ts"
import { equals, format, size as sizeOf } from "./Shape.ts"
import type { Structure } from "./structure.ts"

export type { Nested, TypedArray } from "./convert.ts"
export type { Data, NdArray } from "./hostArray.ts"

/** A tree of host arrays, for models with several inputs or outputs. */
export type HostTree = Structure<NdArray>

/**
 * Makes an array from its values in row-major order, or from lists of lists, whose shape need not be given.
 * Float32Array, Int32Array and Uint8Array are taken as they are. Numbers, float64 and float16 become float32 (rounded);
 * integers of other widths and bigints become int32; clamped bytes stay bytes; booleans become the bytes 0 and 1.
 *
 * Throws a `RangeError` for values that do not fill the shape, that are not nested evenly or of one type, and for
 * integers beyond 32 bits and numbers beyond float32.
 *
 * @example
 * ```ts
 * import { NdArray } from "effect-neuron"
 *
 * NdArray.make([1, 2, 3, 4], [2, 2]) // => { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] }
 * NdArray.make([[1, 2], [3, 4]]) // => NdArray.make([1, 2, 3, 4], [2, 2])
 * NdArray.make(Uint16Array.of(1, 2), [2]) // => { data: Int32Array.of(1, 2), shape: [2] }
 * NdArray.make([1, 2, 3], [2, 2]) // throws RangeError: shape [2, 2] holds 4 values, got 3
 * ```
 */
export const make = (values: Nested, shape?: ReadonlyArray<number>): NdArray => {
  const converted = convert(values), { data } = converted
  if (shape === undefined) return converted
  const wrong = shapeProblem(shape)
  if (wrong !== undefined) throw new RangeError(`NdArray.make: ${wrong}`)
  const size = sizeOf(shape)
  if (data.length !== size) throw new RangeError(`shape ${format(shape)} holds ${size} values, got ${data.length}`)
  if (converted.shape.length > 1 && !equals(converted.shape, shape)) {
    throw new RangeError(`NdArray.make: the lists are nested as ${format(converted.shape)}, not as ${format(shape)}`)
  }
  return { data, shape }
}

/**
 * One class index or id, as int32 with the shape of a scalar. Throws a `RangeError` for what is no integer of 32 bits.
 *
 * @example
 * ```ts
 * import { NdArray } from "effect-neuron"
 *
 * NdArray.index(7) // => { data: Int32Array.of(7), shape: [] }
 * NdArray.index(1.9) // throws RangeError: NdArray.index: an integer of 32 bits, got 1.9
 * ```
 */
export const index = (n: number): NdArray => {
  if ((n | 0) !== n) throw new RangeError(`NdArray.index: an integer of 32 bits, got ${n}`)
  return { data: Int32Array.of(n), shape: [] }
}

/**
 * Whether a value is a host array: of float32, int32 or bytes, as many as its shape holds.
 *
 * @example
 * ```ts
 * import { NdArray } from "effect-neuron"
 *
 * NdArray.isNdArray(NdArray.index(7)) // => true
 * NdArray.isNdArray([7]) // => false
 * NdArray.isNdArray({ data: Float64Array.of(7), shape: [] }) // => false
 * ```
 */
export const isNdArray = (u: unknown): u is NdArray => problemOf(u) === undefined

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
  const inner = first.shape.slice(1), type = elementType(first.data)
  arrays.forEach((array, i) => {
    const wrong = problemOf(array), { data, shape } = array
    if (wrong !== undefined) throw new RangeError(`concat: array ${i} is ${wrong}`)
    if (shape.length === 0 || !equals(shape.slice(1), inner) || elementType(data) !== type) {
      const found = `${elementType(data)} ${format(shape)}`
      throw new RangeError(`array ${i} is ${found}, and does not fit behind ${type} ${format(first.shape)}`)
    }
  })
  const rows = arrays.reduce((sum, { shape }) => sum + shape[0]!, 0)
  const data = allocate(first.data, rows * sizeOf(inner))
  let at = 0
  for (const array of arrays) {
    data.set(array.data, at)
    at += array.data.length
  }
  return { data, shape: [rows, ...inner] }
}
