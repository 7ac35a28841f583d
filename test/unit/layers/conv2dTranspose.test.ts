import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Backend, Initializers, Key, Layers } from "effect-neuron"
import type { Shape } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

const key = Key.make(17), mode = { training: true, key }

const windows: ReadonlyArray<Pick<Layers.Conv2dOptions, "kernelSize" | "strides" | "padding">> = [
  { kernelSize: 3 },
  { kernelSize: 4, strides: 2 },
  { kernelSize: [5, 2], strides: [2, 3] },
  { kernelSize: 1, strides: 2 },
  { kernelSize: 3, padding: "valid" },
  { kernelSize: [4, 3], strides: [2, 3], padding: "valid" }
]

describe("transposed convolution", () => {
  const run = (program: () => void) =>
    Effect.provide(leavesNoTensor(Backend.tensors("conv2dTranspose", program)), Backend.layerWasm)

  it.effect("is the adjoint of the convolution with its kernel", () =>
    run(() => {
      for (const window of windows) {
        const up = Layers.conv2dTranspose({ ...window, filters: 3, bias: false })
        const { output, params } = Result.getOrThrow(up.init(key, [4, 5, 2]))
        const down = Layers.conv2d({ ...window, filters: 2, bias: false })
        const small = randomTensor(1, [2, 4, 5, 2]), large = randomTensor(2, [2, ...output as Shape.Known])
        const product = (a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.mul(a, b))
        assertClose(
          product(up.apply(params, {}, small, mode)[0], large),
          product(small, down.apply(params, {}, large, mode)[0]),
          1e-5,
          up.name
        )
      }
    }))

  it.effect("starts with the fan of what an output sees, whatever the strides", () =>
    run(() => {
      for (const strides of [1, 2]) {
        const layer = Layers.conv2dTranspose({ filters: 64, kernelSize: 4, strides })
        const { params } = Result.getOrThrow(layer.init(key, [8, 8, 64]))
        const [y] = layer.apply(params, {}, randomTensor(1, [4, 8, 8, 64]), mode)
        const inside = tf.slice(y, [0, 3, 3, 0], [4, 8 * strides - 6, 8 * strides - 6, 64])
        // He's initialization doubles the variance, of which the rectifier that follows takes half.
        assert.approximately(tf.mean(tf.square(inside)).dataSync()[0]!, 2, 0.15, layer.name)
      }
    }))

  it.effect("asks its initializer for channels and filters in their order, and keeps them swapped", () => {
    const asked: Array<ReadonlyArray<number>> = []
    const layer = Layers.conv2dTranspose({
      filters: 5,
      kernelSize: [2, 3],
      strides: 2,
      kernelInitializer: (key, shape) => (asked.push(shape), Initializers.normal()(key, shape))
    })
    return Effect.provide(
      leavesNoTensor(Backend.tensors("init", () => {
        const kernel = () => Result.getOrThrow(layer.init(key, [4, 4, 7])).params.kernel
        assert.deepStrictEqual(kernel().shape, [2, 3, 5, 7])
        assert.deepStrictEqual(asked, [[2, 3, 7, 5]])
        assertClose(tf.transpose(kernel(), [0, 1, 3, 2]), Initializers.normal()(Key.fold(key, 0), [2, 3, 7, 5]), 0)
      })),
      Backend.layerWasm
    )
  })
})
