import { assert, describe, layer } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Backend, NdArray, Text, Train } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { letters, models, table, weightsOf } from "../../support/languageModels.ts"
import type { Model } from "../../support/languageModels.ts"

/** The logarithms of the probabilities of all tokens behind a text, by the model itself. */
const behind =
  (model: Model, weights: Parameters<typeof Train.predict<never, never, never, never>>[1], size: number) =>
  (text: ReadonlyArray<number>) =>
    Stream.make({ x: NdArray.make(Int32Array.from(text), [1, text.length]) }).pipe(
      Train.predict(model, weights as never),
      Stream.runCollect,
      Effect.map(([y]) => {
        const scores = Array.from((y as unknown as NdArray.NdArray).data.slice(-size))
        const total = Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0))
        return scores.map((score) => score - total)
      })
    )

describe("Text.beamSearch", () => {
  layer(Backend.layerWasm)((it) => {
    it.effect("finds the likeliest texts of all when it has room for all", () =>
      Effect.gen(function*() {
        const size = 3, length = 4, tokenizer = Text.vocabulary([..."ab."]), stop = ["."]
        const made = table([[0.3, 0.1, 0.5], [1.2, 0.4, -0.3], [0, 0, 0]])
        const weights = yield* made.weights, next = behind(made.model, weights as never, size)
        for (const lengthPenalty of [0, 0.6, 2]) {
          const all: Array<Text.Beam> = []
          let open: ReadonlyArray<readonly [ReadonlyArray<number>, number]> = [[[], 0]]
          while (open.length > 0) {
            const longer: Array<readonly [ReadonlyArray<number>, number]> = []
            for (const [tokens, logProbability] of open) {
              const logs = yield* next([0, ...tokens])
              for (const [token, log] of logs.entries()) {
                const whole = [...tokens, token], own = logProbability + log
                if (token !== 2 && whole.length < length) longer.push([whole, own])
                else {
                  const text = tokenizer.decode(whole).replace(".", "")
                  all.push({ tokens: whole, text, score: own / ((5 + whole.length) / 6) ** lengthPenalty })
                }
              }
            }
            open = longer
          }
          all.sort((a, b) => b.score - a.score)
          const options = { tokenizer, prompt: "a", length, stop, lengthPenalty }
          const found = yield* Text.beamSearch(made.model, weights, { ...options, beams: 60 })
          assert.strictEqual(found.length, all.length)
          found.forEach(({ score, text }, i) => {
            assert.closeTo(score, all[i]!.score, 1e-5)
            assert.isTrue(all.some((one) => one.text === text && Math.abs(one.score - score) < 1e-5))
          })
          const few = yield* Text.beamSearch(made.model, weights, { ...options, beams: 4 })
          assert.strictEqual(few.length, 4)
          assert.closeTo(few[0]!.score, all[0]!.score, 1e-5)
        }
      }).pipe(Effect.scoped, leavesNoTensor))

    it.effect("goes on with the states of the texts that it has chosen", () =>
      Effect.gen(function*() {
        for (const model of [models.lstm, models.rotary, models.learned]) {
          const weights = yield* weightsOf(model), beams = 3, length = 6, prompt = "abcab"
          const next = behind(model, weights as never, 10), start = Array.from(letters.encode(prompt))
          let live: ReadonlyArray<readonly [ReadonlyArray<number>, number]> = [[[], 0]]
          for (let n = 0; n < length; n++) {
            const all = yield* Effect.forEach(live, ([tokens, own]) =>
              Effect.map(next([...start, ...tokens]), (logs) =>
                logs.map((log, token) =>
                  [[...tokens, token], own + log] as const
                )))
            live = all.flat().sort(([, a], [, b]) => b - a).slice(0, beams)
          }
          const found = yield* Text.beamSearch(model, weights, {
            ...{ tokenizer: letters, prompt, length, beams, lengthPenalty: 0 }
          })
          assert.deepStrictEqual(found.map(({ tokens }) => tokens), live.map(([tokens]) => tokens))
          found.forEach(({ score, text, tokens }, i) => {
            assert.closeTo(score, live[i]![1], 1e-4)
            assert.strictEqual(text, letters.decode(tokens))
          })
        }
      }).pipe(Effect.scoped, leavesNoTensor))

    it.effect("is with one beam what takes the likeliest token each time", () =>
      Effect.gen(function*() {
        const weights = yield* weightsOf(models.gru), options = { tokenizer: letters, prompt: "abc", length: 8 }
        const greedy = yield* Stream.runCollect(Text.generate(models.gru, weights, { ...options, temperature: 0 }))
        const [beam] = yield* Text.beamSearch(models.gru, weights, { ...options, beams: 1 })
        assert.deepStrictEqual(beam!.tokens, greedy.map(({ token }) => token))
      }).pipe(Effect.scoped, leavesNoTensor))

    it.effect("fails as generate does, and refuses such options", () =>
      Effect.gen(function*() {
        const weights = yield* weightsOf(models.gru)
        const options = { tokenizer: letters, prompt: "ab", length: 3, beams: 2 }
        const run = (change: object) => Text.beamSearch(models.gru, weights, { ...options, ...change })
        assert.match((yield* Effect.flip(run({ prompt: "x" }))).message, /found "x"/)
        for (const change of [{ beams: 0 }, { length: 0 }, { lengthPenalty: -1 }, { stop: [""] }, { context: 0 }]) {
          assert.throws(() => run(change), RangeError, Object.keys(change)[0]!)
        }
      }).pipe(Effect.scoped, leavesNoTensor))
  })
})
