import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend, Ops } from "effect-neuron"
import { vi } from "vitest"
import { setOf } from "../../../src/autodiff/differentiate.ts"

// As bundlers for pages do, by `browser` in package.json.
vi.mock("../../../src/ops/atStart.ts", () => import("../../../src/ops/atStartInPages.ts"))

const cases: ReadonlyArray<readonly [kernel: string, cure: string, f: (x: tf.Tensor4D) => Tensor]> = [
  ["Conv2D", "call Ops.install(Ops.convolution) before", (x) => tf.conv2d(x, x, 1, "same")],
  [
    "ResizeBilinear",
    "call Ops.install(Ops.resizing) before",
    (x) => tf.image.resizeBilinear(x, [2, 2])
  ],
  ["MaxPool", "call Ops.install(Ops.pooling) before", (x) => tf.maxPool(x, 1, 1, "valid")],
  ["LRN", "call Ops.install(Ops.localResponse) before", (x) => tf.localResponseNormalization(x)],
  ["Diag", "there is none here", (x) => tf.diag(tf.reshape(x, [1]))]
]

describe("a gradient that is not installed in a page", () => {
  it.effect("is an error that says what to call", () =>
    Effect.provide(
      Backend.tensors("missing", () => {
        for (const [kernel, cure, f] of cases) {
          const gradient = () =>
            Autodiff.valueAndGrad((x: tf.Tensor4D) => [tf.sum(f(x)), 0] as const)(tf.ones([1, 1, 1, 1]))
          assert.throws(gradient, `the gradient of ${kernel} is not installed: ${cure}`)
        }
      }),
      Backend.layerCpu
    ))

  it("is looked for in every set that there is", () => {
    const sets = Object.entries(Ops).filter((entry): entry is [string, Ops.KernelSet] => "gradients" in entry[1])
    assert.isAbove(sets.length, 10)
    for (const [name, { gradients }] of sets) {
      assert.include(gradients.map(({ kernelName }) => setOf(kernelName)), name)
    }
  })
})
