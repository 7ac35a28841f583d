import { joined } from "../core/bytes.ts"
import { shown } from "../core/configuration.ts"
import { DataError } from "../core/errors.ts"
import type { TokenizerDescription } from "./description.ts"

/**
 * Texts as tokens and back: functions, and the plain data that they are made of. `Text.tokenizer` makes it again of its
 * description, which a checkpoint, a run or a file holds.
 *
 * A text that has tokens comes back as it was, whatever characters are in it. Half of a surrogate pair is no character:
 * it counts as U+FFFD, as in a file.
 */
export interface Tokenizer {
  /** What it is, as JSON. */
  readonly description: TokenizerDescription
  /** How many tokens it has: 0 to `size - 1`. */
  readonly size: number
  /** The tokens of a text. Throws a `DataError` for what it has no token for. */
  readonly encode: (text: string) => Int32Array
  /** The text of tokens; U+FFFD for what is no token, and for bytes that are no character. */
  readonly decode: (tokens: ArrayLike<number>) => string
  /** What a token stands for, in UTF-8: part of a character, maybe. */
  readonly bytes: (token: number) => Uint8Array
  /** Of the beginning of a text, how much of it has the same tokens whatever follows. */
  readonly settled: (text: string) => number
  /** Tokens that stand for something else than a piece of text, by how they are written: `<|endoftext|>`. */
  readonly special: { readonly [text: string]: number }
}

const encoder = /* @__PURE__ */ new TextEncoder()

/** A text in UTF-8; half of a surrogate pair is U+FFFD. */
export const utf8 = (text: string): Uint8Array => encoder.encode(text)

/** What stands for what cannot be read. */
export const REPLACEMENT = "\ufffd"
const replacement = /* @__PURE__ */ utf8(REPLACEMENT)

/** A decoder of UTF-8 that keeps all characters, also the mark at the beginning of a file. */
export const utf8Decoder = (): TextDecoder => new TextDecoder("utf-8", { ignoreBOM: true })

/** What a tokenizer is made of: all but what follows from the bytes of its tokens. */
export interface Parts {
  readonly description: TokenizerDescription
  readonly tokens: ReadonlyArray<Uint8Array>
  readonly encode: Tokenizer["encode"]
  readonly settled: Tokenizer["settled"]
  readonly special?: Tokenizer["special"]
}

/** A tokenizer whose tokens have these bytes. */
export const made = ({ description, encode, settled, special = {}, tokens }: Parts): Tokenizer => {
  const bytes = (token: number): Uint8Array => tokens[token] ?? replacement
  return {
    description,
    size: tokens.length,
    encode,
    decode: (tokens) => utf8Decoder().decode(joined(Array.from(tokens, bytes))),
    bytes,
    settled,
    special
  }
}

/** Of a text, all but the first half of a pair that its end may be. */
export const wholeCharacters = (text: string): number => {
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd800 && last < 0xdc00 ? text.length - 1 : text.length
}

/** The error of a text that has something for which there is no token. */
export const noToken = (text: string, at: number, expected: string): DataError => {
  const point = text.codePointAt(at)!, code = point.toString(16).toUpperCase().padStart(4, "0")
  const actual = `${shown(String.fromCodePoint(point))} (U+${code})`
  return new DataError({ source: `text, character ${at + 1}`, expected, actual })
}
