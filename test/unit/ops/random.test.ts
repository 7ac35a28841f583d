import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend, Initializers, Key, Ops, Random } from "effect-neuron"
import { useCompanion } from "../../../src/backend/companion/companion.ts"
import { leavesNoTensor } from "../../support/backend.ts"

/** The mask, one value after the other. */
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
      const check = Backend.tensors("masks", () => {
        const shapes = [[0], [1], [3, 1], [2, 2], [5], [15], [16], [17], [31], [4, 8], [33], [7, 11, 13], [50_000]]
        for (const rate of [0.00002, 0.1, 0.25, 0.5, 0.7, 0.99999]) {
          for (const shape of shapes) {
            for (
              const key of [Key.make(1), Key.make(2 ** 40 + 3), [0xffffffff, 0x80000001]] as ReadonlyArray<Key.Key>
            ) {
              const mask = Ops.dropout(tf.ones(shape), rate, key)
              assert.deepStrictEqual(mask.shape, shape)
              const size = shape.reduce((a, b) => a * b, 1)
              assert.deepStrictEqual(mask.dataSync(), expected(key, size, rate), `${rate} [${shape}] ${key}`)
            }
          }
        }
      })
      yield* Effect.provide(leavesNoTensor(check), Backend.layerWasm)
      yield* Effect.provide(leavesNoTensor(check), Backend.layerCpu)
    }))

  it("has a rate of at least 0 and less than 1", () => {
    for (const rate of [-0.1, 1, NaN]) {
      assert.throws(
        () => Ops.dropout(tf.ones([2]), rate, Key.make(1)),
        `dropout: rate is at least 0 and less than 1, got ${rate}`
      )
    }
  })
})

describe("random tensors", () => {
  const keys: ReadonlyArray<Key.Key> = [Key.make(1), Key.make(2 ** 40 + 3), [0xffffffff, 0x80000001]]
  const shapes = [[0], [1], [], [3, 1], [5], [7], [2, 4], [9], [15], [4, 4], [17], [7, 11, 13], [50_000]]

  const check = Backend.tensors("draws", () => {
    for (const shape of shapes) {
      const size = shape.reduce((a, b) => a * b, 1)
      for (const key of keys) {
        for (const [low, high] of [[0, 1], [-3, 0.7], [1e-3, 1e3]] as const) {
          const found = Ops.randomUniform(key, shape, { low, high })
          assert.deepStrictEqual(found.shape, shape)
          assert.deepStrictEqual(found.dataSync(), Random.uniform(key, size, { low, high }), `[${shape}] ${key}`)
        }
        for (const [mean, stddev] of [[0, 1], [3, 0.5], [-1, 0]] as const) {
          const found = Ops.randomNormal(key, shape, { mean, stddev }),
            expected = Random.normal(key, size, { mean, stddev })
          assert.deepStrictEqual(found.shape, shape)
          found.dataSync().forEach((x, i) => {
            const error = Math.abs(x - expected[i]!)
            const most = 4e-7 * (Math.abs(mean) + Math.abs(expected[i]! - mean)) + 1e-45
            if (!(error <= most)) assert.fail(`[${shape}] ${key}, at ${i}: expected ${expected[i]}, got ${x}`)
          })
        }
      }
    }
    // A prefix is the same, whatever the size; initializers give the same tensors.
    const start = Ops.randomNormal(keys[0]!, [7]).dataSync()
    assert.deepStrictEqual(Ops.randomNormal(keys[0]!, [100]).dataSync().slice(0, 7), start)
    assert.deepStrictEqual(Initializers.normal({ stddev: 1 })(keys[0]!, [7]).dataSync(), start)
  })

  it.effect("are those of host memory: uniform ones bit for bit, normal ones up to rounding", () =>
    Effect.gen(function*() {
      yield* Effect.provide(leavesNoTensor(check), Backend.layerWasm)
      useCompanion(false)
      yield* Effect.provide(leavesNoTensor(check), Backend.layerWasm)
      useCompanion(true)
      yield* Effect.provide(leavesNoTensor(check), Backend.layerCpu)
    }).pipe(Effect.ensuring(Effect.sync(() => useCompanion(true)))))
})
