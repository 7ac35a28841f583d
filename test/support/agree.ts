import { assert } from "@effect/vitest"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend } from "effect-neuron"
import { useCompanion } from "../../src/backend/companion/companion.ts"

/**
 * Computes on the cpu backend, whose stock kernels are the independent source, and on wasm with the companion module
 * and without it, and compares: values are within `tolerance`, relative to the larger of the values and 1, or both NaN,
 * or the same infinity.
 */
export const agree = (what: string, compute: () => ReadonlyArray<Tensor>, tolerance = 1e-5) =>
  Effect.gen(function*() {
    const run = Backend.tensors(what, () => compute().map(Backend.toHost))
    const expected = yield* Effect.provide(run, Backend.layerCpu)
    for (const companion of [true, false]) {
      useCompanion(companion)
      const found = yield* Effect.provide(run, Backend.layerWasm)
      const where = `${what} ${companion ? "with" : "without"} the companion`
      assert.strictEqual(found.length, expected.length)
      found.forEach(({ data, shape }, i) => {
        assert.deepStrictEqual(shape, expected[i]!.shape, `${where}, ${i}: shape`)
        data.forEach((value, j) => {
          const wanted = expected[i]!.data[j]!
          if (Object.is(value, wanted) || Math.abs(value - wanted) <= tolerance * Math.max(1, Math.abs(wanted))) return
          assert.fail(`${where}, ${i} [${shape}], at ${j}: expected ${wanted}, got ${value}`)
        })
      })
    }
  }).pipe(Effect.ensuring(Effect.sync(() => useCompanion(true))))
