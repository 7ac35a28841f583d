import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend } from "effect-neuron"
import { useCompanion } from "../../../src/backend/companion/companion.ts"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

type Shape4D = [number, number, number, number]
type Params = { readonly x: Tensor; readonly filter: Tensor }

interface Depthwise {
  readonly input: Shape4D
  readonly filter: Shape4D
  readonly strides?: number
  readonly pad?: "same" | "valid"
  readonly dilations?: number
}

const cases: ReadonlyArray<Depthwise> = [
  { input: [2, 6, 5, 8], filter: [3, 3, 8, 1] },
  { input: [2, 5, 6, 3], filter: [3, 3, 3, 1], pad: "valid" },
  { input: [1, 7, 7, 2], filter: [3, 3, 2, 3], strides: 2 },
  { input: [3, 6, 4, 5], filter: [2, 4, 5, 1], pad: "valid" },
  { input: [1, 8, 7, 2], filter: [3, 2, 2, 2], dilations: 2 },
  { input: [1, 1, 1, 1], filter: [1, 1, 1, 1] }
]

const convolve = ({ dilations = 1, pad = "same", strides = 1 }: Depthwise) => ({ filter, x }: Params): Tensor =>
  tf.depthwiseConv2d(x as Tensor4D, filter as Tensor4D, strides, pad, "NHWC", dilations)

/** The convolution and its gradients. */
const all = (c: Depthwise, i: number): ReadonlyArray<Tensor> => [
  convolve(c)({ x: randomTensor(i, c.input), filter: randomTensor(i + 50, c.filter) }),
  ...gradients(c, i)
]

const gradients = (c: Depthwise, i: number): ReadonlyArray<Tensor> => {
  const loss = (p: Params) => {
    const y = convolve(c)(p)
    return [tf.sum(tf.mul(y, randomTensor(i + 99, y.shape))), 0] as const
  }
  const { grads } = Autodiff.valueAndGrad(loss)({ x: randomTensor(i, c.input), filter: randomTensor(i + 50, c.filter) })
  return [grads.x, grads.filter]
}

for (const [name, layer] of backends) {
  describe(`depthwise convolution on ${name}`, () => {
    it.effect("gradients match finite differences, to second order too", () =>
      Effect.provide(
        Backend.tensors("check", () => {
          for (const [i, c] of cases.entries()) {
            const f = convolve(c)
            const params = { x: randomTensor(i, c.input), filter: randomTensor(i + 50, c.filter, 0.5) }
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
        }),
        layer
      ))
  })
}

describe("depthwise convolution on wasm", () => {
  it.effect("is that of the cpu backend, and so are its gradients, with the companion and without", () =>
    Effect.gen(function*() {
      const more: ReadonlyArray<Depthwise> = [
        { input: [1, 13, 9, 36], filter: [5, 5, 36, 1] },
        { input: [2, 9, 13, 7], filter: [5, 3, 7, 2], strides: 2, pad: "valid" },
        { input: [1, 9, 9, 6], filter: [3, 3, 6, 1], strides: 3 },
        { input: [1, 5, 12, 1], filter: [3, 3, 1, 9], dilations: 2 },
        { input: [1, 2, 2, 5], filter: [5, 5, 5, 1] }
      ]
      const run = Backend.tensors("all", () => [...cases, ...more].map((c, i) => all(c, i).map(Backend.toHost)))
      const expected = yield* Effect.provide(run, Backend.layerCpu)
      const found = yield* Effect.provide(run, Backend.layerWasm)
      useCompanion(false)
      const without = yield* Effect.ensuring(
        Effect.provide(run, Backend.layerWasm),
        Effect.sync(() => useCompanion(true))
      )
      for (const [i, pair] of expected.entries()) {
        for (const [j, { data, shape }] of pair.entries()) {
          for (const other of [found, without]) {
            const { data: values, shape: valuesShape } = other[i]![j]!
            assertClose(tf.tensor(values, [...valuesShape]), { shape, data: [...data] }, 2e-5, `case ${i}, ${j}`)
          }
        }
      }
    }))

  it.effect("carries NaN and infinity where they belong", () =>
    Effect.gen(function*() {
      const run = Backend.tensors("not finite", () =>
        cases.slice(0, 5).flatMap((c) =>
          [NaN, -Infinity].map((value) => {
            const values = randomTensor(1, c.input).dataSync().slice()
            values[17] = value
            const y = convolve(c)({ x: tf.tensor(values, c.input), filter: tf.abs(randomTensor(2, c.filter)) })
            return Array.from(y.dataSync(), (v) => Number.isFinite(v) ? 0 : v)
          })
        ))
      assert.deepStrictEqual(
        yield* Effect.provide(run, Backend.layerWasm),
        yield* Effect.provide(run, Backend.layerCpu)
      )
    }))

  it.effect("of nothing have gradients of zero, and leave no tensor behind", () =>
    Effect.provide(
      Effect.andThen(
        Backend.tensors("warm up", () => 0),
        Backend.tensors("empty", () => {
          const x = tf.zeros([0, 4, 4, 2]), filter = tf.ones([3, 3, 2, 1])
          const attrs = { strides: [1, 1], dilations: [1, 1], pad: "same", filterShape: [3, 3, 2, 1] }
          const dFilter: Tensor = tf.engine().runKernel(
            "DepthwiseConv2dNativeBackpropFilter",
            { x, dy: x },
            attrs as never
          )
          assert.deepStrictEqual(dFilter.dataSync(), new Float32Array(18))
          tf.dispose([x, filter, dFilter, ...gradients(cases[0]!, 0)])
        }).pipe(leavesNoTensor)
      ),
      Backend.layerWasm
    ))
})
