import { assert, layer as withLayer } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Autodiff, Backend, Key, Layers } from "effect-neuron"
import type { Tree } from "effect-neuron"
import { vi } from "vitest"

// As bundlers for pages do, by `browser` in package.json.
vi.mock("../../../src/ops/atStart.ts", () => import("../../../src/ops/atStartInPages.ts"))

const names = ["Conv2D", "MaxPool", "AvgPool", "FusedBatchNorm", "Gelu", "DropoutMask"]
const isThere = (name: string) =>
  tf.getGradient(name) !== undefined || tf.getKernel(name, tf.getBackend())?.kernelFunc !== stock.get(name)
const stock = new Map<string, unknown>()
const installed = () => names.filter(isThere)

/** Layers in the order in which they are used, each with what is installed at its first use. */
const firstUses: ReadonlyArray<readonly [() => Layers.Any, ReadonlyArray<string>]> = [
  [() => Layers.dense(2), []],
  [() => Layers.batchNorm(), ["FusedBatchNorm"]],
  [() => Layers.conv2d({ filters: 2, kernelSize: 3 }), ["Conv2D"]],
  [() => Layers.avgPool2d(2), ["MaxPool", "AvgPool"]],
  [() => Layers.gelu, ["Gelu"]],
  [() => Layers.dropout(0.5), ["DropoutMask"]]
]

// A process of its own: what another file has used would be installed already.
withLayer(Backend.layerWasm)("layers in a page where nothing was used before", (it) => {
  it.effect("bring the kernels and gradients that they need, when they are used", () =>
    Backend.tensors("layers", () => {
      for (const name of names) stock.set(name, tf.getKernel(name, tf.getBackend())?.kernelFunc)
      assert.deepStrictEqual(installed(), [])
      const used = new Set<string>()
      for (const [make, expected] of firstUses) {
        const layer = make()
        const { params, state } = Result.getOrThrow(layer.init(Key.make(1), [4, 4, 2]))
        const x = tf.ones([1, 4, 4, 2])
        const { grads } = Autodiff.valueAndGrad((p: { readonly own: Tree.Tree; readonly x: tf.Tensor }) => {
          const [y] = layer.apply(p.own, state, p.x, { training: true, key: Key.make(1) })
          return [tf.sum(y as tf.Tensor), 0] as const
        })({ own: params as Tree.Tree, x })
        assert.deepStrictEqual(grads.x.shape, x.shape)
        for (const name of expected) used.add(name)
        assert.sameMembers(installed(), [...used], layer.name)
      }
    }).pipe(Effect.asVoid))
})
