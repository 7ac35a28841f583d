import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Backend, Key, Layers, Losses, Optimizers, Pipeline, Random, Text, Train } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"

const words = ["a", "able", "an", "and", "ant", "band", "bat", "tab", "table"]

/** Words at random, of which each is as likely: a text whose entropy is known. */
const textOf = (seed: number, count: number): string => {
  const next = Random.generator(Key.make(seed))
  return Array.from({ length: count }, () => `${words[Math.floor(next() * words.length)]} `).join("")
}

/** What remains to be learned of a character when all before are known, in nats. */
const ENTROPY = Math.log(words.length) / (words.reduce((length, word) => length + word.length + 1, 0) / words.length)

const TIME = 32, FEATURES = 32

describe("a small GPT", () => {
  it.effect("comes close to the entropy of a text, and writes words that there are", () =>
    Effect.gen(function*() {
      const tokenizer = yield* Text.characters(Stream.make(textOf(1, 100)))
      const batches = (seed: number, count: number) =>
        Text.windows(Text.fromArray(tokenizer.encode(textOf(seed, count))), { time: TIME, seed }).pipe(
          Pipeline.batch(16)
        )
      const model = Layers.named({
        embedding: Layers.embedding({ size: tokenizer.size, features: FEATURES }),
        // No position is beyond those that were learned, however long a text it writes.
        body: Layers.transformerEncoder({
          ...{ layers: 2, features: FEATURES, heads: 4, causal: true, positions: "rotary", window: 16 }
        }),
        head: Layers.dense(tokenizer.size)
      })
      const optimizer = Optimizers.chain(Optimizers.clipByGlobalNorm(1), Optimizers.adamW(5e-3))
      const supervision = { model, loss: Losses.softmaxCrossEntropy }
      const trainer = yield* Train.make(
        Train.init({ model, optimizer, input: [null], key: Key.make(1) }),
        Train.supervised({ ...supervision, optimizer })
      )
      yield* batches(2, 40_000).pipe(Stream.take(100), trainer.run, Stream.runDrain)
      const { loss } = yield* Train.evaluate(batches(3, 2000), supervision, trainer)
      const options = { tokenizer, prompt: "and ", length: 200, key: Key.make(4), temperature: 1 }
      const text = yield* Text.generate(model, trainer, options).pipe(Stream.map(({ text }) => text), Stream.mkString)
      const written = text.split(" ").slice(0, -1)
      assert.isAtMost(loss, 1.12 * ENTROPY)
      assert.isAtLeast(written.filter((word) => words.includes(word)).length, 0.9 * written.length)
    }).pipe(Effect.scoped, leavesNoTensor, Effect.provide(Backend.layerWasm)))
})
