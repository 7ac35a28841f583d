import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend, Key, Ops } from "effect-neuron"
import { agree } from "../../support/agree.ts"

const ones = (...shape: ReadonlyArray<number>): Tensor => tf.ones([...shape])

// Shapes that a kernel would read or write out of bounds for, and what the error says.
const refused: ReadonlyArray<readonly [message: string, () => unknown]> = [
  [
    "conv2d expects x [batch, height, width, channels] and a filter [filterHeight, filterWidth, channels, filters], " +
    "got [1, 8, 8, 3] and [3, 3, 1, 2]",
    () => Ops.conv2d(ones(1, 8, 8, 3), ones(3, 3, 1, 2), { bias: ones(2) })
  ],
  [
    "conv2d expects x [batch, height, width, channels] and a filter [filterHeight, filterWidth, channels, filters], " +
    "got [1, 8, 8, 1, 1] and [3, 3, 1, 2]",
    () => Ops.conv2d(ones(1, 8, 8, 1, 1), ones(3, 3, 1, 2), { bias: ones(2), slope: 0 })
  ],
  [
    "conv2d expects a bias [2] for its filter [3, 3, 1, 2], got [1]",
    () => Ops.conv2d(ones(1, 8, 8, 1), ones(3, 3, 1, 2), { bias: ones(1) })
  ],
  [
    "conv2d expects images of at least 9 x 9 for its window, got [1, 8, 8, 1]",
    () => Ops.conv2d(ones(1, 8, 8, 1), ones(9, 9, 1, 2), { padding: "valid" })
  ],
  [
    "depthwiseConv2d expects x [batch, height, width, channels] and a filter [filterHeight, filterWidth, channels, " +
    "multiplier], got [1, 8, 8, 3] and [3, 3, 1, 2]",
    () => Ops.depthwiseConv2d(ones(1, 8, 8, 3), ones(3, 3, 1, 2))
  ],
  [
    "unsortedSegmentSum expects an id for each row of x [3, 2], got [2]",
    () => tf.unsortedSegmentSum(ones(3, 2), tf.tensor1d([0, 0], "int32"), 1)
  ],
  [
    "batchNorm expects moments, scale and offset of 3 channels for x [1, 1, 2, 3], got [2]",
    () => tf.batchNorm(ones(2, 3) as tf.Tensor2D, ones(2) as tf.Tensor1D, ones(2) as tf.Tensor1D)
  ],
  [
    "dense expects x [..., features] and a kernel [features, units], got [2, 3] and [4, 2]",
    () => Ops.dense(ones(2, 3), ones(4, 2), ones(2))
  ],
  [
    "dense expects a bias [2] for its kernel [3, 2], got [3]",
    () => Ops.dense(ones(2, 3), ones(3, 2), ones(3))
  ],
  [
    "batchNorm expects scale [3] for x [2, 3], got [2]",
    () => Ops.batchNormTraining(ones(2, 3), ones(2), ones(3), 1e-5)
  ],
  [
    "batchNorm expects mean [3] for x [2, 3], got [2]",
    () => Ops.batchNorm(ones(2, 3), ones(2), ones(3), ones(3), ones(3), 1e-5)
  ],
  ["maxPool expects x [batch, height, width, channels], got [8, 8, 1]", () => Ops.maxPool(ones(8, 8, 1), [2, 2])],
  [
    "crossEntropy expects a target [2] of classes or [2, 3] for its logits, got [3]",
    () => Ops.crossEntropy(ones(2, 3), ones(3))
  ],
  [
    "sigmoidCrossEntropy expects logits and a target of one shape, got [2, 3] and [2, 2]",
    () => Ops.sigmoidCrossEntropy(ones(2, 3), ones(2, 2))
  ],
  ["squaredError expects a and b of one shape, got [2, 3] and [2]", () => Ops.squaredError(ones(2, 3), ones(2))]
]

describe("operations", () => {
  for (const layer of [Backend.layerWasm, Backend.layerCpu]) {
    it.effect("refuse shapes that do not fit, and compute what comes after", () =>
      Effect.provide(
        Backend.tensors("refused", () => {
          for (const [message, compute] of refused) {
            assert.throws(compute, new RegExp(`^${message.replace(/[[\].]/g, "\\$&")}$`))
          }
          assert.deepStrictEqual(Ops.dense(ones(1, 2), ones(2, 1), ones(1)).arraySync(), [[3]])
        }),
        layer
      ))
  }

  it.effect("take booleans and integers for the numbers that they are", () =>
    agree("integers", () => {
      const bools = tf.tensor2d([[1, 0], [0, 1]], [2, 2], "bool"), integers = tf.cast(bools, "int32")
      const x = tf.tensor2d([[1, 2], [3, 5]])
      return [bools, integers].flatMap((t) => [
        Ops.crossEntropy(x, t),
        Ops.sigmoidCrossEntropy(x, t),
        Ops.squaredError(x, t),
        Ops.dense(t, x, tf.tensor1d([1, 2])),
        Ops.softmax(t),
        Ops.logSoftmax(t),
        Ops.gelu(t),
        Ops.geluTanh(t),
        Ops.swish(t),
        Ops.dropout(t, 0.5, Key.make(1)),
        Ops.maxPool(tf.reshape(t, [1, 2, 2, 1]), [2, 2]),
        Ops.conv2d(tf.reshape(t, [1, 2, 2, 1]), tf.ones([2, 2, 1, 1]), { bias: tf.ones([1]) })
      ])
    }))

  it.effect("count nothing for what has no part in a target, also at infinity", () =>
    agree("infinity", () => {
      const x = tf.tensor2d([[2, -Infinity, 2], [3e38, -3e38, 3e38]]), t = tf.tensor2d([[1, 0, 0], [1, 0, 0]])
      const losses = [Ops.crossEntropy(x, t), Ops.crossEntropy(x, tf.tensor1d([0, 0], "int32"))]
      for (const loss of losses) {
        loss.dataSync().forEach((value) => assert.closeTo(value, Math.log(2), 1e-6))
      }
      const sure = Ops.sigmoidCrossEntropy(tf.tensor1d([-Infinity, Infinity]), tf.tensor1d([0, 1]))
      assert.deepStrictEqual(sure.arraySync(), [0, 0])
      return losses
    }))

  it.effect("convolve in strides that exceed the filter, without the companion too", () =>
    agree(
      "strides",
      () =>
        [[3, 2], [5, 3], [7, 4], [8, 1]].flatMap(([size, side]) =>
          (["same", "valid"] as const).map((padding) => {
            const x = tf.reshape(tf.range(0, size! * size! * 2), [1, size!, size!, 2])
            return Ops.conv2d(tf.sin(x), tf.cos(tf.reshape(tf.range(0, side! * side! * 2), [side!, side!, 2, 1])), {
              strides: [side! + 1, 1],
              padding
            })
          })
        )
    ))
})
