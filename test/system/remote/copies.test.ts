import { assert, layer } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { NdArray } from "effect-neuron"
import { describe } from "vitest"
import { copies } from "../../../src/backend/copies.ts"
import { backends } from "../../support/backend.ts"

describe("what a worker sends", () => {
  for (const [name, backend] of backends) {
    layer(backend)((it) => {
      it.effect(`leaves the tensors of ${name} whole when it is moved`, () =>
        Effect.gen(function*() {
          const tree = { a: tf.tensor1d([1, 2]), b: [tf.tensor1d([3], "int32")] }
          const copy = yield* copies("copy", tree)
          assert.deepStrictEqual(copy, { a: NdArray.make([1, 2], [2]), b: [NdArray.make(Int32Array.of(3), [1])] })
          structuredClone(copy, { transfer: [copy.a.data.buffer, copy.b[0]!.data.buffer] })
          assert.strictEqual(copy.a.data.length, 0)
          assert.deepStrictEqual([...tree.a.dataSync(), ...tree.b[0]!.dataSync()], [1, 2, 3])
          tf.dispose(tree)
        }))
    })
  }
})
