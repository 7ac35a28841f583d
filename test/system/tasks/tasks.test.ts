import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Backend, Losses, Metrics, Train } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { learn } from "./learn.ts"
import { models } from "./models.ts"
import { batchOf, tasks } from "./tasks.ts"

/** Which model learns which task, in so many steps at such a rate, to such a part of right answers. */
const table: ReadonlyArray<
  readonly [task: keyof typeof tasks, model: keyof typeof models, steps: number, rate: number, least: number]
> = [
  ["parity", "rnn", 120, 3e-3, 0.99],
  ["parity", "gru", 100, 1e-2, 0.99],
  ["parity", "lstm", 120, 1e-2, 0.99],
  ["copy", "rnn", 300, 3e-3, 0.97],
  ["copy", "gru", 250, 1e-2, 0.97],
  ["copy", "lstm", 250, 1e-2, 0.97],
  ["sorting", "gru", 150, 1e-2, 0.97],
  ["sorting", "lstm", 120, 1e-2, 0.97],
  ["sorting", "transformer", 100, 3e-3, 0.97],
  ["copy", "transformer", 100, 5e-3, 0.97],
  ["addition", "rnn", 200, 1e-2, 0.99],
  ["addition", "gru", 150, 1e-2, 0.99],
  ["addition", "lstm", 150, 1e-2, 0.99]
]

describe("sequences", () => {
  for (const [name, kind, steps, rate, least] of table) {
    it.effect(`${name} is learned by a ${kind}`, () =>
      Effect.gen(function*() {
        const task = tasks[name], model = models[kind](task), loss = Losses.softmaxCrossEntropy
        const batch = (i: number) => batchOf(task, i, i === 0 ? 256 : 32)
        const trainer = yield* learn(model, loss, { input: [task.time], rate, steps, batch })
        const supervision = { model, loss, metrics: [Metrics.accuracy] }
        const { accuracy } = yield* Train.evaluate(Stream.make(batch(0)), supervision, trainer)
        assert.isAtLeast(accuracy, least)
      }).pipe(Effect.scoped, leavesNoTensor, Effect.provide(Backend.layerWasm)))
  }
})
