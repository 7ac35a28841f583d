import { assert, describe, it } from "@effect/vitest"
import { memory } from "@tensorflow/tfjs-core"
import { Effect, Logger, Stream } from "effect"
import { Backend, Train } from "effect-neuron"
import { vi } from "vitest"
import { batches, init, step } from "../../../support/training.ts"

vi.mock("../../../../src/backend/companion/threadSource.ts", async (original) => ({
  ...await original<object>(),
  threadSource: "throw new Error('no thread today')"
}))

describe("threads that cannot be started", () => {
  it.effect("are said in one warning, and one thread does it all", () =>
    Effect.gen(function*() {
      const warnings: Array<string> = []
      const logger = Logger.make(({ logLevel, message }) => {
        if (logLevel === "Warn") warnings.push(String(message))
      })
      const run = Effect.gen(function*() {
        const trainer = yield* Train.make(init, step)
        return yield* batches.pipe(trainer.run, Stream.take(40), Stream.runLast)
      }).pipe(
        Effect.scoped,
        Effect.provide(Backend.layerWasmWith({ threads: 2 })),
        Effect.provide(Logger.layer([logger]))
      )
      const last = yield* run
      assert.isTrue(last._tag === "Some" && last.value.loss < 0.3)
      yield* run
      assert.strictEqual(memory().numTensors, 0)
      assert.deepStrictEqual(warnings, ["the wasm backend computes in one thread, not in 2: Error: no thread today"])
    }))
})
