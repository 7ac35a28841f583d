import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Backend, Train, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../../support/backend.ts"
import { batches, init, step } from "../../../support/training.ts"

/** The parameters after a few steps, bit for bit. */
const trained = (options: Backend.WasmOptions) =>
  Effect.gen(function*() {
    const trainer = yield* Train.make(init, step)
    yield* batches.pipe(Stream.take(5), trainer.run, Stream.runDrain)
    return Tree.leaves(yield* trainer.state).map((x) => new Int32Array(x.dataSync().slice().buffer))
  }).pipe(Effect.scoped, leavesNoTensor, Effect.provide(Backend.layerWasmWith(options)))

const hasRelaxed = WebAssembly.validate(Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0],
  ...[65, 0, 253, 17, 65, 0, 253, 17, 65, 0, 253, 17, 253, 133, 2, 11]
))

describe("kernels without relaxed SIMD", () => {
  it.effect("give the bits of an engine that has none, with threads too", () =>
    Effect.gen(function*() {
      const relaxed = yield* trained({})
      const strict = yield* trained({ relaxed: false })
      const inThreads = yield* trained({ relaxed: false, threads: 2 })
      const validate = WebAssembly.validate
      // An engine says that it lacks something by finding what has it invalid.
      WebAssembly.validate = (bytes: BufferSource) => bytes.byteLength > 100 && validate(bytes)
      const elsewhere = yield* Effect.ensuring(
        trained({}),
        Effect.sync(() => {
          WebAssembly.validate = validate
        })
      )
      assert.deepStrictEqual(strict, elsewhere)
      assert.deepStrictEqual(inThreads, elsewhere)
      if (hasRelaxed) assert.notDeepEqual(relaxed, strict)
      assert.deepStrictEqual(yield* trained({}), relaxed)
    }))
})
