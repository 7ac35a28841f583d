import { assert, layer } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { Experiment, NdArray } from "effect-neuron"
import * as Remote from "effect-neuron/remote"
import * as RemoteNode from "effect-neuron/remote/node"
import { Worker } from "node:worker_threads"

const module = new URL("./languageWorker.ts", import.meta.url)

layer(RemoteNode.layerWorker(() => new Worker(module)))("a language model in a worker", (it) => {
  it.effect("goes on with texts beside its steps, and shows what its attention weighs", () =>
    Effect.gen(function*() {
      const client = yield* Remote.connect(Experiment.gpt)
      yield* client.start({ layers: 2, features: 16, heads: 2, time: 8, examples: 400, batchSize: 4, epochs: 50 })
      const { answers } = (yield* client.about) as { readonly answers: ReadonlyArray<string> }
      assert.includeMembers([...answers], ["predict", "attentions", "generate", "sample"])
      const options = { prompt: "Once", length: 20, temperature: 0.8, seed: 7 }
      const ids = NdArray.make(Int32Array.of(1, 2, 3, 4, 5, 6, 7, 8), [1, 8])
      const weights = yield* client.attentions(ids)
      assert.deepStrictEqual(
        Object.entries(weights).map(([path, { shape }]) => [path, shape]),
        ["body.block0.attention", "body.block1.attention"].map((path) => [path, [1, 2, 8, 8]])
      )
      const first = weights["body.block0.attention"]!
      assert.deepStrictEqual(Array.from(first.data.subarray(0, 8)), [1, 0, 0, 0, 0, 0, 0, 0])
      const gone = yield* Stream.runCollect(client.generate(options))
      assert.lengthOf(gone, 20)
      assert.isAbove((yield* client.status).step, 0)
      // By one state the same seed gives the same text.
      yield* client.pause
      const text = () => client.generate(options).pipe(Stream.map(({ text }) => text), Stream.mkString)
      assert.strictEqual(yield* text(), yield* text())
      const { prompt, step, text: sampled } = yield* client.sample
      assert.strictEqual(step, (yield* client.status).step)
      assert.isAbove(prompt.length, 0)
      assert.isAbove(sampled.length, 100)
    }).pipe(Effect.scoped))

  it.effect("says what is wrong with what it is asked, and is stopped in the middle", () =>
    Effect.gen(function*() {
      const client = yield* Remote.connect(Experiment.gpt)
      const refused = (options: Partial<Remote.Going>) =>
        Effect.map(
          Effect.flip(Stream.runDrain(client.generate({ prompt: "a", length: 5, ...options }))),
          ({ message }) => message
        )
      assert.strictEqual(yield* refused({}), "generate: no training was started")
      yield* client.start({ layers: 1, features: 8, heads: 1, time: 8, examples: 40, batchSize: 4, epochs: 1 })
      assert.include(yield* refused({ length: 0 }), "length")
      assert.include(yield* refused({ prompt: "" }), "a prompt of at least one token")
      const before = (yield* client.status).tensors
      const one = yield* client.generate({ prompt: "a", length: 1_000_000 }).pipe(Stream.take(3), Stream.runCollect)
      assert.lengthOf(one, 3)
      const fiber = yield* Effect.forkChild(
        Effect.flip(Stream.runDrain(client.generate({ prompt: "a", length: 1_000_000 })))
      )
      yield* client.generate({ prompt: "a", length: 3 }).pipe(Stream.runDrain)
      yield* client.stop
      assert.include((yield* Fiber.join(fiber)).message, "training: it was stopped")
      assert.isAtMost((yield* client.status).tensors, before)
    }).pipe(Effect.scoped))
})
