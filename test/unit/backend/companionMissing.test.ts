import { assert, describe, it } from "@effect/vitest"
import { memory } from "@tensorflow/tfjs-core"
import { Effect, Logger, Stream } from "effect"
import { Backend, Train } from "effect-neuron"
import { vi } from "vitest"
import { batches, init, step } from "../../support/training.ts"

vi.mock("../../../src/backend/companion/generated/relaxed.ts", () => {
  throw new Error("no such module")
})
vi.mock("../../../src/backend/companion/generated/simd.ts", () => {
  throw new Error("no such module")
})

describe("a companion module that cannot be loaded", () => {
  it.effect("is said in one warning, and training goes on without it", () =>
    Effect.gen(function*() {
      const warnings: Array<string> = []
      const logger = Logger.make(({ logLevel, message }) => {
        if (logLevel === "Warn") warnings.push(String(message))
      })
      const run = Effect.gen(function*() {
        const trainer = yield* Train.make(init, step)
        return yield* batches.pipe(trainer.run, Stream.take(40), Stream.runLast)
      }).pipe(Effect.scoped, Effect.provide(Backend.layerWasm), Effect.provide(Logger.layer([logger])))
      const last = yield* run
      assert.isTrue(last._tag === "Some" && last.value.loss < 0.3)
      yield* run
      assert.strictEqual(memory().numTensors, 0)
      assert.lengthOf(warnings, 1)
      assert.match(warnings[0]!, /fast kernels of the wasm backend could not be loaded, slower ones serve: /)
    }))
})
