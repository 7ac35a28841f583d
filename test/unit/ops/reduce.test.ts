import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend, Key, Random } from "effect-neuron"
import { useCompanion } from "../../../src/backend/companion/companion.ts"
import { agree } from "../../support/agree.ts"
import { leavesNoTensor } from "../../support/backend.ts"
import { randomTensor } from "../../support/numbers.ts"

const reductions: ReadonlyArray<(x: Tensor, axes?: Array<number>, keepDims?: boolean) => Tensor> = [
  tf.sum,
  tf.mean,
  tf.max,
  tf.min
]

const every = (x: Tensor, ...axes: ReadonlyArray<Array<number> | undefined>): Array<Tensor> =>
  axes.flatMap((a) => reductions.flatMap((reduce) => [reduce(x, a), reduce(x, a, true)]))

describe("Sum, Mean, Max and Min", () => {
  it.effect("over rows and columns of every size", () =>
    agree(
      "matrices",
      () =>
        [1, 2, 3, 15, 32, 33, 257, 1025].flatMap((rows) =>
          [1, 2, 3, 4, 7, 10, 16, 31, 33, 64, 100].flatMap((columns) =>
            every(randomTensor(rows + columns, [rows, columns]), [0], [1], [-1], undefined)
          )
        ),
      // The stock kernel adds everything up in float32.
      1e-4
    ))

  it.effect("over the leading, trailing, middle and other axes of more dimensions", () =>
    agree("tensors", () => [
      ...every(randomTensor(1, [3, 4, 5, 6]), [1, 2], [0], [3], [0, 1, 2], [2, 3], [0, 3], [1, 3], [0, 2], []),
      ...every(randomTensor(2, [2, 1, 7, 3]), [1, 2], [1], [0, 1, 2]),
      ...every(randomTensor(3, [1, 1]), [0], [0, 1], []),
      ...every(tf.scalar(3), undefined, []),
      tf.sum(tf.zeros([0, 3]), 0),
      tf.sum(tf.zeros([3, 0]), 1),
      tf.sum(tf.zeros([3, 0], "int32"), 1),
      ...[tf.sum, tf.max, tf.min].map((f) => f(tf.tensor2d([[1, -2], [3, 4]], [2, 2], "int32"), 0))
    ]))

  it.effect("keep NaN and infinity to their row or column", () =>
    Effect.provide(
      Backend.tensors("extremes", () => {
        for (const companion of [true, false]) {
          useCompanion(companion)
          for (const [rows, columns] of [[5, 3], [40, 20], [70, 33]] as const) {
            const values = new Float32Array(rows * columns).fill(1)
            values[columns + 1] = NaN
            values[2 * columns + 2] = -Infinity
            values[3 * columns] = Infinity
            const x = tf.tensor2d(values, [rows, columns])
            const first = (y: Tensor) => Array.from(y.dataSync().subarray(0, 3))
            assert.deepStrictEqual(first(tf.sum(x, 0)), [Infinity, NaN, -Infinity])
            assert.deepStrictEqual(first(tf.max(x, 0)), [Infinity, NaN, 1])
            assert.deepStrictEqual(first(tf.min(x, 0)), [1, NaN, -Infinity])
            assert.deepStrictEqual(first(tf.mean(x, 1)), [1, NaN, -Infinity])
            assert.deepStrictEqual(first(tf.max(x, 1)), [1, NaN, 1])
            assert.deepStrictEqual(first(tf.min(x, 1)), [1, NaN, -Infinity])
            assert.isNaN(tf.sum(x).dataSync()[0])
          }
          const least = tf.mul(tf.ones([9, 5]), -Infinity)
          assert.deepStrictEqual(tf.max(least, 0).dataSync(), new Float32Array(5).fill(-Infinity))
          assert.deepStrictEqual(tf.max(least, 1).dataSync(), new Float32Array(9).fill(-Infinity))
        }
      }).pipe(Effect.ensuring(Effect.sync(() => useCompanion(true)))),
      Backend.layerWasm
    ))

  it.effect("lose no bits over 50,000 rows", () =>
    Effect.provide(
      Backend.tensors("long", () => {
        for (const columns of [1, 3, 8, 64]) {
          const rows = Math.floor(400_000 / columns)
          const values = Random.normal(Key.make(columns), rows * columns, { mean: 100 })
          const exact = new Float64Array(columns)
          values.forEach((value, i) => exact[i % columns]! += value)
          const found = tf.sum(tf.tensor2d(values, [rows, columns]), 0).dataSync()
          found.forEach((sum, i) => assert.isBelow(Math.abs(sum / exact[i]! - 1), 2e-7))
          const total = exact.reduce((a, b) => a + b, 0)
          assert.isBelow(Math.abs(tf.sum(tf.tensor1d(values)).dataSync()[0]! / total - 1), 2e-7)
        }
      }),
      Backend.layerWasm
    ))
})

describe("Tile", () => {
  it.effect("repeats along leading, trailing, middle and several axes", () =>
    agree("tile", () => [
      ...[1, 2, 3, 4, 5, 10, 16, 17, 64, 65, 130].flatMap((n) =>
        [1, 2, 3, 7, 40].flatMap((times) => [
          tf.tile(randomTensor(n, [n]), [times]),
          tf.tile(randomTensor(n, [3, n]), [times, 1]),
          tf.tile(randomTensor(n, [n, 1]), [1, times]),
          tf.tile(randomTensor(n, [2, 1, 1, n]), [1, times, 2, 1]),
          tf.tile(randomTensor(n, [2, n, 3]), [1, times, 1]),
          tf.tile(randomTensor(n, [1, n, 1]), [2, 1, times])
        ])
      ),
      tf.tile(tf.tensor2d([[1, 2]], [1, 2], "int32"), [2, 2]),
      tf.tile(tf.zeros([0, 2]), [3, 1]),
      tf.tile(randomTensor(1, [1, 1]), [5, 3])
    ]))

  it.effect("leaves no tensor behind, nor do the reductions", () =>
    Effect.provide(
      Effect.andThen(
        Backend.tensors("warm up", () => 0),
        Backend.tensors("all", () => {
          const x = randomTensor(1, [512, 3])
          tf.dispose([...every(x, [0], [1], undefined), tf.tile(x, [2, 2]), tf.tile(x, [2, 1]), x])
        }).pipe(leavesNoTensor)
      ),
      Backend.layerWasm
    ))
})
