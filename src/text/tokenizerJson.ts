import { Result } from "effect"
import { isObject } from "effect/Predicate"
import { shown } from "../core/configuration.ts"
import { DataError } from "../core/errors.ts"
import { bytePairsOf } from "./bytePairsOf.ts"
import type { BytePairsDescription } from "./description.ts"
import { GPT2 } from "./pieces.ts"
import type { Tokenizer } from "./Tokenizer.ts"

type Json = { readonly [key: string]: unknown }
type Failing<A> = Result.Result<A, DataError>

const fail = (source: string, expected: string, actual: unknown): Failing<never> =>
  Result.fail(new DataError({ source, expected, actual: actual === undefined ? "nothing" : shown(actual) }))

const record = (u: unknown, source: string): Failing<Json> =>
  isObject(u) && !Array.isArray(u) ? Result.succeed(u as Json) : fail(source, "a record", u)

const list = (u: unknown, source: string): Failing<ReadonlyArray<unknown>> =>
  Array.isArray(u) ? Result.succeed(u) : fail(source, "a list", u)

/** What is not supported, where it is something else than nothing. */
const only = (
  json: Json,
  source: string,
  allowed: { readonly [key: string]: ReadonlyArray<unknown> }
): Failing<void> => {
  for (const [key, values] of Object.entries(allowed)) {
    const value = json[key] ?? null
    if (value !== null && !values.includes(value)) {
      const expected = values.length === 0 ? "none" : values.map(shown).join(" or ")
      return fail(`${source}.${key}`, `${expected}, for nothing else is supported`, value)
    }
  }
  return Result.void
}

/** A step, or the steps of a sequence. */
const stepsOf = (u: unknown, source: string, key: string): Failing<ReadonlyArray<readonly [step: Json, at: string]>> =>
  Result.gen(function*() {
    if (u === undefined || u === null) return []
    const step = yield* record(u, source)
    if (step["type"] !== "Sequence") return [[step, source]]
    const steps: Array<readonly [Json, string]> = []
    for (const [i, inner] of (yield* list(step[key], `${source}.${key}`)).entries()) {
      steps.push(...yield* stepsOf(inner, `${source}.${key}[${i}]`, key))
    }
    return steps
  })

const forms = ["NFC", "NFD", "NFKC", "NFKD"] as const

const normalizationOf = (u: unknown): Failing<Pick<BytePairsDescription, "normalization">> =>
  Result.gen(function*() {
    const steps = yield* stepsOf(u, "normalizer", "normalizers")
    if (steps.length === 0) return {}
    const [[{ type }, at]] = steps as [readonly [Json, string]], form = forms.find((form) => form === type)
    if (steps.length > 1 || form === undefined) {
      return yield* fail(`${at}.type`, `one of ${forms.join(", ")}, for no other is supported`, type)
    }
    return { normalization: form }
  })

const quoted = (text: string): string => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)

/** How a text is cut, and whether there is a blank before it. */
const cuttingOf = (u: unknown): Failing<Pick<BytePairsDescription, "patterns" | "prefixSpace">> =>
  Result.gen(function*() {
    const patterns: Array<string> = []
    let prefixSpace = false, isByteLevel = false
    for (const [step, at] of yield* stepsOf(u, "pre_tokenizer", "pretokenizers")) {
      const { type } = step
      if (isByteLevel) return yield* fail(`${at}.type`, "none behind ByteLevel, for no other is supported", type)
      if (type === "ByteLevel") {
        isByteLevel = true
        prefixSpace ||= step["add_prefix_space"] === true
        if (step["use_regex"] !== false) patterns.push(GPT2)
      } else if (type === "Digits") {
        patterns.push(step["individual_digits"] === true ? String.raw`\p{N}` : String.raw`\p{N}+`)
      } else if (type === "Split") {
        yield* only(step, at, { behavior: ["Isolated"], invert: [false] })
        const { Regex, String: plain } = yield* record(step["pattern"], `${at}.pattern`)
        if (typeof Regex !== "string" && typeof plain !== "string") {
          return yield* fail(`${at}.pattern`, "a Regex or a String", step["pattern"])
        }
        patterns.push(typeof Regex === "string" ? Regex : quoted(plain as string))
      } else {
        return yield* fail(`${at}.type`, "ByteLevel, Split or Digits, for no other is supported", type)
      }
    }
    if (!isByteLevel) return yield* fail("pre_tokenizer", "one that is byte-level, for no other is supported", u)
    return { patterns, ...(prefixSpace ? { prefixSpace } : {}) }
  })

/** The tokens of a vocabulary by their ids. */
const vocabularyOf = (u: unknown, source: string): Failing<ReadonlyArray<string>> =>
  Result.gen(function*() {
    const entries = Object.entries(yield* record(u, source)), out: Array<string> = []
    const most = 2 * entries.length + 100_000
    for (const [token, id] of entries) {
      if (!(Number.isInteger(id) && (id as number) >= 0 && (id as number) < most)) {
        return yield* fail(`${source}, ${shown(token)}`, "an index", id)
      }
      out[id as number] = token
    }
    return Array.from(out, (token) => token ?? "")
  })

