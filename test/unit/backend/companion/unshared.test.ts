import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger } from "effect"
import { Backend } from "effect-neuron"

describe("threads, asked for when one thread has been started", () => {
  it.effect("are said not to be there, and the backend stays as it is", () =>
    Effect.gen(function*() {
      const warnings: Array<string> = []
      const logger = Logger.make(({ message }) => {
        warnings.push(String(message))
      })
      const { name } = yield* Effect.service(Backend.Backend).pipe(
        Effect.provide(Backend.layerWasmWith({ threads: 2 })),
        Effect.provide(Logger.layer([logger]))
      )
      assert.strictEqual(name, "wasm")
      assert.lengthOf(warnings, 1)
      assert.match(warnings[0]!, /in one thread, not in 2: .*was started for one thread/)
    }).pipe(Effect.provide(Backend.layerWasm)))
})
