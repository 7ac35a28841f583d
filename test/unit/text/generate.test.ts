import { assert, describe, layer } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Deferred, Effect, Fiber, Result, Stream } from "effect"
import { Backend, Key, Layers, Losses, NdArray, Optimizers, Random, Text, Train, Tree } from "effect-neuron"
import { sampled } from "../../../src/text/sampling.ts"
import { leavesNoTensor } from "../../support/backend.ts"
import { following, letters, models, table, weightsOf } from "../../support/languageModels.ts"
import type { Model } from "../../support/languageModels.ts"

const { bytes } = Text

const collected = (
  model: Model,
  weights: Parameters<typeof Text.generate<Tree.Tree, Tree.Tree>>[1],
  options: Text.GenerateOptions
) => Stream.runCollect(Text.generate(model, weights, options))

const tokensOf = (out: ReadonlyArray<Text.Generated>, prompt = 0) =>
  out.filter((one) => one.prompt === prompt).map(({ token }) => token)

describe("Text.generate", () => {
  layer(Backend.layerWasm)((it) => {
    for (const [name, model] of Object.entries(models)) {
      it.effect(`gives to the bit what running on the whole text each time gives: ${name}`, () =>
        Effect.gen(function*() {
          const weights = yield* weightsOf(model), key = Key.make(3), temperature = 3
          const options = { tokenizer: letters, length: 14, key, temperature }
          const prompt = "abcacdh", out = yield* collected(model, weights, { ...options, prompt })
          const text = Array.from(letters.encode(prompt)), own = Key.fold(key, 0)
          for (const [i, { token }] of out.entries()) {
            const [y] = yield* Stream.make({ x: NdArray.make(Int32Array.from(text), [1, text.length]) }).pipe(
              Train.predict(model, weights),
              Stream.runCollect
            )
            const scores = (y as unknown as NdArray.NdArray).data.slice(-10) as Float32Array
            assert.strictEqual(token, sampled(scores, { temperature }, Random.generator(Key.fold(own, i))()))
            text.push(token)
          }
          assert.strictEqual(out.length, 14)
          assert.strictEqual(out.map(({ text }) => text).join(""), letters.decode(text.slice(prompt.length)))
          assert.isAbove(new Set(tokensOf(out)).size, 2)
        }).pipe(Effect.scoped, leavesNoTensor))
    }

    it.effect("has the scores of the whole text to the bit", () =>
      Effect.gen(function*() {
        for (const [name, model] of Object.entries(models)) {
          const weights = yield* weightsOf(model), going = Layers.stateful(model)
          const ids = Array.from({ length: 24 }, (_, i) => (i * i) % 10)
          const mode = { training: false, key: Key.make(0) }
          const pieces = tf.tidy(() => {
            const [whole] = model.apply(weights.params, weights.state, tf.tensor2d([ids], [1, 24], "int32"), mode)
            let state = weights.state
            const steps = ids.map((id) => {
              const [y, next] = going.apply(weights.params, state, tf.tensor2d([[id]], [1, 1], "int32"), mode)
              state = next
              return y
            })
            return [whole.dataSync(), tf.concat(steps, 1).dataSync()] as const
          })
          assert.deepStrictEqual(pieces[1], pieces[0], name)
        }
      }).pipe(Effect.scoped, leavesNoTensor))

    it.effect("goes on with several prompts beside each other as with each alone", () =>
      Effect.gen(function*() {
        const prompts = ["abc", "defghij", "a", "jjjj"]
        for (const model of [models.lstm, models.rotary, models.window]) {
          const weights = yield* weightsOf(model)
          const options = { tokenizer: letters, length: 9, temperature: 0.8, key: Key.make(5) }
          const all = yield* collected(model, weights, { ...options, prompt: prompts })
          assert.strictEqual(all.length, prompts.length * 9)
          for (const [i, prompt] of prompts.entries()) {
            const prompt0 = Array.from({ length: i + 1 }, () => prompt)
            const alone = yield* collected(model, weights, { ...options, prompt: prompt0 })
            assert.deepStrictEqual(tokensOf(all, i), tokensOf(alone, i))
          }
          const first = yield* collected(model, weights, { ...options, prompt: "abc" })
          assert.deepStrictEqual(tokensOf(all), tokensOf(first))
        }
      }).pipe(Effect.scoped, leavesNoTensor))

    it.effect("begins anew, whatever state its weights were trained with", () =>
      Effect.gen(function*() {
        const scanned = Layers.named({
          embedding: Layers.embedding({ size: 10, features: 16 }),
          memory: Layers.scan(
            Layers.graph(
              { inputs: { x: "x", state: "state" }, outputs: { y: "sum", state: "sum" } },
              ["sum", Layers.add("0", "1"), ["x", "state"]]
            ),
            { state: [16] }
          ),
          head: Layers.dense(10)
        }) as unknown as Model
        for (const [name, model] of Object.entries({ ...models, scanned })) {
          const weights = yield* weightsOf(model), carrying = Layers.stateful(model), { params } = weights
          const x = tf.tensor2d([[1, 2, 3], [9, 8, 7]], [2, 3], "int32"), mode = { training: false, key: Key.make(0) }
          const next = tf.tidy(() => carrying.apply(params, weights.state, x, mode)[1] as never)
          const state: Tree.Tree = next, carried = { params, state }
          for (const prompt of ["abc", ["abc", "d"]]) {
            const options = { tokenizer: letters, prompt, length: 6, temperature: 0, context: 6 }
            const out = yield* collected(model, weights, options)
            assert.deepStrictEqual(yield* collected(model, carried, options), out, name)
            assert.deepStrictEqual(yield* collected(carrying, carried, options), out, name)
          }
          const options = { tokenizer: letters, prompt: "abc", length: 4, beams: 2 }
          const beams = yield* Text.beamSearch(model, weights, options)
          assert.deepStrictEqual(yield* Text.beamSearch(carrying, carried, options), beams, name)
          x.dispose()
          Tree.disposeExcept(state, weights)
        }
      }).pipe(Effect.scoped, leavesNoTensor))

    it.effect("sees no more than its context, of which it computes all", () =>
      Effect.gen(function*() {
        const model = models.learned, weights = yield* weightsOf(model)
        const options = { tokenizer: letters, prompt: "abcdefg", length: 12, temperature: 0, context: 5 }
        const text = Array.from(letters.encode(options.prompt))
        for (const token of tokensOf(yield* collected(model, weights, options))) {
          const last = text.slice(-5)
          const [y] = yield* Stream.make({ x: NdArray.make(Int32Array.from(last), [1, last.length]) }).pipe(
            Train.predict(model, weights),
            Stream.runCollect
          )
          assert.strictEqual(
            token,
            sampled((y as unknown as NdArray.NdArray).data.slice(-10) as Float32Array, { temperature: 0 }, 0)
          )
          text.push(token)
        }
        // Positions that are learned are as many as there are; with a context a text is as long as it is asked for.
        const beyond = collected(model, weights, { ...options, context: 30, length: 60 })
        assert.strictEqual((yield* beyond).length, 60)
        const { message } = yield* Effect.flip(
          collected(model, weights, { tokenizer: letters, prompt: "a", length: 60, temperature: 0 })
        )
        assert.match(message, /at most 30 steps/)
      }).pipe(Effect.scoped, leavesNoTensor))

    it.effect("draws tokens as often as the model says", () =>
      Effect.gen(function*() {
        const probabilities = [0.5, 0.2, 0.15, 0.1, 0.05]
        const row = probabilities.map(Math.log), { model, weights } = table(probabilities.map(() => row))
        const tokenizer = Text.vocabulary([..."abcde"])
        const shares = (options: Text.SamplingOptions) =>
          Effect.map(
            Effect.flatMap(
              weights,
              (weights) => collected(model, weights, { tokenizer, prompt: "a", length: 1500, ...options })
            ),
            (out) => probabilities.map((_, token) => tokensOf(out).filter((one) => one === token).length / out.length)
          )
        const close = (found: ReadonlyArray<number>, expected: ReadonlyArray<number>) => {
          const total = expected.reduce((a, b) => a + b, 0)
          found.forEach((share, i) => assert.closeTo(share, expected[i]! / total, 0.04))
          found.forEach((share, i) => expected[i] === 0 && assert.strictEqual(share, 0))
        }
        close(yield* shares({}), probabilities)
        close(yield* shares({ temperature: 0.5 }), probabilities.map((p) => p ** 2))
        close(yield* shares({ temperature: 2 }), probabilities.map(Math.sqrt))
        close(yield* shares({ topK: 2 }), [0.5, 0.2, 0, 0, 0])
        close(yield* shares({ topK: 9 }), probabilities)
        close(yield* shares({ topP: 0.6 }), [0.5, 0.2, 0, 0, 0])
        close(yield* shares({ topP: 0.45 }), [1, 0, 0, 0, 0])
        // Of the three likeliest, 0.85 together, two have 0.8 of it.
        close(yield* shares({ topK: 3, topP: 0.8 }), [0.5, 0.2, 0, 0, 0])
        close(yield* shares({ topK: 3, topP: 0.9 }), [0.5, 0.2, 0.15, 0, 0])
        close(yield* shares({ temperature: 0 }), [1, 0, 0, 0, 0])
      }).pipe(Effect.scoped, leavesNoTensor))

    it.effect("makes tokens that were there before less likely", () =>
      Effect.gen(function*() {
        const tokenizer = Text.vocabulary([..."abc"]),
          { model, weights } = table([[2, 1.5, -1], [2, 1.5, -1], [2, 1.5, -1]])
        const run = (repetitionPenalty: number, prompt = "a") =>
          Effect.map(
            Effect.flatMap(
              weights,
              (weights) =>
                collected(model, weights, { tokenizer, prompt, length: 3, temperature: 0, repetitionPenalty })
            ),
            (out) => out.map(({ text }) => text).join("")
          )
        assert.strictEqual(yield* run(1), "aaa")
        // a: 2 / 1.5 is less than b: 1.5, which then has 1.
        assert.strictEqual(yield* run(1.5), "baa")
        // c: -1 times 10 is still less than what others are divided by 10.
        assert.strictEqual(yield* run(10, "ab"), "aaa")
        assert.strictEqual(yield* run(0.1, "b"), "bbb")
      }).pipe(Effect.scoped, leavesNoTensor))

    it.effect("ends at the first text that ends it, of which nothing is shown", () =>
      Effect.gen(function*() {
        const tokenizer = Text.vocabulary([..."abcd"]), { model, weights } = following([1, 2, 3, 0])
        const run = (stop: ReadonlyArray<string>, length = 9) =>
          Effect.map(
            Effect.flatMap(weights, (weights) => collected(model, weights, { tokenizer, prompt: "a", length, stop })),
            (out) => out.map(({ text }) => text)
          )
        assert.deepStrictEqual(yield* run([]), [..."bcdabcdab"])
        assert.deepStrictEqual(yield* run(["da"]), ["b", "c", "", ""])
        assert.deepStrictEqual(yield* run(["dab", "cd"]), ["b", "", ""])
        assert.deepStrictEqual(
          yield* run(["dac", "bcdac"]),
          ["", "", "", "", "bcda", "", "", "", "bcdab"].map((text, i) => i === 4 ? "bcda" : text)
        )
        assert.deepStrictEqual(yield* run(["cdb"], 3), ["b", "", "cd"])
      }).pipe(Effect.scoped, leavesNoTensor))

    it.effect("gives whole characters", () =>
      Effect.gen(function*() {
        const next: Array<number> = []
        const cycle = bytes.encode("né👍!")
        cycle.forEach((byte, i) => next[byte] = cycle[(i + 1) % cycle.length]!)
        const { model, weights } = following(next, 256)
        const out = yield* collected(model, yield* weights, { tokenizer: bytes, prompt: "n", length: 9 })
        assert.deepStrictEqual(out.map(({ text }) => text), ["", "é", "", "", "", "👍", "!", "n", "\ufffd"])
        assert.deepStrictEqual(tokensOf(out), Array.from(bytes.encode("é👍!né").subarray(0, 9)))
      }).pipe(Effect.scoped, leavesNoTensor))

    it.effect("leaves no tensor when it is stopped, taken from or fails", () =>
      Effect.gen(function*() {
        for (const model of [models.lstm, models.rotary]) {
          const weights = yield* weightsOf(model), before = tf.memory().numTensors
          const stream = Text.generate(model, weights, { tokenizer: letters, prompt: ["abc", "d"], length: 1_000_000 })
          yield* Stream.runDrain(Stream.take(stream, 7))
          assert.strictEqual(tf.memory().numTensors, before)
          const begun = yield* Deferred.make<void>()
          const fiber = yield* Effect.forkChild(
            Stream.runForEach(stream, () => Effect.asVoid(Deferred.succeed(begun, undefined)))
          )
          yield* Deferred.await(begun)
          yield* Fiber.interrupt(fiber)
          assert.strictEqual(tf.memory().numTensors, before)
          yield* Effect.flip(
            Stream.runDrain(
              Stream.mapEffect(stream, ({ prompt }) => prompt === 1 ? Effect.fail("enough") : Effect.void)
            )
          )
          assert.strictEqual(tf.memory().numTensors, before)
        }
      }).pipe(Effect.scoped, leavesNoTensor))

    it.effect("is of the state that a trainer had when it began", () =>
      Effect.gen(function*() {
        const model = models.gru, optimizer = Optimizers.sgd(0.5)
        const loss = (y: tf.Tensor, t: tf.Tensor) => tf.sum(tf.abs(tf.sub(y, tf.expandDims(t, -1))), -1)
        const supervision = { model, loss, optimizer }
        const trainer = yield* Train.make(
          Train.init({ model, optimizer, input: [null] as never, key: Key.make(1) }),
          Train.supervised(supervision)
        )
        const batch = { x: NdArray.make(Int32Array.of(1, 2, 3), [1, 3]), y: NdArray.make([9, 9, 9], [1, 3]), size: 1 }
        const options = { tokenizer: letters, prompt: "ab", length: 12, temperature: 0 }
        const before = yield* collected(model, trainer, options)
        const during = yield* Text.generate(model, trainer, options).pipe(
          Stream.tap(() => Stream.runDrain(trainer.run(Stream.make(batch)))),
          Stream.runCollect
        )
        assert.deepStrictEqual(during, before)
        assert.notDeepEqual(yield* collected(model, trainer, options), before)
      }).pipe(Effect.scoped, leavesNoTensor))

    it.effect("begins anew, whatever weights that were trained on texts in pieces carry of those", () =>
      Effect.gen(function*() {
        for (const name of ["gru", "lstm", "window"] as const) {
          const model = models[name], going = Layers.stateful(model, { batch: 3 }), optimizer = Optimizers.sgd(0.1)
          const supervision = { model: going, loss: Losses.softmaxCrossEntropy, optimizer }
          const trainer = yield* Train.make(
            Train.init({ model: going, optimizer, input: [null] as never, key: Key.make(1) }),
            Train.supervised(supervision)
          )
          const tokens = Text.fromArray(Int32Array.from({ length: 80 }, (_, i) => (i * i) % 10))
          yield* Text.lanes(tokens, { batchSize: 3, time: 4 }).pipe(trainer.run, Stream.take(3), Stream.runDrain)
          const options = { tokenizer: letters, prompt: ["abc", "d"], length: 6 }
          const { params } = yield* trainer.state
          // That of a model that carries nothing.
          const state = Result.getOrThrow(model.init(Key.make(0), [null] as never)).state
          const expected = yield* collected(model, { params, state }, options)
          assert.deepStrictEqual(yield* collected(model, trainer, options), expected, name)
          assert.deepStrictEqual(yield* collected(going, trainer, options), expected, name)
        }
      }).pipe(Effect.scoped))

    it.effect("fails for prompts and models that are none, and refuses such options", () =>
      Effect.gen(function*() {
        const model = models.gru, weights = yield* weightsOf(model)
        const options = { tokenizer: letters, prompt: "ab", length: 3 }
        const message = (change: Partial<Text.GenerateOptions>, other = model) =>
          Effect.map(Effect.flip(collected(other, weights, { ...options, ...change })), ({ message }) => message)
        assert.strictEqual(
          yield* message({ prompt: "" }),
          "generate: expected a prompt of at least one token, found \"\""
        )
        assert.match(yield* message({ prompt: ["a", "ax"] }), /^text, character 2: .* found "x" \(U\+0078\)$/)
        assert.match(
          yield* message({ tokenizer: Text.vocabulary([..."abcdefghijkl"]) }),
          /generate.*: expected a model that gives scores \[1, 2, 12\]/
        )
        const wrong = Layers.serial(Layers.embedding({ size: 10, features: 3 })) as never
        assert.match(yield* message({}, wrong), /^generate/)
        const { model: never, weights: ofNever } = table([[NaN, 0], [0, 0]])
        assert.strictEqual(
          (yield* Effect.flip(collected(never, yield* ofNever, { ...options, tokenizer: Text.vocabulary(["a", "b"]) })))
            .message,
          "generate: expected finite scores of the model, found NaN"
        )
        const refused = (change: object, pattern: RegExp) =>
          assert.throws(() => Text.generate(model, weights, { ...options, ...change }), RangeError, pattern)
        refused({ length: 0 }, /generate: length is a positive integer, got 0/)
        refused({ temperature: -1 }, /temperature/)
        refused({ topK: 0 }, /topK/)
        refused({ topP: 0 }, /topP is a number above 0 and at most 1, got 0/)
        refused({ repetitionPenalty: 0 }, /repetitionPenalty/)
        refused({ stop: [""] }, /stop has texts of at least one character/)
        refused({ prompt: [] }, /prompt is a text, or at least one, got none/)
        refused({ context: 0 }, /context/)
        const both = Layers.named({
          words: Layers.embedding({ size: 10, features: 16 }),
          both: Layers.bidirectional(Layers.gru(3))
        })
        assert.throws(() => Text.generate(both as never, weights, options), RangeError, /both \(bidirectional/)
      }).pipe(Effect.scoped, leavesNoTensor))
  })
})
