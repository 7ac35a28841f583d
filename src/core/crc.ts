/**
 * A cyclic redundancy check of 32 bits: of bytes a number from 0 to 2^32 - 1. The polynomial is given with its bits
 * reversed, as the table goes from the lowest bit up.
 */
export const crcOf = (polynomial: number): (bytes: Uint8Array) => number => {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ polynomial
    return value
  })
  return (bytes) => {
    let crc = 0xffff_ffff
    for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ table[(crc ^ bytes[i]!) & 0xff]!
    return ~crc >>> 0
  }
}
