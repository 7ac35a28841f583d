import { Schema } from "effect"

const strings = /* @__PURE__ */ Schema.Array(Schema.String)

const BytePairs = /* @__PURE__ */ Schema.Struct({
  kind: /* @__PURE__ */ Schema.Literal("bytePairs"),
  vocabulary: strings,
  merges: strings,
  patterns: strings,
  special: /* @__PURE__ */ Schema.Record(Schema.String, Schema.Int),
  normalization: /* @__PURE__ */ Schema.optionalKey(/* @__PURE__ */ Schema.Literals(["NFC", "NFD", "NFKC", "NFKD"])),
  prefixSpace: /* @__PURE__ */ Schema.optionalKey(Schema.Boolean),
  wholePieces: /* @__PURE__ */ Schema.optionalKey(Schema.Boolean)
})

/** What pairs of bytes are merged into, as it stands in a description. */
export type BytePairsDescription = typeof BytePairs.Type

/**
 * What a tokenizer is, as plain data that a file and a page can hold:
 *
 * - `bytes`: the bytes of UTF-8.
 * - `characters`: those of `characters`, one token each, in this order.
 * - `words`: `words`, with the blank before them, from token 1 on; token 0 is any other word.
 * - `vocabulary`: `tokens`; at each place of a text the longest one that fits.
 * - `bytePairs`: pieces of bytes. The `vocabulary` and the `merges` (`"Ġt he"`) are written as in the files of GPT-2, a
 *   printable character for each byte; `patterns` are regular expressions that cut a text before pairs are merged;
 *   `special` tokens stand as they are. `wholePieces`: a piece that is in the vocabulary is a token whatever the merges
 *   are. `normalization` and `prefixSpace` (a blank before the text) are of tokenizers of others, whose texts do not
 *   come back as they were.
 *
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { Text } from "effect-neuron"
 *
 * Schema.is(Text.TokenizerDescription)(Text.bytes.description) // => true
 * ```
 */
export const TokenizerDescription = /* @__PURE__ */ Schema.Union([
  /* @__PURE__ */ Schema.Struct({ kind: /* @__PURE__ */ Schema.Literal("bytes") }),
  /* @__PURE__ */ Schema.Struct({
    kind: /* @__PURE__ */ Schema.Literal("characters"),
    characters: Schema.String
  }),
  /* @__PURE__ */ Schema.Struct({ kind: /* @__PURE__ */ Schema.Literal("words"), words: strings }),
  /* @__PURE__ */ Schema.Struct({ kind: /* @__PURE__ */ Schema.Literal("vocabulary"), tokens: strings }),
  BytePairs
])
export type TokenizerDescription = typeof TokenizerDescription.Type
