import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend, Ops } from "effect-neuron"
import { agree } from "../../support/agree.ts"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

const data = (x: tf.Tensor) => [...x.dataSync()]

/** By complex numbers: the pair of the i-th value of each half as one, times exp(i t / base^(2i / size)). */
const expected = (x: tf.Tensor, position: number, base: number, turned: number): Array<number> => {
  const [batch, time, heads, size] = x.shape as [number, number, number, number], half = size / 2
  const values = data(x), out = [...values]
  for (let row = 0; row < batch * time * heads; row++) {
    const head = row % heads, t = position + Math.floor(row / heads) % time
    if (head >= turned) continue
    for (let i = 0; i < half; i++) {
      const at = row * size + i, angle = t / base ** (2 * i / size)
      const [re, im] = [values[at]!, values[at + half]!]
      out[at] = re * Math.cos(angle) - im * Math.sin(angle)
      out[at + half] = re * Math.sin(angle) + im * Math.cos(angle)
    }
  }
  return out
}

const cases = [
  { shape: [2, 5, 3, 8] },
  { shape: [1, 3, 1, 2], position: 1000 },
  { shape: [2, 4, 3, 6], heads: 2, base: 500 },
  { shape: [2, 3, 2, 20], heads: 0 },
  { shape: [3, 1, 2, 18], position: 7, heads: 1 },
  { shape: [1, 2, 1, 4], position: 2 ** 16 - 1 }
]

for (const [backend, backendLayer] of backends) {
  describe(`rotary on ${backend}`, () => {
    const run = (check: () => void) => Effect.provide(leavesNoTensor(Backend.tensors("rotary", check)), backendLayer)

    it.effect("turns pairs of the halves of heads as complex numbers", () =>
      run(() => {
        for (const { shape, ...options } of cases) {
          const x = randomTensor(1, shape), { base = 1e4, heads = shape[2]!, position = 0 } = options
          assertClose(Ops.rotary(x, options), { shape, data: expected(x, position, base, heads) }, 1e-6)
        }
      }))

    it.effect("has the gradient of its gradient", () =>
      run(() => {
        const options = { position: 3, heads: 1 }
        const weighed = (x: tf.Tensor) => tf.sum(tf.mul(tf.sin(Ops.rotary(x, options)), randomTensor(2, [2, 3, 2, 6])))
        const slopes = (x: tf.Tensor) =>
          tf.sum(tf.square(Autodiff.valueAndGrad((x: tf.Tensor) => [weighed(x), 0])(x).grads))
        checkGradients(weighed, randomTensor(1, [2, 3, 2, 6]))
        checkGradients(slopes, randomTensor(1, [2, 3, 2, 6]), { tolerance: 1e-2 })
      }))
  })
}

const onWasm = (check: () => void) =>
  Effect.provide(leavesNoTensor(Backend.tensors("rotary", check)), Backend.layerWasm)

describe("rotary", () => {
  it.effect("is the same on every backend", () =>
    agree("rotary", () => cases.map(({ shape, ...options }) => Ops.rotary(randomTensor(1, shape), options))))

  it.effect("gives a step the same bits wherever its piece begins", () =>
    onWasm(() => {
      const x = randomTensor(1, [2, 70, 2, 10]), whole = data(Ops.rotary(x))
      const pieces = Array.from({ length: 70 }, (_, t) => Ops.rotary(tf.slice(x, [0, t], [2, 1]), { position: t }))
      assert.deepStrictEqual(data(tf.concat(pieces, 1)), whole)
    }))

  it.effect("makes products of queries and keys depend on their distance", () =>
    onWasm(() => {
      const q = randomTensor(1, [1, 1, 1, 8]), k = randomTensor(2, [1, 1, 1, 8])
      const product = (m: number, n: number) =>
        tf.sum(tf.mul(Ops.rotary(q, { position: m }), Ops.rotary(k, { position: n }))).dataSync()[0]!
      assert.approximately(product(9, 4), product(205, 200), 1e-5)
      assert.isAbove(Math.abs(product(9, 4) - product(9, 5)), 1e-2)
    }))

  it.effect("takes whole numbers, and no step at all", () =>
    onWasm(() => {
      const ints = tf.ones([1, 2, 1, 2], "int32")
      assertClose(Ops.rotary(ints), Ops.rotary(tf.cast(ints, "float32")), 0)
      assert.deepStrictEqual(Ops.rotary(tf.zeros([2, 0, 1, 4])).shape, [2, 0, 1, 4])
    }))

  it.effect("refuses other shapes and options", () =>
    onWasm(() => {
      const x = tf.zeros([1, 2, 3, 4])
      assert.throws(
        () => Ops.rotary(tf.zeros([2, 3, 4])),
        "rotary expects x [batch, time, heads, an even size], got [2, 3, 4]"
      )
      assert.throws(() => Ops.rotary(tf.zeros([1, 2, 3, 5])), "an even size], got [1, 2, 3, 5]")
      assert.throws(() => Ops.rotary(x, { heads: 4 }), RangeError, "rotary: heads are at most those of x, 3, got 4")
      assert.throws(
        () => Ops.rotary(x, { position: -1 }),
        RangeError,
        "rotary: position is an integer of at least 0, got -1"
      )
      assert.throws(() => Ops.rotary(x, { base: 0 }), RangeError, "rotary: base is a finite number above 0, got 0")
    }))
})
