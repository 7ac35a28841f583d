import { made, utf8, wholeCharacters } from "./Tokenizer.ts"
import type { Tokenizer } from "./Tokenizer.ts"

/**
 * The bytes of UTF-8 as tokens, 256 of them: any text, without any training.
 *
 * @example
 * ```ts
 * import { Text } from "effect-neuron"
 *
 * Text.bytes.encode("né") // => Int32Array.of(110, 195, 169)
 * Text.bytes.decode([110, 195, 169]) // => "né"
 * ```
 */
export const bytes: Tokenizer = /* @__PURE__ */ made({
  description: { kind: "bytes" },
  tokens: /* @__PURE__ */ Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
  encode: (text) => Int32Array.from(utf8(text)),
  settled: wholeCharacters
})
