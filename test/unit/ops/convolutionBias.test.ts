import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend } from "effect-neuron"
import { useCompanion } from "../../../src/backend/companion/companion.ts"
import { conv2d } from "../../../src/ops/convolution.ts"
import { rectify } from "../../../src/ops/dense.ts"
import { leavesNoTensor } from "../../support/backend.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

type Pair = [number, number]

interface Convolution {
  readonly x: [number, number, number, number]
  readonly filter: [number, number, number, number]
  readonly strides: Pair
  readonly pad: "same" | "valid"
  readonly dilations: Pair
  readonly slope?: number
}

// By whole tiles and by parts, in steps of 2, over few channels, by XNNPACK, by patches, dilated, of one pixel, of
// nothing.
const cases: ReadonlyArray<Convolution> = [
  { x: [2, 9, 7, 5], filter: [3, 3, 5, 6], strides: [1, 1], pad: "same", dilations: [1, 1] },
  { x: [2, 5, 5, 8], filter: [3, 3, 8, 16], strides: [1, 1], pad: "same", dilations: [1, 1] },
  { x: [2, 11, 12, 8], filter: [4, 4, 8, 12], strides: [2, 2], pad: "same", dilations: [1, 1] },
  { x: [2, 8, 9, 1], filter: [3, 3, 1, 16], strides: [1, 1], pad: "same", dilations: [1, 1] },
  { x: [2, 8, 8, 3], filter: [4, 4, 3, 8], strides: [2, 2], pad: "same", dilations: [1, 1] },
  { x: [2, 8, 8, 12], filter: [1, 1, 12, 6], strides: [1, 1], pad: "same", dilations: [1, 1] },
  { x: [2, 8, 8, 1], filter: [3, 3, 1, 12], strides: [1, 1], pad: "same", dilations: [1, 1] },
  { x: [2, 9, 9, 16], filter: [3, 3, 16, 5], strides: [2, 2], pad: "valid", dilations: [1, 1] },
  { x: [1, 9, 9, 3], filter: [3, 3, 3, 4], strides: [1, 1], pad: "same", dilations: [2, 2] },
  { x: [1, 1, 1, 4], filter: [3, 3, 4, 4], strides: [1, 1], pad: "same", dilations: [1, 1] },
  { x: [1, 3, 3, 2], filter: [2, 2, 2, 3], strides: [3, 3], pad: "same", dilations: [1, 1] },
  { x: [0, 9, 9, 4], filter: [3, 3, 4, 4], strides: [1, 1], pad: "same", dilations: [1, 1] },
  { x: [2, 9, 7, 5], filter: [3, 3, 5, 6], strides: [1, 1], pad: "same", dilations: [1, 1], slope: 0 },
  { x: [2, 8, 8, 1], filter: [3, 3, 1, 12], strides: [1, 1], pad: "same", dilations: [1, 1], slope: 0.2 },
  { x: [1, 9, 9, 3], filter: [3, 3, 3, 4], strides: [1, 1], pad: "same", dilations: [2, 2], slope: 0 },
  { x: [0, 9, 9, 4], filter: [3, 3, 4, 4], strides: [1, 1], pad: "same", dilations: [1, 1], slope: 0 }
]

type Params = { readonly x: Tensor; readonly filter: Tensor; readonly bias: Tensor }

const params = ({ filter, x }: Convolution): Params => ({
  x: randomTensor(1, x),
  filter: randomTensor(2, filter),
  bias: randomTensor(3, [filter[3]])
})

const fused = (c: Convolution, { bias, filter, x }: Params): Tensor =>
  conv2d(x, filter, { bias, strides: c.strides, padding: c.pad, dilations: c.dilations, slope: c.slope })

const composed = (c: Convolution, { bias, filter, x }: Params): Tensor =>
  rectify(tf.add(tf.conv2d(x as Tensor4D, filter as Tensor4D, c.strides, c.pad, "NHWC", c.dilations), bias), c.slope)

