import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Backend, Key, Layers, Ops } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

/** What the weights make of the values. */
const mixed = (weights: Tensor, value: Tensor): Tensor => {
  const heads = weights.shape[1]!, groups = value.shape[2]!, each = tf.transpose(value, [0, 2, 1, 3])
  const shared = tf.gather(each, Array.from({ length: heads }, (_, head) => Math.floor(head * groups / heads)), 1)
  return tf.transpose(tf.matMul(weights, shared), [0, 2, 1, 3])
}

for (const [backend, backendLayer] of backends) {
  describe(`the weights of attention on ${backend}`, () => {
    const test = (name: string, program: () => void) =>
      it.effect(name, () => Effect.provide(leavesNoTensor(Backend.tensors("weights", program)), backendLayer))

    test("are those by which it weighs the values", () => {
      // More keys than a value has numbers, and fewer.
      for (const [keyTime, size] of [[7, 3], [2, 5], [1, 1], [4, 4]] as const) {
        const query = randomTensor(1, [2, 3, 4, size]), key = randomTensor(2, [2, keyTime, 2, size])
        const value = randomTensor(3, [2, keyTime, 2, size]),
          mask = tf.tensor2d(
            Float32Array.from({ length: 2 * keyTime }, (_, i) => i % 3 === 1 ? 0 : 1),
            [2, keyTime]
          )
        for (
          const options of [
            {},
            { mask, slopes: [1, 0.5, 0.25, 0], scale: 2 },
            { bias: randomTensor(4, [4, 3, keyTime]), window: 2 },
            ...(keyTime > 3 ? [{ causal: true }] : [])
          ]
        ) {
          const weights = Ops.attentionWeights({ query, key, ...options })
          assert.deepStrictEqual(weights.shape, [2, 4, 3, keyTime])
          assertClose(mixed(weights, value), Ops.attention({ query, key, value, ...options }), 1e-5)
        }
      }
      const causal = Ops.attentionWeights({ query: tf.zeros([1, 3, 1, 2]), key: tf.zeros([1, 3, 1, 2]), causal: true })
      assertClose(causal, { shape: [1, 1, 3, 3], data: [1, 0, 0, 0.5, 0.5, 0, 1 / 3, 1 / 3, 1 / 3] })
    })
  })
}

describe("Layers.attentions", () => {
  it.effect("has those of all attention in a model, at their paths, and what the model gives stays the same", () =>
    Backend.tensors("attentions", () => {
      const blocks = { layers: 2, features: 8, heads: 2 }
      const model = Layers.graph(
        { inputs: { source: "source", target: "target" } },
        ["memory", Layers.transformerEncoder(blocks), "source"],
        ["decoder", Layers.transformerDecoder(blocks), { x: "target", memory: "memory" }]
      )
      const { params, state } = Result.getOrThrow(model.init(Key.make(1), { source: [5, 8], target: [3, 8] }))
      const x = { source: randomTensor(1, [2, 5, 8]), target: randomTensor(2, [2, 3, 8]) }
      const found = Layers.attentions(model, params, state, x)
      assert.deepStrictEqual(found.map(([path, { shape }]) => [path, shape]), [
        ["memory.block0.attention", [2, 2, 5, 5]],
        ["memory.block1.attention", [2, 2, 5, 5]],
        ["decoder.block0.attention", [2, 2, 3, 3]],
        ["decoder.block0.crossAttention", [2, 2, 3, 5]],
        ["decoder.block1.attention", [2, 2, 3, 3]],
        ["decoder.block1.crossAttention", [2, 2, 3, 5]]
      ])
      for (const [path, weights] of found) {
        assertClose(tf.sum(weights, -1), tf.onesLike(tf.sum(weights, -1)), 1e-5, path)
      }
      // A step of the decoder sees none after it.
      assertClose(tf.slice(found[2]![1], [0, 0, 0, 1], [2, 2, 1, 2]), tf.zeros([2, 2, 1, 2]), 0)
      const paths: Array<string> = []
      const mode = { training: false, key: Key.make(1), observe: (path: string) => paths.push(path) }
      const both = Layers.attentions(model, params, state, x, mode)
      assert.strictEqual(both.length, found.length)
      assert.include(paths, "decoder.block1.feedForward.hidden")
    }).pipe(leavesNoTensor, Effect.provide(Backend.layerWasm)))
})
