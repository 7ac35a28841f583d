import { Result } from "effect"
import { dual } from "effect/Function"
import { DataError } from "../core/errors.ts"
import { arrayExpected, problemOf } from "../core/hostArray.ts"
import type { NdArray } from "../core/NdArray.ts"
import { size } from "../core/Shape.ts"
import { dtypeOf } from "./dtypes.ts"
import { METADATA, PREFIX_BYTES, readHeader } from "./safetensorsHeader.ts"

/** What a file holds: named arrays, and strings that say something about them. */
export type Safetensors = {
  readonly tensors: { readonly [name: string]: NdArray }
  readonly metadata: { readonly [key: string]: string }
}

const bytesOf = ({ buffer, byteLength, byteOffset }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

/**
 * The bytes of a safetensors file (https://huggingface.co/docs/safetensors): eight bytes with the length of the header,
 * a JSON header, the data. Float32Array becomes F32, Int32Array I32, Uint8Array U8. The data begin at a multiple of 8
 * and arrays of bytes come last, so that every array is aligned in the file. The same arguments give the same bytes.
 *
 * Throws a `RangeError` for an array named `__metadata__`, and for what is no host array.
 *
 * @example
 * ```ts
 * import { NdArray, Safetensors } from "effect-neuron"
 *
 * const bytes = Safetensors.encode({ w: NdArray.make([1, 2], [2]) })
 * new TextDecoder().decode(bytes.subarray(8, -8)).trim()
 * // => `{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`
 * ```
 */
export const encode = (
  tensors: { readonly [name: string]: NdArray },
  { metadata = {} }: { readonly metadata?: Safetensors["metadata"] } = {}
): Uint8Array<ArrayBuffer> => {
  const isBytes = ([, { data }]: readonly [string, NdArray]): number => Number(data.BYTES_PER_ELEMENT === 1)
  const placed = Object.entries(tensors).sort((a, b) => isBytes(a) - isBytes(b))
  const fields: Array<readonly [string, unknown]> = Object.keys(metadata).length === 0 ? [] : [[METADATA, metadata]]
  let end = 0
  for (const [name, { data, shape }] of placed) {
    if (name === METADATA) throw new RangeError(`"${METADATA}" is no name for a tensor: it is where metadata stand`)
    const wrong = problemOf(tensors[name])
    if (wrong !== undefined) throw new RangeError(`${name} expects ${arrayExpected}, got ${wrong}`)
    fields.push([name, { dtype: dtypeOf(data), shape, data_offsets: [end, end += data.byteLength] }])
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(fields)))
  const start = PREFIX_BYTES + Math.ceil(text.length / 8) * 8
  const out = new Uint8Array(start + end)
  new DataView(out.buffer).setBigUint64(0, BigInt(start - PREFIX_BYTES), true)
  out.fill(0x20, PREFIX_BYTES, start).set(text, PREFIX_BYTES)
  let at = start
  for (const [, { data }] of placed) {
    out.set(bytesOf(data), at)
    at += data.byteLength
  }
  return out
}

/**
 * Reads the bytes of a safetensors file; `source` says in errors where they are from. F64, F32, F16 and BF16 become
 * Float32Array (F64 is rounded), I64, U64, I32, U32, I16, U16 and I8 become Int32Array, U8 and BOOL become Uint8Array.
 * They share no memory with `bytes`.
 *
 * Fails with a `DataError` that says what is wrong when the file is cut short or too long, its header is no JSON of the
 * right form or over 100 MB, a type is unknown, data overlap, leave gaps or do not fit a shape, or an integer does not
 * fit 32 bits. Of a name that occurs twice `JSON.parse` keeps the last, and so the data of the first make a gap.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
import { dual } from "effect/Function"
 * import { NdArray, Safetensors } from "effect-neuron"
 *
 * const bytes = Safetensors.encode({ w: NdArray.make([1, 2], [2]) }, { metadata: { step: "7" } })
 * const { metadata, tensors } = Result.getOrThrow(Safetensors.decode(bytes, "model.safetensors"))
 * metadata // => { step: "7" }
 * tensors.w // => NdArray.make([1, 2], [2])
 * Result.getOrThrow(Safetensors.decode(bytes.subarray(0, 3), "cut"))
 * // throws DataError: cut: expected a header length of 8 bytes, found 3 bytes
 * ```
 */
export const decode: {
  (bytes: Uint8Array, source: string): Result.Result<Safetensors, DataError>
  (source: string): (bytes: Uint8Array) => Result.Result<Safetensors, DataError>
} = /* @__PURE__ */ dual(
  2,
  (bytes: Uint8Array, source: string): Result.Result<Safetensors, DataError> =>
    Result.gen(function*() {
      const wrong = (expected: string, actual: string, cause?: unknown) =>
        Result.fail(new DataError({ source, expected, actual, ...(cause === undefined ? {} : { cause }) }))

      const { entries, metadata, start } = yield* readHeader(bytes, wrong)
      const body = bytes.subarray(start)
      const tensors: Array<readonly [string, NdArray]> = []
      let covered = 0
      for (const { begin, dtype, end, name, shape } of entries) {
        if (end > body.length) return yield* wrong(`data up to byte ${end}, for ${name}`, `${body.length} bytes`)
        const data = dtype.read(new DataView(new Uint8Array(body.subarray(begin, end)).buffer), size(shape))
        if (data === undefined) return yield* wrong(`${name} to hold integers of 32 bits`, "larger ones")
        tensors.push([name, { data, shape }])
        covered = end
      }
      if (covered !== body.length) return yield* wrong(`${covered} bytes of data`, `${body.length} bytes`)
      return { tensors: Object.fromEntries(tensors), metadata }
    })
)