/** The output, its gradients, and the gradients of the norm of its gradients. */
const all = (c: Convolution, convolve: typeof fused): ReadonlyArray<Tensor> => {
  const p = params(c), names = ["x", "filter", "bias"] as const
  const loss = (x: Tensor, filter: Tensor, bias: Tensor): tf.Scalar =>
    tf.sum(tf.pow(convolve(c, { x, filter, bias }), 3))
  const first = tf.grads(loss as never)
  const second = tf.grads(
    ((...given: ReadonlyArray<Tensor>) =>
      tf.addN(first(given as Array<Tensor>).map((g) => tf.sum(tf.square(g))))) as never
  )
  const given = names.map((name) => p[name])
  return [convolve(c, p), ...first(given), ...c.x[0] === 0 ? [] : second(given)]
}

const scaled = (t: Tensor): Tensor => t.size === 0 ? t : tf.div(t, tf.maximum(tf.max(tf.abs(t)), 1))

const onWasm = (what: string, check: () => void) => Effect.provide(Backend.tensors(what, check), Backend.layerWasm)

describe("convolutions with a bias on wasm", () => {
  it.effect("agree at every order with a convolution and a sum, with the companion and without", () =>
    onWasm("agree", () => {
      for (const c of cases) {
        const expected = all(c, composed)
        const compare = (found: ReadonlyArray<Tensor>) =>
          found.forEach((t, i) => assertClose(scaled(t), scaled(expected[i]!), 1e-5, `${i} of ${JSON.stringify(c)}`))
        compare(all(c, fused))
        // The stock convolution, which serves then, can be wrong where strides exceed the kernel.
        if (c.strides[0] > c.filter[0]) continue
        useCompanion(false)
        try {
          compare(all(c, fused))
        } finally {
          useCompanion(true)
        }
      }
    }))

  it.effect("agree with the cpu backend", () =>
    Effect.gen(function*() {
      const compute = () => cases.map((c) => tf.tidy(() => fused(c, params(c)))).map(Backend.toHost)
      const expected = yield* Effect.provide(Backend.tensors("expected", compute), Backend.layerCpu)
      yield* onWasm("found", () =>
        cases.forEach((c, i) => {
          const { data, shape } = expected[i]!
          assertClose(fused(c, params(c)), { shape, data: [...data] }, 2e-5, JSON.stringify(c))
        }))
    }))

  it.effect("are rectified on the way", () =>
    onWasm("rectified", () => {
      for (const c of cases) {
        const { bias, filter, x } = params(c)
        const attrs = { strides: c.strides, pad: c.pad, dataFormat: "NHWC", dilations: c.dilations, slope: 0 }
        const y: Tensor = tf.engine().runKernel("RectifiedConv2D", { x, filter, bias }, attrs as never)
        assertClose(y, tf.relu(composed(c, { x, filter, bias })), 2e-5, JSON.stringify(c))
      }
    }))

  it.effect("carry NaN and infinity where they belong", () =>
    onWasm("not finite", () => {
      for (const c of cases.slice(0, 8)) {
        for (const value of [NaN, Infinity]) {
          const { bias, filter, x } = params(c)
          const spoil = (t: Tensor, at: number) => {
            const values = t.dataSync().slice()
            values[at] = value
            return tf.tensor(values, t.shape)
          }
          for (const p of [{ x: spoil(x, 7), filter, bias }, { x, filter, bias: spoil(bias, 1) }]) {
            const kinds = (t: Tensor) => Array.from(t.dataSync(), (v) => Number.isFinite(v) ? 0 : v)
            assert.deepStrictEqual(kinds(fused(c, p)), kinds(composed(c, p)))
          }
        }
      }
    }))

  it.effect("leave no tensor behind", () =>
    Effect.provide(
      Effect.andThen(
        Backend.tensors("warm up", () => 0),
        Backend.tensors("all", () => {
          for (const c of cases) {
            tf.tidy(() => {
              const p = params(c)
              fused(c, p)
              fused(c, { ...p, bias: tf.fill(p.bias.shape, NaN) })
            })
          }
        }).pipe(leavesNoTensor)
      ),
      Backend.layerWasm
    ))
})
