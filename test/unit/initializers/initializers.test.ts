import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend, Initializers, Key } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { assertClose } from "../../support/numbers.ts"

const key = Key.make(21)
const run = (program: () => void) =>
  Effect.provide(leavesNoTensor(Backend.tensors("initializers", program)), Backend.layerWasm)

const values = (initializer: Initializers.Initializer, shape: ReadonlyArray<number>, k = key) =>
  Array.from(initializer(k, shape).dataSync())

const moments = (xs: ReadonlyArray<number>) => {
  const mean = xs.reduce((a, b) => a + b) / xs.length
  return { mean, variance: xs.reduce((a, b) => a + (b - mean) ** 2, 0) / xs.length }
}

const { constant, fans, normal, ones, orthogonal, truncatedNormal, uniform, zeros } = Initializers

const random: ReadonlyArray<
  readonly [name: string, Initializers.Initializer, mean: number, variance: (fanIn: number, fanOut: number) => number]
> = [
  ["normal", normal(), 0, () => 0.05 ** 2],
  ["normal of options", normal({ mean: 3, stddev: 0.5 }), 3, () => 0.25],
  ["uniform", uniform(), 0, () => 0.1 ** 2 / 12],
  ["uniform of options", uniform({ low: 1, high: 3 }), 2, () => 4 / 12],
  // Cut at two deviations, the variance is 1 - 4 φ(2) / (2 Φ(2) - 1) of what it was.
  ["truncatedNormal", truncatedNormal(), 0, () => 0.05 ** 2 * 0.7737],
  ["truncatedNormal of options", truncatedNormal({ mean: -1, stddev: 2 }), -1, () => 4 * 0.7737],
  ["glorotUniform", Initializers.glorotUniform, 0, (fanIn, fanOut) => 2 / (fanIn + fanOut)],
  ["glorotNormal", Initializers.glorotNormal, 0, (fanIn, fanOut) => 2 / (fanIn + fanOut)],
  ["heUniform", Initializers.heUniform, 0, (fanIn) => 2 / fanIn],
  ["heNormal", Initializers.heNormal, 0, (fanIn) => 2 / fanIn],
  ["lecunUniform", Initializers.lecunUniform, 0, (fanIn) => 1 / fanIn],
  ["lecunNormal", Initializers.lecunNormal, 0, (fanIn) => 1 / fanIn]
]

describe("initializers", () => {
  it.effect("have the mean and variance of their definition", () =>
    run(() => {
      const shapes: ReadonlyArray<readonly [shape: ReadonlyArray<number>, fanIn: number, fanOut: number]> = [
        [[200, 150], 200, 150],
        [[3, 3, 40, 80], 360, 720]
      ]
      for (const [name, initializer, mean, variance] of random) {
        for (const [shape, fanIn, fanOut] of shapes) {
          const found = moments(values(initializer, shape)), expected = variance(fanIn, fanOut)
          const n = shape.reduce((a, b) => a * b, 1)
          assert.approximately(found.mean, mean, 5 * Math.sqrt(expected / n), `${name}: mean`)
          assert.approximately(found.variance / expected, 1, 5 * Math.sqrt(2 / n), `${name}: variance`)
        }
      }
    }))

  it.effect("stay inside their bounds", () =>
    run(() => {
      const within = (initializer: Initializers.Initializer, low: number, high: number) => {
        const xs = values(initializer, [200, 150])
        assert.isTrue(xs.every((x) => x >= Math.fround(low) && x <= Math.fround(high)))
        assert.isBelow(Math.min(...xs), low + 0.01 * (high - low))
        assert.isAbove(Math.max(...xs), high - 0.01 * (high - low))
      }
      within(uniform({ low: 1, high: 3 }), 1, 3)
      within(truncatedNormal({ mean: 1, stddev: 2 }), -3, 5)
      within(Initializers.glorotUniform, -Math.sqrt(6 / 350), Math.sqrt(6 / 350))
      within(Initializers.heUniform, -Math.sqrt(6 / 200), Math.sqrt(6 / 200))
      within(Initializers.lecunUniform, -Math.sqrt(3 / 200), Math.sqrt(3 / 200))
    }))

  it.effect("give the same values for the same key, and every prefix the same", () =>
    run(() => {
      for (const [name, initializer] of random) {
        assert.deepStrictEqual(values(initializer, [4, 5]), values(initializer, [4, 5], Key.make(21)), name)
        assert.notDeepEqual(values(initializer, [4, 5]), values(initializer, [4, 5], Key.make(22)), name)
      }
      for (const initializer of [normal(), uniform(), truncatedNormal()]) {
        assert.deepStrictEqual(values(initializer, [7]), values(initializer, [100]).slice(0, 7))
      }
    }))

  it.effect("can be constant", () =>
    run(() => {
      assert.deepStrictEqual(values(zeros, [2, 2]), [0, 0, 0, 0])
      assert.deepStrictEqual(values(ones, [2]), [1, 1])
      assert.deepStrictEqual(values(constant(0.25), [3]), [0.25, 0.25, 0.25])
      assert.deepStrictEqual(values(constant(2), []), [2])
    }))

  it.effect("are orthonormal in rows or columns, whichever are fewer", () =>
    run(() => {
      for (const shape of [[6, 4], [4, 6], [5, 5], [3, 3, 2, 4], [64, 64]]) {
        const kernel = orthogonal()(key, shape)
        assert.deepStrictEqual(kernel.shape, shape)
        const columns = shape.at(-1)!, matrix = tf.reshape(kernel, [-1, columns]), rows = matrix.shape[0]!
        const gram = rows < columns ? tf.matMul(matrix, matrix, false, true) : tf.matMul(matrix, matrix, true)
        assertClose(gram, tf.eye(Math.min(rows, columns)), 1e-6)
        assertClose(orthogonal({ gain: 3 })(key, shape), tf.mul(kernel, 3), 1e-6)
      }
      assert.deepStrictEqual(values(orthogonal(), [4, 3]), values(orthogonal(), [4, 3], Key.make(21)))
      assert.throws(
        () => orthogonal()(key, [4]),
        RangeError,
        "orthogonal: a shape of two or more dimensions, got [4]"
      )
    }))

  it("count what a unit sees and what an input reaches", () => {
    assert.deepStrictEqual(fans([4, 3]), { fanIn: 4, fanOut: 3 })
    assert.deepStrictEqual(fans([3, 5, 2, 7]), { fanIn: 30, fanOut: 105 })
    assert.deepStrictEqual(fans([6]), { fanIn: 6, fanOut: 6 })
    assert.deepStrictEqual(fans([]), { fanIn: 1, fanOut: 1 })
  })

  it("have the names of both traditions", () => {
    assert.strictEqual(Initializers.xavierUniform, Initializers.glorotUniform)
    assert.strictEqual(Initializers.xavierNormal, Initializers.glorotNormal)
  })
})
