import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Stream } from "effect"
import { Errors, Text } from "effect-neuron"
import { inPieces, randomTexts } from "../../support/texts.ts"

const learned =
  "to be, or not to be: that is the question. 'Tis nobler in the mind… 12 times 3 is 36.\n\n\tnaïve café 日本"
const of = Stream.make(learned)

/** One of each kind. */
const tokenizers = {
  bytes: Text.bytes,
  characters: Effect.runSync(of.pipe(Text.characters())),
  words: Effect.runSync(Text.words(of, { size: 1000 })),
  vocabulary: Text.vocabulary(["to", "to be", " ", "be", ",", "t", "o", "", "é"]),
  bytePairs: Effect.runSync(Text.bytePairs(of, { size: 300, special: ["<|end|>"] }))
}

const problem = (f: () => unknown): unknown => {
  try {
    return f()
  } catch (error) {
    return error
  }
}

describe("tokenizers", () => {
  it("give any text of Unicode back, bytes and pairs of bytes", () => {
    for (const tokenizer of [tokenizers.bytes, tokenizers.bytePairs]) {
      for (const text of randomTexts(200)) {
        const tokens = tokenizer.encode(text)
        assert.strictEqual(tokenizer.decode(tokens), text)
        assert.isTrue(tokens.every((token) => token >= 0 && token < tokenizer.size))
      }
      for (const text of randomTexts(100, { halves: true })) {
        assert.strictEqual(tokenizer.decode(tokenizer.encode(text)), text.toWellFormed())
      }
      assert.strictEqual(tokenizer.decode(tokenizer.encode("\ufeff mark")), "\ufeff mark")
    }
  })

  it("give a text of their own characters and words back", () => {
    for (const tokenizer of [tokenizers.characters, tokenizers.words]) {
      assert.strictEqual(tokenizer.decode(tokenizer.encode(learned)), learned)
    }
    const { characters } = tokenizers, list = [...new Set(learned)].sort()
    assert.strictEqual(characters.size, list.length)
    assert.deepStrictEqual(list.map((character) => characters.encode(character)[0]), list.map((_, i) => i))
  })

  it("say which character has no token", () => {
    const error = problem(() => tokenizers.characters.encode("to 👍 be"))
    assert.instanceOf(error, Errors.DataError)
    assert.match(
      (error as Error).message,
      /^text, character 4: expected one of the \d+ characters that the tokenizer has, found "👍" \(U\+1F44D\)$/
    )
    assert.strictEqual(
      (problem(() => tokenizers.characters.encode("a \ud800")) as Error).message.slice(-12),
      "\"\ufffd\" (U+FFFD)"
    )
    assert.strictEqual(
      (problem(() => tokenizers.vocabulary.encode("to go")) as Error).message,
      "text, character 4: expected one of the 8 tokens of the vocabulary, found \"g\" (U+0067)"
    )
  })

  it("have one token for words that are not known", () => {
    const { words } = tokenizers
    assert.deepStrictEqual(Array.from(words.encode("the king")).map((token) => token === 0), [true, true])
    assert.strictEqual(words.decode(words.encode(" the king")), " the\ufffd")
  })

  it("have the most frequent words, those of one frequency in their order", () => {
    const words = Effect.runSync(Text.words(Stream.make("b a c c b d"), { size: 4 }))
    assert.deepStrictEqual(words.description, { kind: "words", words: [" c", "b", " a"] })
  })

  it("take the longest token of a vocabulary that fits", () => {
    const { vocabulary } = tokenizers
    assert.deepStrictEqual(vocabulary.encode("to beto,to"), Int32Array.of(1, 0, 4, 0))
    assert.strictEqual(vocabulary.decode([8, 7, 6]), "éo")
  })

  it("have U+FFFD for what is no token", () => {
    for (const tokenizer of Object.values(tokenizers)) {
      assert.strictEqual(tokenizer.decode([tokenizer.size, -1]), "\ufffd\ufffd")
    }
  })

  it("are made again of their description, through JSON", () => {
    for (const [name, tokenizer] of Object.entries(tokenizers)) {
      const again = Result.getOrThrow(Text.tokenizer(JSON.parse(JSON.stringify(tokenizer.description))))
      assert.strictEqual(again.size, tokenizer.size, name)
      assert.deepStrictEqual(again.encode("to be"), tokenizer.encode("to be"), name)
      assert.deepStrictEqual(again.description, tokenizer.description)
    }
  })

  it("refuse what describes none", () => {
    const message = (description: unknown) => {
      const made = Text.tokenizer(description)
      return Result.isFailure(made) ? made.failure.message : "made"
    }
    const none = "tokenizer: expected the description of one (Text.TokenizerDescription), found"
    assert.strictEqual(message("bytes"), `${none} "bytes"`)
    assert.strictEqual(message({ kind: "sentences" }), `${none} an object`)
    assert.strictEqual(message({ kind: "characters", characters: ["a"] }), `${none} an object`)
    assert.match(message({ kind: "vocabulary", tokens: ["a", "a"] }), /tokens 0 and 1 are both "a"/)
    assert.match(message({ kind: "vocabulary", tokens: [""] }), /at least one token that has characters, got none/)
    const pairs = tokenizers.bytePairs.description as Text.BytePairsDescription
    assert.match(message({ ...pairs, merges: ["a bcd"] }), /^merge 0: expected two tokens, which together are one of/)
    assert.match(message({ ...pairs, merges: ["a"] }), /^merge 0: /)
    assert.match(message({ ...pairs, vocabulary: pairs.vocabulary.slice(1) }), /none for the byte 33$/)
    assert.match(
      message({ ...pairs, vocabulary: ["日", ...pairs.vocabulary] }),
      /^vocabulary, token 0: expected a printable/
    )
    assert.match(message({ ...pairs, patterns: ["(?<=a"] }), /^pattern "\(\?<=a": expected a regular expression/)
  })

  it.effect("refuse a text without characters, and sizes that are none", () =>
    Effect.gen(function*() {
      const nothing = Stream.make("", "")
      for (const fit of [Text.characters(), Text.words({ size: 5 }), Text.bytePairs({ size: 300 })]) {
        const { message } = yield* Effect.flip(fit(nothing))
        assert.match(message, /^Text\.\w+: expected a text of at least one character, found none$/)
      }
      assert.throws(() => Text.words({ size: 0 }), RangeError, "Text.words: size is a positive integer, got 0")
      assert.throws(() => Text.bytePairs({ size: 256, special: ["<|end|>"] }), RangeError, "at least 257")
    }))
})

