import { assert, describe, it } from "@effect/vitest"
import { add, backend, ones } from "@tensorflow/tfjs-core"
import { Effect, Logger } from "effect"
import { Backend } from "effect-neuron"
import { isShared, memoryOf } from "../../../../src/backend/companion/companion.ts"
import { useThreads } from "../../../../src/backend/companion/parallel.ts"

describe("threads, asked for when one thread has been started", () => {
  it.effect("are said not to be there while the backend holds a tensor, which stays", () =>
    Effect.gen(function*() {
      const held = yield* Backend.tensors("held", () => ones([2]))
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
      assert.deepStrictEqual([...held.dataSync()], [1, 1])
      held.dispose()
    }).pipe(Effect.provide(Backend.layerWasm)))

  it.effect("are there when it holds nothing, since it then starts again", () =>
    Effect.gen(function*() {
      assert.isFalse(isShared(memoryOf(backend())!))
      yield* Effect.gen(function*() {
        assert.isTrue(isShared(memoryOf(backend())!))
        const two = yield* Backend.tensors("two", () => add(ones([2]), 1).dataSync())
        assert.deepStrictEqual([...two], [2, 2])
        const threads = useThreads(undefined)
        assert.strictEqual(threads?.count, 2)
        useThreads(threads)
      }).pipe(Effect.provide(Backend.layerWasmWith({ threads: 2 })))
    }).pipe(Effect.provide(Backend.layerWasm)))
})
