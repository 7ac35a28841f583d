import { crcOf } from "../../core/crc.ts"

/** The CRC-32C of bytes (RFC 3720, section 12.1): Castagnoli's polynomial, 0x1edc6f41. */
export const crc32c: (bytes: Uint8Array) => number = /* @__PURE__ */ crcOf(0x82f63b78)
