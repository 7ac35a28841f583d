import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend, Ops } from "effect-neuron"
import { readFileSync } from "node:fs"
import { atStart } from "../../../src/ops/atStart.ts"
import { backends, leavesNoTensor } from "../../support/backend.ts"

const x = () => tf.reshape(tf.range(0, 32), [1, 4, 4, 2]) as Tensor4D

/** Functions of TensorFlow.js with weights, as a layer of one's own may call them: outputs of a filter of ones. */
const functions: { readonly [name: string]: readonly [filter: Array<number>, f: (filter: Tensor) => Tensor] } = {
  conv1d: [[3, 2, 2], (w) => tf.conv1d(tf.reshape(x(), [1, 16, 2]) as Tensor3D, w as Tensor3D, 1, "same")],
  conv2d: [[3, 3, 2, 2], (w) => tf.conv2d(x(), w as Tensor4D, 1, "same")],
  conv2dTranspose: [[3, 3, 1, 2], (w) => tf.conv2dTranspose(x(), w as Tensor4D, [1, 4, 4, 1], 1, "same")],
  depthwiseConv2d: [[3, 3, 2, 1], (w) => tf.depthwiseConv2d(x(), w as Tensor4D, 1, "same")],
  separableConv2d: [[3, 3, 2, 1], (w) => tf.separableConv2d(x(), w as Tensor4D, tf.ones([1, 1, 2, 1]), 1, "same")],
  batchNorm: [[2], (w) => tf.batchNorm(x(), tf.tensor1d([1, 2]), tf.tensor1d([3, 4]), undefined, w as tf.Tensor1D)],
  maxPool: [[1, 1, 1, 2], (w) => tf.maxPool(tf.mul(x(), w) as Tensor4D, 2, 2, "same")],
  avgPool: [[1, 1, 1, 2], (w) => tf.avgPool(tf.mul(x(), w) as Tensor4D, 2, 2, "same")],
  resizeBilinear: [[1, 1, 1, 2], (w) => tf.image.resizeBilinear(tf.mul(x(), w) as Tensor4D, [7, 5])],
  resizeNearestNeighbor: [[1, 1, 1, 2], (w) => tf.image.resizeNearestNeighbor(tf.mul(x(), w) as Tensor4D, [7, 5])]
}

for (const [backend, layer] of backends) {
  describe(`TensorFlow.js's own functions on ${backend}, where nothing was installed`, () => {
    for (const [name, [shape, f]] of Object.entries(functions)) {
      it.effect(`${name} has a gradient`, () =>
        Effect.provide(
          leavesNoTensor(Backend.tensors(name, () => {
            const sum = (w: Tensor) => [tf.sum(f(w)), 0] as const
            const { grads, value } = Autodiff.valueAndGrad(sum)(tf.ones(shape))
            // Each is linear in its filter, so that the gradient of a sum by a filter of ones sums up to it.
            const expected = value.dataSync()[0]!, found = tf.sum(grads).dataSync()[0]!
            assert.isAbove(expected, 1)
            assert.approximately(found / expected, 1, 1e-5)
          })),
          layer
        ))
    }

    it.effect("and there is all that a set of Ops brings", () =>
      Effect.provide(
        Backend.tensors("sets", () => {
          const sets = Object.entries(Ops).filter((entry): entry is [string, Ops.KernelSet] => "gradients" in entry[1])
          assert.isAbove(sets.length, 10)
          for (const [name, set] of sets) assert.include(atStart, set, name)
          for (const { kernelName } of atStart.flatMap(({ gradients }) => gradients)) {
            assert.isDefined(tf.getGradient(kernelName), kernelName)
          }
        }),
        layer
      ))
  })
}

describe("the list of operations without a gradient", () => {
  it("is in the documents as it is", () => {
    const page = readFileSync(new URL("../../../docs/explanation/gradients.md", import.meta.url), "utf8")
    const listed = /^```text\n([\s\S]*?)^```/m.exec(page)![1]!.trim().split(/\s+/)
    // TensorFlow.js exports the names of its kernels.
    const kernels = new Set(
      (Object.values(tf) as ReadonlyArray<unknown>).filter((value) =>
        typeof value === "string" && /^_?[A-Z]/.test(value)
      )
    )
    assert.isAbove(kernels.size, 150)
    const installed = new Set<unknown>(
      atStart.flatMap(({ gradients }) => gradients.map(({ kernelName }) => kernelName))
    )
    assert.deepStrictEqual(listed, [...kernels].filter((name) => !installed.has(name)).sort())
  })
})
