import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { randomTensor } from "../../support/numbers.ts"

const onWasm = (title: string, body: () => void) =>
  it.effect(title, () => Effect.provide(leavesNoTensor(Backend.tensors(title, body)), Backend.layerWasm))

describe("Maximum and Minimum", () => {
  onWasm("of every way to broadcast, and of NaN", () => {
    const shapes = [
      [[7], [7]],
      [[3, 5], []],
      [[], [3, 5]],
      [[3, 5], [5]],
      [[5], [2, 3, 5]],
      [[3, 5], [1, 1]],
      [
        [2, 3, 4],
        [3, 4]
      ],
      [[3, 1], [1, 4]],
      [[3, 4], [3, 1]],
      [[1, 4], [1, 4]],
      [[1], [1, 1]],
      [[0, 3], [3]]
    ] as const
    for (const [shapeA, shapeB] of shapes) {
      const a = randomTensor(1, shapeA), b = randomTensor(2, shapeB)
      for (const [f, choose] of [[tf.maximum, Math.max], [tf.minimum, Math.min]] as const) {
        const found = f(a, b), as = tf.broadcastTo(a, found.shape).dataSync()
        const bs = tf.broadcastTo(b, found.shape).dataSync()
        assert.deepStrictEqual(found.dataSync(), as.map((x, i) => choose(x, bs[i]!)), `[${shapeA}] [${shapeB}]`)
      }
    }
    const both = [tf.tensor1d([NaN, 1, Infinity, -Infinity]), tf.tensor1d([1, NaN, 2, 2])] as const
    assert.deepStrictEqual(Array.from(tf.maximum(...both).dataSync()), [NaN, NaN, Infinity, 2])
    assert.deepStrictEqual(Array.from(tf.minimum(...both).dataSync()), [NaN, NaN, 2, -Infinity])
    assert.deepStrictEqual(tf.maximum(tf.tensor1d([1, 5], "int32"), tf.scalar(3, "int32")).arraySync(), [3, 5])
  })
})
