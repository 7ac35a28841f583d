import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend, Ops } from "effect-neuron"
import { useCompanion } from "../../../src/backend/companion/companion.ts"
import { agree } from "../../support/agree.ts"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { randomTensor } from "../../support/numbers.ts"

const pools = [tf.maxPool, tf.avgPool]

type Case = readonly [
  shape: ReadonlyArray<number>,
  window: number | [number, number],
  strides: number | [number, number],
  pad: "same" | "valid" | number
]

const cases: ReadonlyArray<Case> = [
  ...[1, 2, 3, 4, 5, 8, 11, 16, 20, 33].flatMap((channels) => [
    [[2, 4, 6, channels], 2, 2, "valid"] as const,
    [[2, 5, 7, channels], 2, 2, "same"] as const,
    [[2, 6, 5, channels], 3, 2, "same"] as const
  ]),
  [[1, 5, 5, 3], 2, 2, "valid"],
  [[3, 6, 7, 9], 3, 1, "same"],
  [[1, 7, 7, 5], [2, 3], [1, 2], "valid"],
  [[2, 7, 7, 4], [1, 3], [3, 2], "same"],
  [[1, 8, 8, 6], 2, 3, "valid"],
  [[1, 6, 6, 8], 3, 3, 1],
  [[2, 6, 6, 8], 2, 2, 1],
  [[2, 1, 1, 3], 1, 1, "valid"],
  [[2, 4, 4, 10], 4, 4, "valid"],
  [[1, 2, 2, 4], 3, 1, "same"]
]

/** The result and the gradient by the input, with weights on each result. */
const resultAndGradient = (pool: (x: Tensor4D) => Tensor, x: Tensor): Array<Tensor> => {
  const y = pool(x as Tensor4D), weights = randomTensor(7, y.shape)
  const { grads } = Autodiff.valueAndGrad((x: Tensor) => [tf.sum(tf.mul(weights, pool(x as Tensor4D))), 0] as const)(x)
  return [y, grads]
}

describe("pooling", () => {
  it.effect("for every window, stride and padding, with gradients", () =>
    agree(
      "pool",
      () =>
        cases.flatMap(([shape, window, strides, pad], i) =>
          pools.flatMap((pool) =>
            resultAndGradient(
              (x) => pool(x, window, strides, pad, typeof pad === "number" ? "floor" : undefined),
              randomTensor(i, shape)
            )
          )
        )
    ))

  it.effect("of ties gives the gradient to the first", () =>
    agree(
      "ties",
      () =>
        [1, 4, 8, 9].flatMap((channels) =>
          ([[2, 2], [3, 2], [3, 1]] as const).flatMap(([window, stride]) =>
            resultAndGradient(
              (x) => tf.maxPool(x, window, stride, "same"),
              tf.relu(tf.round(randomTensor(channels, [2, 7, 6, channels])))
            )
          )
        )
    ))

  it.effect("passes NaN and infinity on, and gives NaN its gradient", () =>
    Effect.provide(
      Backend.tensors("extremes", () => {
        for (const companion of [true, false]) {
          useCompanion(companion)
          for (const channels of [1, 4, 8, 16]) {
            for (const stride of [1, 2]) {
              const column = (...values: ReadonlyArray<number>) => {
                const data = values.flatMap((v) => Array<number>(channels).fill(v))
                return tf.tensor4d(data, [1, 2, values.length / 2, channels])
              }
              const first = (x: Tensor, step: number) => Array.from(x.dataSync()).filter((_, i) => i % step === 0)
              const x = column(1, NaN, NaN, 4)
              const [max, gradient] = resultAndGradient((x) => tf.maxPool(x, 2, stride, "valid"), x)
              const weight = randomTensor(7, max!.shape).dataSync()[0]!
              // The stock kernels drop NaN in max pooling and make negative infinity of it in averages.
              if (companion) {
                assert.deepStrictEqual(first(max!, channels), [NaN])
                assert.deepStrictEqual(first(tf.avgPool(x as Tensor4D, 2, stride, "valid"), channels), [NaN])
              }
              assert.deepStrictEqual(first(gradient!, channels), [0, weight, 0, 0])
              const least = column(-Infinity, -Infinity, -Infinity, -Infinity)
              const [lowest, toFirst] = resultAndGradient((x) => tf.maxPool(x, 2, stride, "valid"), least)
              assert.deepStrictEqual(first(lowest!, channels), [-Infinity])
              assert.deepStrictEqual(first(toFirst!, channels), [weight, 0, 0, 0])
              if (companion) {
                const mean = tf.avgPool(column(Infinity, 1, 2, 3) as Tensor4D, 2, stride, "valid")
                assert.deepStrictEqual(first(mean, channels), [Infinity])
              }
            }
          }
        }
      }).pipe(Effect.ensuring(Effect.sync(() => useCompanion(true)))),
      Backend.layerWasm
    ))

  it.effect("of no images leaves no tensor behind", () =>
    Effect.provide(
      Effect.andThen(
        Backend.tensors("warm up", () => 0),
        Backend.tensors("none", () => {
          const x = randomTensor(1, [2, 4, 4, 3]), none = tf.zeros([0, 4, 4, 3])
          const all = tf.tidy(() => pools.flatMap((pool) => resultAndGradient((x) => pool(x, 2, 2, "same"), x)))
          const y = pools.map((pool) => pool(none as Tensor4D, 2, 2, "same"))
          assert.deepStrictEqual(y[0]!.shape, [0, 2, 2, 3])
          tf.dispose([x, none, ...all, ...y])
        }).pipe(leavesNoTensor)
      ),
      Backend.layerWasm
    ))

  it.effect("means of a million values keep their digits", () =>
    Effect.provide(
      leavesNoTensor(Backend.tensors("many", () => {
        const side = 1024, values = Float32Array.from({ length: side * side }, (_, i) => 1 + 37 * i % 64 / 64)
        const image = tf.tensor4d(values, [1, side, side, 1])
        for (const channels of [1, 4, 9]) {
          const means = Ops.avgPool(tf.tile(image, [1, 1, 1, channels]), [side, side]).dataSync()
          assert.deepStrictEqual(means, new Float32Array(channels).fill(1 + 31.5 / 64))
        }
      })),
      Backend.layerWasm
    ))

  for (const [name, layer] of backends) {
    it.effect(`has gradients of gradients on ${name}`, () =>
      Effect.provide(
        Backend.tensors("second order", () => {
          for (const companion of [true, false]) {
            useCompanion(companion)
            for (const [window, stride, pad] of [[2, 2, "valid"], [3, 2, "same"], [2, 1, "same"]] as const) {
              for (const pool of pools) {
                const value = (x: Tensor) => tf.sum(tf.square(pool(tf.square(x) as Tensor4D, window, stride, pad)))
                checkGradients(
                  (p: { x: Tensor }) =>
                    tf.sum(tf.mul(
                      Autodiff.valueAndGrad((x: Tensor) => [value(x), 0] as const)(p.x).grads,
                      randomTensor(3, p.x.shape)
                    )),
                  // Far from each other, so that no difference changes which is the largest.
                  { x: tf.tensor4d(Array.from({ length: 2 * 4 * 5 }, (_, i) => 0.5 + i * 23 % 40 / 20), [1, 4, 5, 2]) }
                )
              }
            }
          }
        }).pipe(Effect.ensuring(Effect.sync(() => useCompanion(true)))),
        layer
      ))
  }
})
