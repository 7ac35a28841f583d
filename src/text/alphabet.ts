/** The bytes that stand for themselves in the files of GPT-2, as they are printable in Latin-1. */
const printable = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae

/**
 * The printable character of each byte (`bytes_to_unicode` of GPT-2's `encoder.py`): itself, or one from U+0100 on, in
 * the order of those bytes.
 */
export const characterOf: ReadonlyArray<string> = /* @__PURE__ */ (() => {
  let next = 0x100
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++))
})()

/** The bytes in the order of these characters, which is that of the first tokens of GPT-2. */
export const byteOrder: ReadonlyArray<number> = /* @__PURE__ */ Array.from({ length: 256 }, (_, byte) => byte)
  .sort((a, b) => characterOf[a]!.charCodeAt(0) - characterOf[b]!.charCodeAt(0))

const byteOf: ReadonlyMap<string, number> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ characterOf.map((character, byte) => [character, byte])
)

/** Bytes as printable characters. */
export const written = (bytes: Uint8Array): string => Array.from(bytes, (byte) => characterOf[byte]!).join("")

/** The bytes of printable characters; `undefined` where one is none of them. */
export const unwritten = (text: string): Uint8Array | undefined => {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const byte = byteOf.get(text[i]!)
    if (byte === undefined) return undefined
    bytes[i] = byte
  }
  return bytes
}
