import { crc32c } from "./crc32c.ts"

// Data that hold checksums of themselves would have weak checksums; hence the mask.
const masked = (bytes: Uint8Array): number => {
  const crc = crc32c(bytes)
  return (((crc >>> 15) | (crc << 17)) + 0xa282_ead8) >>> 0
}

/**
 * Data as a record of a TFRecord file: its length in eight bytes and their masked CRC-32C, the data and theirs, all
 * little-endian (https://www.tensorflow.org/tutorials/load_data/tfrecord).
 */
export const tfRecord = (data: Uint8Array): Uint8Array<ArrayBuffer> => {
  const out = new Uint8Array(8 + 4 + data.length + 4), view = new DataView(out.buffer)
  view.setBigUint64(0, BigInt(data.length), true)
  view.setUint32(8, masked(out.subarray(0, 8)), true)
  out.set(data, 12)
  view.setUint32(12 + data.length, masked(data), true)
  return out
}
