import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend, Key, Layers } from "effect-neuron"
import { dense, rectify } from "../../../src/ops/dense.ts"
import { agree } from "../../support/agree.ts"
import { leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

type Params = { readonly x: Tensor; readonly kernel: Tensor; readonly bias: Tensor }

const sizes = [[0, 3, 2], [1, 1, 1], [1, 5, 3], [2, 8, 8], [13, 3, 10], [64, 17, 4], [7, 300, 9], [
  100,
  2,
  1030
]] as const
const slopes = [undefined, 0, 0.2, 1.5] as const

const params = ([rows, inputs, outputs]: typeof sizes[number]): Params => ({
  x: randomTensor(1, [rows, inputs]),
  kernel: randomTensor(2, [inputs, outputs], 1 / Math.sqrt(inputs)),
  bias: randomTensor(3, [outputs])
})

const composed = ({ bias, kernel, x }: Params, slope: number | undefined): Tensor =>
  rectify(tf.add(tf.matMul(x as Tensor2D, kernel as Tensor2D), bias), slope)
const fused = ({ bias, kernel, x }: Params, slope: number | undefined): Tensor => dense(x, kernel, bias, slope)

/** The gradients of a loss, and those of the norm of these gradients. */
const gradients = (p: Params, slope: number | undefined, run: typeof fused): ReadonlyArray<Tensor> => {
  const loss = (x: Tensor, kernel: Tensor, bias: Tensor): tf.Scalar =>
    tf.mean(tf.pow(run({ x, kernel, bias }, slope), 3))
  const first = tf.grads(loss as never)
  const second = tf.grads(
    ((...given: Array<Tensor>) => tf.addN(first(given).map((g) => tf.sum(tf.square(g))))) as never
  )
  const given = [p.x, p.kernel, p.bias]
  return [...first(given), ...second(given)]
}

const onWasm = (title: string, body: () => void) =>
  it.effect(title, () => Effect.provide(leavesNoTensor(Backend.tensors(title, body)), Backend.layerWasm))

describe("dense layers that rectify on the way", () => {
  it.effect("agree with the cpu backend, with the companion and without", () =>
    agree("dense", () => sizes.flatMap((size) => slopes.map((slope) => fused(params(size), slope))), 2e-5))

  onWasm("have the gradients of what they stand for, to second order", () => {
    for (const size of sizes.slice(1, 7)) {
      for (const slope of slopes) {
        const p = params(size), expected = gradients(p, slope, composed)
        gradients(p, slope, fused).forEach((found, i) => {
          const scale = tf.maximum(tf.max(tf.abs(expected[i]!)), 1)
          assertClose(tf.div(found, scale), tf.div(expected[i]!, scale), 1e-5, `${i} of ${size}, slope ${slope}`)
        })
      }
    }
  })

  onWasm("have the gradients of finite differences, through a sequence", () => {
    const model = Layers.serial(Layers.dense(7), Layers.leakyRelu(0.3), Layers.dense(5), Layers.relu, Layers.dense(2))
    const { params, state } = Effect.runSync(Effect.fromResult(model.init(Key.make(3), [4])))
    const x = randomTensor(5, [6, 4])
    checkGradients(
      (p: typeof params) => tf.sum(tf.square(model.apply(p, state, x, { training: true, key: Key.make(0) })[0])),
      params
    )
  })

  onWasm("carry NaN and infinity where they belong", () => {
    for (const slope of slopes) {
      for (const value of [NaN, Infinity, -Infinity]) {
        const { bias, kernel, x } = params([13, 3, 10])
        const spoiled = tf.tensor2d(x.dataSync().map((v, i) => i === 7 ? value : v), [13, 3])
        for (
          const p of [{ x: spoiled, kernel, bias }, {
            x,
            kernel,
            bias: tf.tensor1d(bias.dataSync().map(() => value))
          }]
        ) {
          const kinds = (t: Tensor) => Array.from(t.dataSync(), (v) => Number.isFinite(v) ? 0 : v)
          const sum = tf.add(tf.matMul(p.x as Tensor2D, p.kernel as Tensor2D), p.bias).dataSync()
          const expected = Array.from(sum, (v) => slope === undefined || !(v < 0) ? v : slope === 0 ? 0 : slope * v)
          assert.deepStrictEqual(kinds(fused(p, slope)), expected.map((v) => Number.isFinite(v) ? 0 : v))
        }
      }
    }
  })

  onWasm("are what a sequence of a layer and a rectifier runs, with the parameters and states of both", () => {
    const calls: Array<string> = []
    const watched = {
      ...Layers.dense(3),
      apply: (...args: Parameters<Layers.Any["apply"]>) => {
        calls.push("dense")
        return Layers.dense(3).apply(...args)
      }
    }
    for (
      const [rectifier, slope] of [[Layers.relu, 0], [Layers.leakyRelu(0.1), 0.1], [Layers.leakyRelu(-1), -1]] as const
    ) {
      for (const first of [Layers.dense(3), Layers.dense(3, { bias: false }), watched] as ReadonlyArray<Layers.Any>) {
        const model = Layers.named({ first, rectifier, last: Layers.relu })
        const { params, state } = Effect.runSync(Effect.fromResult(model.init(Key.make(1), [2, 4])))
        const x = randomTensor(2, [5, 2, 4]), mode = { training: true, key: Key.make(0) }
        const [y, next] = model.apply(params, state, x, mode)
        const [before] = first.apply(params.first, {}, x, mode)
        assertClose(y, tf.relu(slope < 0 ? tf.leakyRelu(before, slope) : rectify(before, slope)))
        assert.deepStrictEqual(next, { first: {}, rectifier: {}, last: {} })
      }
    }
    // A copy of a layer with an `apply` of its own is run as it says.
    assert.lengthOf(calls, 6)
  })
})
