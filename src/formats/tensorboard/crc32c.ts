// Castagnoli's polynomial, 0x1edc6f41, with its bits reversed, as the table goes from the lowest bit up.
const POLYNOMIAL = 0x82f63b78

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ POLYNOMIAL
  return value
})

/** The CRC-32C of bytes, from 0 to 2^32 - 1 (RFC 3720, section 12.1). */
export const crc32c = (bytes: Uint8Array): number => {
  let crc = 0xffff_ffff
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ table[(crc ^ bytes[i]!) & 0xff]!
  return ~crc >>> 0
}
