import { assert, layer as withLayer } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Autodiff, Backend, Key, Layers } from "effect-neuron"
import type { Tree } from "effect-neuron"

const names = ["Conv2D", "MaxPool", "AvgPool", "FusedBatchNorm"]
const installed = () => names.filter((name) => tf.getGradient(name) !== undefined)

/** Layers in the order in which they are used, each with what is installed from its first use on. */
const firstUses: ReadonlyArray<readonly [() => Layers.Any, ReadonlyArray<string>]> = [
  [() => Layers.dense(2), []],
  [() => Layers.batchNorm(), ["FusedBatchNorm"]],
  [() => Layers.conv2d({ filters: 2, kernelSize: 3 }), ["Conv2D", "FusedBatchNorm"]],
  [() => Layers.avgPool2d(2), ["Conv2D", "MaxPool", "AvgPool", "FusedBatchNorm"]]
]

// A process of its own: what another file has used would be installed already.
withLayer(Backend.layerWasm)("layers in a process where nothing was used before", (it) => {
  it.effect("bring the kernels and gradients that they need, when they are used", () =>
    Backend.tensors("layers", () => {
      assert.deepStrictEqual(installed(), [])
      for (const [make, expected] of firstUses) {
        const layer = make()
        const { params, state } = Result.getOrThrow(layer.init(Key.make(1), [4, 4, 2]))
        const x = tf.ones([1, 4, 4, 2])
        const { grads } = Autodiff.valueAndGrad((p: { readonly own: Tree.Tree; readonly x: tf.Tensor }) => {
          const [y] = layer.apply(p.own, state, p.x, { training: true, key: Key.make(1) })
          return [tf.sum(y as tf.Tensor), 0] as const
        })({ own: params as Tree.Tree, x })
        assert.deepStrictEqual(grads.x.shape, x.shape)
        assert.deepStrictEqual(installed(), expected, layer.name)
      }
    }).pipe(Effect.asVoid))
})
