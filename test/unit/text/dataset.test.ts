import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Stream } from "effect"
import { Checkpoint, Layers, Pipeline, Text } from "effect-neuron"

const { bytes } = Text
const tokensOf = (n: number) => Text.fromArray(Int32Array.from({ length: n }, (_, i) => i))

describe("Text.dataset", () => {
  it.effect("has windows of its parts, of the first in a random order", () =>
    Effect.gen(function*() {
      const data = Text.dataset({
        ...{ tokenizer: bytes, time: 5, seed: 3 },
        ...{ train: tokensOf(101), validation: tokensOf(21), test: tokensOf(4) }
      })
      assert.deepStrictEqual(data.sizes, { train: 19, validation: 4, test: 0 })
      assert.deepStrictEqual(data.shapes, { x: [null], y: [null] })
      const firsts = <E>(part: Stream.Stream<Text.Window, E>) =>
        Effect.map(Stream.runCollect(part), (all) => all.map(({ x }) => x.data[0]!))
      assert.deepStrictEqual(yield* firsts(data.validation!), [0, 5, 10, 15])
      assert.deepStrictEqual(yield* firsts(data.test), [])
      const train = yield* firsts(data.train)
      assert.lengthOf(train, 19)
      assert.notDeepEqual(train, train.toSorted((a, b) => a - b))
    }))

  it.effect("takes of a long text others in each epoch", () =>
    Effect.gen(function*() {
      const data = Text.dataset({ tokenizer: bytes, time: 5, seed: 3, train: tokensOf(1001), most: 20 })
      assert.deepStrictEqual(data.sizes, { train: 20, validation: 0, test: 0 })
      const epochs = yield* Effect.forEach([0, 1, 0], (epoch) =>
        Effect.map(
          Stream.runCollect(Stream.provideService(data.train, Pipeline.Epoch, epoch)),
          (all) => all.map(({ x }) => x.data[0]!)
        ))
      for (const epoch of epochs) assert.lengthOf(epoch, 20)
      assert.deepStrictEqual(epochs[0], epochs[2])
      assert.isBelow(epochs[0]!.filter((first) => epochs[1]!.includes(first)).length, 5)
      assert.throws(() => Text.dataset({ tokenizer: bytes, time: 5, seed: 3, train: tokensOf(9), most: 0 }), RangeError)
    }))
})

describe("Text.stories", () => {
  it.effect("are the same for a seed, of plain characters, as long as is asked for", () =>
    Effect.gen(function*() {
      const run = (options?: Text.StoriesOptions) => Stream.mkString(Text.stories(options))
      const text = yield* run({ length: 20_000 })
      assert.isTrue(text.length >= 20_000 && text.length < 21_000)
      assert.isTrue((yield* run({ length: 30_000 })).startsWith(text))
      assert.notStrictEqual(yield* run({ length: 20_000, seed: 1 }), text)
      assert.match(text, /^[\w ,.?"\n]+$/)
      for (const one of text.trim().split("\n\n")) {
        const [, who, name] = /^There was once a \w+ (girl|boy) named (\w+),/.exec(one)!
        assert.isFalse((who === "girl" ? /\b(He|he|his)\b/ : /\b(She|she|her)\b/).test(one), one)
        assert.isAbove(one.split(name!).length, 2)
        assert.notMatch(one, /undefined|the an? /)
      }
      assert.throws(() => Text.stories({ length: 0 }), RangeError, "Text.stories: length is a positive integer, got 0")
      assert.throws(() => Text.stories({ seed: -1 }), RangeError)
    }))
})

describe("a tokenizer in a checkpoint", () => {
  it("is read again, and is named where there is none", () => {
    const tokenizer = Text.vocabulary(["a", "b"])
    const metadata = { ...Checkpoint.describe(Layers.dense(1), { input: [2] }), ...Text.describeTokenizer(tokenizer) }
    assert.deepStrictEqual(Result.getOrThrow(Text.tokenizerIn(metadata)).encode("ba"), Int32Array.of(1, 0))
    const message = (metadata: { readonly [key: string]: string }) => {
      const found = Text.tokenizerIn(metadata)
      return Result.isFailure(found) ? found.failure.message : "found"
    }
    assert.strictEqual(message({}), "metadata: expected the description of a tokenizer, found nothing of one")
    assert.strictEqual(
      message({ tokenizer: "{" }),
      "metadata: expected the description of a tokenizer, found what is no JSON"
    )
    assert.match(message({ tokenizer: "{}" }), /^tokenizer: expected the description of one/)
  })
})