describe("texts that come in pieces", () => {
  const kinds = Object.entries(tokenizers).filter(([name]) => name !== "vocabulary" && name !== "characters")

  it.effect("have the tokens of the whole", () =>
    Effect.gen(function*() {
      const text = `${randomTexts(25, { halves: true }).join(" a b<|end|>")} ${learned}<|en`
      const cases = [
        ...kinds.map(([name, tokenizer]) => [name, tokenizer, text] as const),
        ["characters", tokenizers.characters, learned.repeat(3)] as const,
        ["vocabulary", tokenizers.vocabulary, "to beto,to be be,toé"] as const
      ]
      for (const [name, tokenizer, whole] of cases) {
        for (const most of [1, 3, 50, 10_000]) {
          const tokens = yield* Stream.fromIterable(inPieces(whole, most)).pipe(
            Text.encode(tokenizer),
            Stream.runCollect
          )
          assert.deepStrictEqual(tokens.flatMap((part) => Array.from(part)), Array.from(tokenizer.encode(whole)), name)
          const texts = yield* Stream.fromIterable(tokens).pipe(Text.decode(tokenizer), Stream.runCollect)
          assert.strictEqual(texts.join(""), tokenizer.decode(tokenizer.encode(whole)), name)
        }
      }
    }))

  it.effect("teach the same", () =>
    Effect.gen(function*() {
      const text = randomTexts(80).join(" ")
      const pieces = Stream.fromIterable(inPieces(text, 20))
      for (const fit of [Text.characters(), Text.words({ size: 50 }), Text.bytePairs({ size: 400 })]) {
        assert.deepStrictEqual((yield* fit(pieces)).description, (yield* fit(Stream.make(text))).description)
      }
    }))

  it.effect("are decoded by whole characters", () =>
    Effect.gen(function*() {
      const decoded = (...tokens: ReadonlyArray<number>) =>
        Stream.fromIterable(tokens).pipe(Stream.map((token) => [token]), Text.decode(Text.bytes), Stream.runCollect)
      assert.deepStrictEqual(yield* decoded(0xf0, 0x9f, 0x91, 0x8d, 0x21), ["👍", "!"])
      assert.deepStrictEqual(yield* decoded(0x61, 0xf0, 0x9f), ["a", "\ufffd"])
      assert.deepStrictEqual(yield* decoded(0xff, 0x61), ["\ufffd", "a"])
    }))

  it.effect("say where there is something that has no token", () =>
    Effect.gen(function*() {
      const encode = Stream.make("to be ", "ö").pipe(Text.encode(tokenizers.characters), Stream.runDrain)
      assert.match(
        (yield* Effect.flip(encode)).message,
        /^text, character 1 of the part from 7 on: .* found "ö" \(U\+00F6\)$/
      )
    }))
})
