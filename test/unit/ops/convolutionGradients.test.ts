import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend } from "effect-neuron"
import { backends } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

type Params = { readonly x: Tensor; readonly filter: Tensor }
interface Convolution {
  readonly input: readonly [number, number, number, number]
  readonly filter: readonly [number, number, number, number]
  readonly strides?: number | [number, number]
  readonly pad?: "same" | "valid" | number
  readonly dilation?: number
}

const convolutions: ReadonlyArray<Convolution> = [
  { input: [2, 7, 6, 3], filter: [3, 3, 3, 4] },
  { input: [2, 7, 6, 1], filter: [3, 3, 1, 4], pad: "valid" },
  { input: [2, 7, 6, 2], filter: [4, 2, 2, 3], pad: "same" },
  { input: [2, 8, 9, 2], filter: [3, 3, 2, 3], strides: 2, pad: "same" },
  { input: [2, 8, 9, 2], filter: [4, 4, 2, 3], strides: 2, pad: "valid" },
  { input: [1, 9, 8, 2], filter: [2, 2, 2, 3], strides: 3, pad: "valid" },
  { input: [2, 9, 8, 2], filter: [3, 2, 2, 3], strides: [2, 1], pad: "same" },
  { input: [2, 9, 8, 2], filter: [3, 3, 2, 3], dilation: 2, pad: "same" },
  { input: [2, 9, 8, 2], filter: [3, 2, 2, 3], dilation: 3, pad: "valid" },
  { input: [2, 5, 5, 4], filter: [1, 1, 4, 6] },
  { input: [2, 5, 5, 2], filter: [1, 1, 2, 3], strides: 2 },
  { input: [2, 6, 6, 2], filter: [3, 3, 2, 3], pad: 1 },
  { input: [1, 1, 1, 1], filter: [1, 1, 1, 1] }
]

const convolve = ({ dilation = 1, pad = "same", strides = 1 }: Convolution) => ({ filter, x }: Params): Tensor =>
  tf.conv2d(x as Tensor4D, filter as Tensor4D, strides, pad, "NHWC", dilation)

const pools = [
  { input: [2, 6, 6, 3], size: 2, strides: 2, pad: "valid" },
  { input: [2, 7, 5, 2], size: 3, strides: 2, pad: "same" },
  { input: [1, 7, 7, 2], size: 3, strides: 1, pad: "valid" },
  { input: [1, 5, 5, 1], size: 2, strides: 3, pad: "same" }
] as const

for (const [name, layer] of backends) {
  describe(`convolution and pooling on ${name}`, () => {
    const check = (run: () => void) => Effect.provide(Backend.tensors("check", run), layer)

    it.effect("gradients match finite differences, to second order too", () =>
      check(() => {
        for (const [i, geometry] of convolutions.entries()) {
          const f = convolve(geometry)
          const params = { x: randomTensor(i, geometry.input), filter: randomTensor(i + 50, geometry.filter, 0.5) }
          checkGradients((p) => tf.mean(tf.square(f(p))), params)
          checkGradients(
            (p) => {
              const inner = (q: Params) => [tf.mean(tf.square(f(q))), 0] as const
              const { grads } = Autodiff.valueAndGrad(inner)(p)
              return tf.add(tf.sum(tf.square(grads.x)), tf.sum(tf.square(grads.filter)))
            },
            params,
            { tolerance: 2e-2 }
          )
        }
      }))

    it.effect("gradients of pooling match finite differences", () =>
      check(() => {
        for (const [i, { input, pad, size, strides }] of pools.entries()) {
          const params = { x: randomTensor(i, input) }
          const max = (p: { x: Tensor }) => tf.maxPool(p.x as Tensor4D, size, strides, pad)
          const average = (p: { x: Tensor }) => tf.avgPool(p.x as Tensor4D, size, strides, pad)
          checkGradients((p) => tf.sum(tf.square(max(p))), params)
          checkGradients((p) => tf.sum(tf.square(average(p))), params)
          checkGradients(
            (p) => {
              const inner = (q: { x: Tensor }) => [tf.sum(tf.square(average(q))), 0] as const
              return tf.sum(tf.square(Autodiff.valueAndGrad(inner)(p).grads.x))
            },
            params,
            { tolerance: 2e-2 }
          )
        }
      }))

    it.effect("the gradient of a maximum goes to the first of equal elements", () =>
      check(() => {
        const sum = (x: Tensor) => [tf.sum(tf.maxPool(x as Tensor4D, 2, 2, "valid")), 0] as const
        const { grads } = Autodiff.valueAndGrad(sum)(tf.ones([1, 2, 2, 1]))
        assert.deepStrictEqual([...grads.dataSync()], [1, 0, 0, 0])
      }))
  })
}

describe("convolution on wasm", () => {
  it.effect("gives the gradients that the cpu backend gives", () =>
    Effect.gen(function*() {
      const gradients = Backend.tensors("gradients", () =>
        convolutions.map((geometry, i) => {
          const params = { x: randomTensor(i, geometry.input), filter: randomTensor(i + 50, geometry.filter) }
          const loss = (p: Params) => {
            const y = convolve(geometry)(p)
            return [tf.sum(tf.mul(y, randomTensor(i + 99, y.shape))), 0] as const
          }
          const { grads } = Autodiff.valueAndGrad(loss)(params)
          return [grads.x, grads.filter].map((g) => ({ shape: g.shape, data: [...g.dataSync()] }))
        }))
      const onCpu = yield* Effect.provide(gradients, Backend.layerCpu)
      const onWasm = yield* Effect.provide(gradients, Backend.layerWasm)
      onWasm.flat().forEach((found, i) => {
        assertClose(tf.tensor(found.data, found.shape), onCpu.flat()[i]!, 2e-5, `gradient ${i}`)
      })
    }))
})
