import type { Data } from "../core/NdArray.ts"
import { fromBfloat16, fromFloat16 } from "./halves.ts"

/** An element type of a safetensors file: its width in bytes, and how values are read from a copy of their bytes. */
export type DType = {
  readonly width: number
  /** Undefined when a value does not fit the type that it is read as. */
  readonly read: (view: DataView<ArrayBuffer>, count: number) => Data | undefined
}

const floats = (width: number, at: (view: DataView, offset: number) => number): DType => ({
  width,
  read: (view, count) => Float32Array.from({ length: count }, (_, i) => at(view, i * width))
})

const integers = (width: number, at: (view: DataView, offset: number) => number | bigint): DType => ({
  width,
  read: (view, count) => {
    const out = new Int32Array(count)
    for (let i = 0; i < count; i++) {
      const value = at(view, i * width)
      if (value < -0x8000_0000 || value > 0x7fff_ffff) return undefined
      out[i] = Number(value)
    }
    return out
  }
})

const bytes: DType = { width: 1, read: (view) => new Uint8Array(view.buffer) }

/**
 * The element types that are read, by their names in the format. F32 and I32 are taken as they lie, which supposes a
 * little-endian processor, as typed arrays elsewhere do: every engine in use runs on one.
 */
export const dtypes: ReadonlyMap<string, DType> = new Map([
  ["F64", floats(8, (view, offset) => view.getFloat64(offset, true))],
  ["F32", { width: 4, read: (view) => new Float32Array(view.buffer) }],
  ["F16", floats(2, (view, offset) => fromFloat16(view.getUint16(offset, true)))],
  ["BF16", floats(2, (view, offset) => fromBfloat16(view.getUint16(offset, true)))],
  ["I64", integers(8, (view, offset) => view.getBigInt64(offset, true))],
  ["U64", integers(8, (view, offset) => view.getBigUint64(offset, true))],
  ["I32", { width: 4, read: (view) => new Int32Array(view.buffer) }],
  ["U32", integers(4, (view, offset) => view.getUint32(offset, true))],
  ["I16", integers(2, (view, offset) => view.getInt16(offset, true))],
  ["U16", integers(2, (view, offset) => view.getUint16(offset, true))],
  ["I8", integers(1, (view, offset) => view.getInt8(offset))],
  ["U8", bytes],
  ["BOOL", bytes]
])

/** The element type that host data are written as. */
export const dtypeOf = (data: Data): "F32" | "I32" | "U8" =>
  data instanceof Float32Array ? "F32" : data instanceof Int32Array ? "I32" : "U8"
