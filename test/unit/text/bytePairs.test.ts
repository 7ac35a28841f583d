import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Stream } from "effect"
import { Key, Random, Text } from "effect-neuron"
import fixtures from "../../fixtures/tokenizers.json" with { type: "json" }

/** A text of words of a few letters, some of them much more frequent than others. */
const textOf = (words: number, seed: number): string => {
  const next = Random.generator(Key.make(seed)), below = (n: number) => Math.floor(next() ** 2 * n)
  return Array.from({ length: words }, () => Array.from({ length: 1 + below(9) }, () => "abcdefgé"[below(8)]!).join(""))
    .join(" ")
}

/** The algorithm as the paper has it, which counts all pairs anew for each merge. */
const learned = (text: string, merges: number): ReadonlyArray<readonly [left: string, right: string]> => {
  // The order of the tokens, of which the least pair is merged first, is that of the bytes as GPT-2 writes them.
  const vocabulary = fixtures.vocabulary.slice(0, 256), ids = new Map(vocabulary.map((token, id) => [token, id]))
  const character = (byte: number) => vocabulary[byte < 0x21 ? 188 + byte : byte < 0x7f ? byte - 0x21 : -1]!
  const counts = new Map<string, number>()
  for (const [word] of text.matchAll(/ ?\S+/g)) counts.set(word, (counts.get(word) ?? 0) + 1)
  let words = Array.from(
    counts,
    ([word, count]) =>
      [
        Array.from(
          new TextEncoder().encode(word),
          (byte) => byte === 0xc3 ? "Ã" : byte === 0xa9 ? "©" : character(byte)
        ),
        count
      ] as const
  )
  const made: Array<readonly [string, string]> = []
  while (made.length < merges) {
    const pairs = new Map<string, number>()
    for (const [tokens, count] of words) {
      for (let i = 1; i < tokens.length; i++) {
        const pair = `${tokens[i - 1]} ${tokens[i]}`
        pairs.set(pair, (pairs.get(pair) ?? 0) + count)
      }
    }
    const order = (pair: string) => pair.split(" ").map((token) => ids.get(token)!)
    const [best] = Array.from(pairs).sort(([a, m], [b, n]) => {
      const [left, right] = order(a), [otherLeft, otherRight] = order(b)
      return n - m || left! - otherLeft! || right! - otherRight!
    })
    if (best === undefined || best[1] < 2) break
    const [left = "", right = ""] = best[0].split(" ")
    ids.set(left + right, ids.size)
    made.push([left, right])
    words = words.map(([tokens, count]) => {
      const out: Array<string> = []
      for (let i = 0; i < tokens.length; i++) {
        out.push(tokens[i] === left && tokens[i + 1] === right ? left + tokens[++i]! : tokens[i]!)
      }
      return [out, count] as const
    })
  }
  return made
}

describe("Text.bytePairs", () => {
  it("learns the merges that counting all pairs each time gives", () => {
    for (const [words, size] of [[20, 300], [150, 330]] as const) {
      const text = textOf(words, words)
      const { description } = Effect.runSync(Text.bytePairs(Stream.make(text), { size }))
      const expected = learned(text, size - 256)
      assert.isAbove(expected.length, 0)
      assert.deepStrictEqual(
        (description as Text.BytePairsDescription).merges,
        expected.map((pair) => pair.join(" ")),
        `${words} words`
      )
    }
  })

  it("has no more merges than there are pairs that are there twice", () => {
    const tokenizer = Effect.runSync(Text.bytePairs(Stream.make("abab cdcd cdcd xy"), { size: 1000 }))
    const { merges } = tokenizer.description as Text.BytePairsDescription
    assert.deepStrictEqual(merges, ["c d", "a b", "Ġ cd", "Ġcd cd"])
    assert.strictEqual(tokenizer.size, 260)
  })

  it("merges a piece as a search for the first pair again and again does, however long it is", () => {
    const text = textOf(1000, 7)
    const tokenizer = Effect.runSync(Text.bytePairs(Stream.make(text), { size: 500 }))
    const { merges, vocabulary } = tokenizer.description as Text.BytePairsDescription
    const ranks = new Map(merges.map((merge, rank) => [merge, rank]))
    const naive = (word: string): ReadonlyArray<number> => {
      let tokens = [...word]
      for (;;) {
        const found = tokens.slice(1).map((token, i) => ranks.get(`${tokens[i]} ${token}`) ?? Infinity)
        const least = Math.min(...found), at = found.indexOf(least)
        if (!Number.isFinite(least)) return tokens.map((token) => vocabulary.indexOf(token))
        tokens = [...tokens.slice(0, at), tokens[at]! + tokens[at + 1]!, ...tokens.slice(at + 2)]
      }
    }
    const next = Random.generator(Key.make(3))
    for (const length of [1, 2, 3, 8, 20, 200]) {
      for (let times = 0; times < 8; times++) {
        const word = Array.from({ length }, () => "abcdefg"[Math.floor(next() ** 2 * 7)]!).join("")
        assert.deepStrictEqual(Array.from(tokenizer.encode(word)), naive(word), word)
      }
    }
    const long = "ab".repeat(50_000)
    assert.strictEqual(tokenizer.decode(tokenizer.encode(long)), long)
  })

  it("keeps special tokens as they are written", () => {
    const special = ["<|end|>", "<|end|>of"]
    const tokenizer = Effect.runSync(Text.bytePairs(Stream.make("the end of the end"), { size: 300, special }))
    const { [special[0]!]: end, [special[1]!]: endOf } = tokenizer.special
    assert.deepStrictEqual([end, endOf], [tokenizer.size - 2, tokenizer.size - 1])
    const [first, ...rest] = tokenizer.encode("<|end|>of<|end|>the<|end")
    assert.deepStrictEqual([first, rest[0]], [endOf, end])
    assert.isFalse(rest.slice(1).includes(end!))
    assert.strictEqual(tokenizer.decode([end!, ...rest]), "<|end|><|end|>the<|end")
  })
})

