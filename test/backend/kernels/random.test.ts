import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend, Key, Layers, Random } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"

/** The mask that the layer makes without a kernel. */
const expected = (key: Key.Key, size: number, rate: number): Float32Array => {
  const words = Random.bits(key, Math.ceil(size / 2)), threshold = Math.min(Math.round(rate * 65536), 65535)
  return Float32Array.from({ length: size }, (_, i) => {
    const draw = i % 2 === 0 ? words[i / 2]! & 0xffff : words[(i - 1) / 2]! >>> 16
    return draw < threshold ? 0 : 1 / (1 - rate)
  })
}

describe("the mask of dropout", () => {
  it.effect("is the same, bit for bit, with and without the kernel, for every size, rate and key", () =>
    Effect.gen(function*() {
      // The layer installs the kernel when it is made, before or after the backend starts.
      const layers = [0.00002, 0.1, 0.25, 0.5, 0.7, 0.99999].map((rate) => [rate, Layers.dropout(rate)] as const)
      const check = Backend.tensors("masks", () => {
        const shapes = [[0], [1], [3, 1], [2, 2], [5], [15], [16], [17], [31], [4, 8], [33], [7, 11, 13], [50_000]]
        for (const [rate, layer] of layers) {
          for (const shape of shapes) {
            for (
              const key of [Key.make(1), Key.make(2 ** 40 + 3), [0xffffffff, 0x80000001]] as ReadonlyArray<Key.Key>
            ) {
              const [mask] = layer.apply({}, {}, tf.ones(shape), { training: true, key })
              assert.deepStrictEqual(mask.shape, shape)
              const size = shape.reduce((a, b) => a * b, 1)
              assert.deepStrictEqual(mask.dataSync(), expected(key, size, rate), `${rate} [${shape}] ${key}`)
            }
          }
        }
        assert.strictEqual(tf.getKernel("DropoutMask", tf.getBackend()) !== undefined, tf.getBackend() === "wasm")
      })
      yield* Effect.provide(leavesNoTensor(check), Backend.layerWasm)
      yield* Effect.provide(leavesNoTensor(check), Backend.layerCpu)
    }))
})
