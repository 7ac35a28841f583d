import { describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Autodiff, Backend, Key, Layers } from "effect-neuron"
import type { Shape } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { randomTensor } from "../../support/numbers.ts"

const key = Key.make(3)

type Smooth = readonly [layer: Layers.Any, input: Shape.Known]

// Layers with kinks are compared at inputs that are rarely near one: the check takes the best of several widths.
const layers: ReadonlyArray<Smooth> = [
  [Layers.dense(3), [4]],
  [Layers.dense(3, { bias: false }), [2, 4]],
  [Layers.conv2d({ filters: 2, kernelSize: 3 }), [5, 4, 2]],
  [Layers.conv2d({ filters: 2, kernelSize: [2, 3], strides: 2, padding: "valid" }), [6, 5, 1]],
  [Layers.conv2d({ filters: 2, kernelSize: 2, dilations: 2, bias: false }), [5, 5, 1]],
  [Layers.avgPool2d(2), [4, 5, 2]],
  [Layers.avgPool2d({ poolSize: 3, strides: 2, padding: "same" }), [5, 4, 1]],
  [Layers.maxPool2d(2), [4, 4, 1]],
  [Layers.globalAvgPool2d, [3, 4, 2]],
  [Layers.globalMaxPool2d, [3, 2, 2]],
  [Layers.batchNorm(), [4]],
  [Layers.batchNorm(), [3, 3, 2]],
  [Layers.conv2dTranspose({ filters: 2, kernelSize: 4, strides: 2 }), [3, 2, 2]],
  [Layers.conv2dTranspose({ filters: 2, kernelSize: [2, 3], strides: [1, 2], padding: "valid" }), [3, 2, 2]],
  [Layers.conv2dTranspose({ filters: 1, kernelSize: 3, bias: false }), [4, 3, 2]],
  [Layers.serial(Layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2 }), Layers.tanh), [2, 3, 1]],
  // Linear layers have a second order by their input once something curved follows.
  [Layers.serial(Layers.upsample2d([2, 3]), Layers.tanh), [2, 3, 2]],
  [Layers.serial(Layers.upsample2d({ size: [3, 2], interpolation: "bilinear" }), Layers.tanh), [3, 2, 2]],
  [Layers.layerNorm(), [5]],
  [Layers.layerNorm({ axes: 2 }), [2, 3, 2]],
  [Layers.groupNorm({ groups: 2 }), [3, 2, 4]],
  [Layers.groupNorm({ groups: 1 }), [6]],
  [Layers.instanceNorm(), [3, 2, 2]],
  [Layers.serial(Layers.gaussianNoise(0.3), Layers.tanh), [4]],
  [Layers.serial(Layers.reshape([2, -1]), Layers.flatten), [4]],
  [Layers.dropout(0.4), [6]],
  [Layers.named({ a: Layers.dense(4), t: Layers.tanh, b: Layers.dense(2) }), [3]],
  [Layers.residual(Layers.named({ a: Layers.dense(3), t: Layers.tanh })), [3]],
  [Layers.parallel({ a: Layers.dense(2), b: Layers.sigmoid }), [3]],
  [Layers.parallel({ a: Layers.dense(3), b: Layers.sigmoid }, { merge: "add" }), [3]],
  ...[Layers.elu, Layers.selu, Layers.sigmoid, Layers.tanh, Layers.softplus, Layers.gelu, Layers.geluTanh].map(
    (layer): Smooth => [layer, [5]]
  ),
  ...[Layers.swish, Layers.softmax, Layers.logSoftmax].map((layer): Smooth => [layer, [2, 3]])
]

// Functions that are linear between kinks have no second order to check.
const curved = layers.filter(([layer]) => !/^(elu|selu|maxPool2d|globalMaxPool2d)/.test(layer.name))

for (const [backend, backendLayer] of backends) {
  describe(`gradients of layers on ${backend}`, () => {
    const check = (second: boolean, [layer, input]: Smooth) =>
      it.effect(`${layer.name}, ${second ? "second" : "first"} order`, () => {
        const program = () => {
          const { params, state } = Result.getOrThrow(layer.init(key, input))
          const x = randomTensor(4, [3, ...input])
          const value = (p: { readonly params: Tensor; readonly x: Tensor }) => {
            const [y]: readonly [Tensor, unknown] = layer.apply(p.params, state, p.x, { training: true, key })
            return tf.sum(tf.mul(y, randomTensor(5, y.shape)))
          }
          if (!second) return checkGradients(value, { params, x })
          checkGradients(
            (p) => {
              const byInput = (z: Tensor) => [value({ ...p, x: z }), 0] as const
              return tf.sum(tf.square(Autodiff.valueAndGrad(byInput)(p.x).grads))
            },
            { params, x },
            { tolerance: 1e-2 }
          )
        }
        return Effect.provide(leavesNoTensor(Backend.tensors(layer.name, program)), backendLayer)
      })
    for (const row of layers) check(false, row)
    for (const row of curved) check(true, row)
  })
}