const { cases, merges, texts, vocabulary } = fixtures
const jsonOf = ({ ignore_merges, ...parts }: typeof cases[number]) => ({
  version: "1.0",
  ...parts,
  model: {
    ...{ type: "BPE", unk_token: null, ignore_merges, merges },
    vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id]))
  }
})

describe("Text.fromTokenizerJson", () => {
  for (const one of cases) {
    it(`has the tokens of Hugging Face's own: ${one.name}`, () => {
      const tokenizer = Result.getOrThrow(Text.fromTokenizerJson(JSON.stringify(jsonOf(one))))
      texts.forEach((text, i) => {
        const tokens = tokenizer.encode(text), [form] = one.name.includes("NFC") ? ["NFC"] : []
        assert.deepStrictEqual(Array.from(tokens), one.ids[i], JSON.stringify(text))
        if (!one.name.includes("blank")) {
          assert.strictEqual(tokenizer.decode(tokens), form === undefined ? text : text.normalize(form))
        }
      })
    })
  }

  it("is the same through its description", () => {
    for (const one of cases) {
      const tokenizer = Result.getOrThrow(Text.fromTokenizerJson(JSON.stringify(jsonOf(one))))
      const again = Result.getOrThrow(Text.tokenizer(JSON.parse(JSON.stringify(tokenizer.description))))
      assert.deepStrictEqual(texts.map(again.encode), texts.map(tokenizer.encode))
    }
  })

  it("names what it does not support", () => {
    const json = jsonOf(cases[0]!)
    const message = (change: object) => {
      const made = Text.fromTokenizerJson(JSON.stringify({ ...json, ...change }))
      return Result.isFailure(made) ? made.failure.message : "made"
    }
    const model = (change: object) => message({ model: { ...json.model, ...change } })
    const byteLevel = cases[0]!.pre_tokenizer
    assert.strictEqual(message({}), "made")
    assert.strictEqual(
      model({ type: "Unigram" }),
      "model.type: expected \"BPE\", for nothing else is supported, found \"Unigram\""
    )
    assert.match(model({ byte_fallback: true }), /^model\.byte_fallback: expected false, .* found true$/)
    assert.match(model({ unk_token: "<unk>" }), /^model\.unk_token: expected none, .* found "<unk>"$/)
    assert.match(model({ merges: ["a"] }), /^merge 0: /)
    assert.match(model({ merges: [["a"]] }), /^model\.merges\[0\]: expected two tokens, found/)
    assert.match(model({ vocab: { a: -1 } }), /^model\.vocab, "a": expected an index, found -1$/)
    assert.match(model({ vocab: { a: 1e9 } }), /expected an index/)
    assert.match(
      message({ normalizer: { type: "Sequence", normalizers: [{ type: "Lowercase" }] } }),
      /^normalizer\.normalizers\[0\]\.type: expected one of NFC, NFD, NFKC, NFKD, .* found "Lowercase"$/
    )
    assert.match(message({ pre_tokenizer: { type: "Metaspace" } }), /^pre_tokenizer\.type: .* found "Metaspace"$/)
    assert.match(message({ pre_tokenizer: null }), /^pre_tokenizer: expected one that is byte-level/)
    assert.match(
      message({
        pre_tokenizer: {
          type: "Sequence",
          pretokenizers: [{ type: "Split", pattern: { Regex: "a" }, behavior: "Removed" }, byteLevel]
        }
      }),
      /^pre_tokenizer\.pretokenizers\[0\]\.behavior: expected "Isolated", .* found "Removed"$/
    )
    assert.match(
      message({
        pre_tokenizer: {
          type: "Sequence",
          pretokenizers: [{ type: "Split", pattern: { Regex: "a++" }, behavior: "Isolated" }, byteLevel]
        }
      }),
      /^pattern "a\+\+": expected a regular expression that JavaScript has too/
    )
    assert.match(
      message({ added_tokens: [{ id: 900, content: "<mask>", lstrip: true }] }),
      /^added_tokens\[0\]\.lstrip: expected false, .* found true$/
    )
    assert.match(
      message({ pre_tokenizer: { type: "Sequence", pretokenizers: [byteLevel, byteLevel] } }),
      /^pre_tokenizer\.pretokenizers\[1\]\.type: expected none behind ByteLevel/
    )
    assert.match(message({ model: 3 }), /^model: expected a record, found 3$/)
    const none = Text.fromTokenizerJson("{")
    assert.isTrue(Result.isFailure(none) && none.failure.message === "tokenizer.json: expected JSON, found \"{\"")
  })
})

describe("Text.fromGpt2", () => {
  it("reads the two files of GPT-2", () => {
    const files = {
      vocabulary: JSON.stringify(Object.fromEntries([...vocabulary, "<|endoftext|>"].map((token, id) => [token, id]))),
      merges: `#version: 0.2\n${merges.join("\n")}\n`
    }
    const tokenizer = Result.getOrThrow(Text.fromGpt2(files))
    assert.deepStrictEqual(texts.map((text) => Array.from(tokenizer.encode(text))), cases[0]!.ids)
    assert.deepStrictEqual(tokenizer.special, { "<|endoftext|>": 856 })
    const wrong = Text.fromGpt2({ ...files, merges: `${files.merges}x y z\n` })
    assert.isTrue(Result.isFailure(wrong) && wrong.failure.message.startsWith("merge 600: "))
  })
})