const mergesOf = (u: unknown, source: string): Failing<ReadonlyArray<string>> =>
  Result.gen(function*() {
    const merges: Array<string> = []
    for (const [i, merge] of (yield* list(u, source)).entries()) {
      const text = Array.isArray(merge) && merge.length === 2 ? merge.join(" ") : merge
      if (typeof text !== "string") return yield* fail(`${source}[${i}]`, "two tokens", merge)
      merges.push(text)
    }
    return merges
  })

const specialOf = (u: unknown): Failing<BytePairsDescription["special"]> =>
  Result.gen(function*() {
    const special: { [text: string]: number } = {}
    for (const [i, added] of (yield* list(u ?? [], "added_tokens")).entries()) {
      const at = `added_tokens[${i}]`, token = yield* record(added, at), { content, id } = token
      yield* only(token, at, { single_word: [false], lstrip: [false], rstrip: [false] })
      if (typeof content !== "string" || !Number.isInteger(id)) return yield* fail(at, "a content and an id", content)
      special[content] = id as number
    }
    return special
  })

const ofJson = (u: unknown): Failing<Tokenizer> =>
  Result.gen(function*() {
    const json = yield* record(u, "tokenizer.json"), model = yield* record(json["model"], "model")
    yield* only(model, "model", {
      type: ["BPE"],
      dropout: [0],
      unk_token: [],
      continuing_subword_prefix: [""],
      end_of_word_suffix: [""],
      fuse_unk: [false],
      byte_fallback: [false]
    })
    return yield* bytePairsOf({
      kind: "bytePairs",
      vocabulary: yield* vocabularyOf(model["vocab"], "model.vocab"),
      merges: yield* mergesOf(model["merges"], "model.merges"),
      ...yield* cuttingOf(json["pre_tokenizer"]),
      special: yield* specialOf(json["added_tokens"]),
      ...yield* normalizationOf(json["normalizer"]),
      ...(model["ignore_merges"] === true ? { wholePieces: true } : {})
    })
  })

const parsed = (text: string, source: string): Failing<unknown> =>
  Result.try({
    try: (): unknown => JSON.parse(text),
    catch: (cause) => new DataError({ source, expected: "JSON", actual: shown(text), cause })
  })

/**
 * The tokenizer of a `tokenizer.json`, as the library `tokenizers` of Hugging Face writes it, from the text of that
 * file: byte-level pairs with any pattern that JavaScript can say, and tokens that are added. Its tokens are those of
 * `encode(text, add_special_tokens=False)` there: what is put before and behind a text is for whoever trains to say.
 *
 * Fails with a `DataError` that names what is not supported: other models (WordPiece, Unigram), normalizers that are no
 * normalization of Unicode, pre-tokenizers other than `ByteLevel`, `Split` (isolated) and `Digits`, added tokens that
 * take blanks with them.
 *
 * @example
 * ```ts
 * import { Effect, FileSystem } from "effect"
 * import { Text } from "effect-neuron"
 *
 * const read = Effect.gen(function*() {
 *   const text = yield* (yield* FileSystem.FileSystem).readFileString("smollm/tokenizer.json")
 *   return yield* Effect.fromResult(Text.fromTokenizerJson(text))
 * })
 * ```
 */
export const fromTokenizerJson = (text: string): Result.Result<Tokenizer, DataError> =>
  Result.flatMap(parsed(text, "tokenizer.json"), ofJson)

/**
 * The tokenizer of GPT-2, or of another in its two files, of their texts: `vocab.json` (`encoder.json`) and `merges.txt`
 * (`vocab.bpe`). A token `<|endoftext|>` of the vocabulary is special. Fails with a `DataError` for files that are none.
 *
 * @example
 * ```ts
 * import { Effect, FileSystem } from "effect"
 * import { Text } from "effect-neuron"
 *
 * const read = Effect.gen(function*() {
 *   const files = yield* FileSystem.FileSystem
 *   const vocabulary = yield* files.readFileString("gpt2/vocab.json")
 *   const merges = yield* files.readFileString("gpt2/merges.txt")
 *   return yield* Effect.fromResult(Text.fromGpt2({ vocabulary, merges }))
 * })
 * ```
 */
export const fromGpt2 = (
  { merges, vocabulary }: { readonly vocabulary: string; readonly merges: string }
): Result.Result<Tokenizer, DataError> =>
  Result.gen(function*() {
    const tokens = yield* vocabularyOf(yield* parsed(vocabulary, "vocab.json"), "vocab.json")
    const end = tokens.indexOf(END_OF_TEXT)
    return yield* bytePairsOf({
      kind: "bytePairs",
      vocabulary: tokens,
      merges: merges.split(/\r?\n/).filter((line, i) => line !== "" && !(i === 0 && line.startsWith("#version"))),
      patterns: [GPT2],
      special: end < 0 ? {} : { [END_OF_TEXT]: end }
    })
  })

const END_OF_TEXT = "<|endoftext|>"
