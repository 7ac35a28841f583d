import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Adversarial, Autodiff, Backend } from "effect-neuron"
import { backends, leavesNoTensor } from "../../../support/backend.ts"
import { checkGradients } from "../../../support/gradientCheck.ts"
import { assertClose, randomTensor } from "../../../support/numbers.ts"

const sigmoid = (s: number) => 1 / (1 + Math.exp(-s))

/** The formulas of the papers, of one score and label, in float64. */
const formulas: ReadonlyArray<{
  readonly loss: Adversarial.Loss
  readonly real: (s: number, label: number) => number
  readonly fake: (s: number, label: number) => number
  readonly generator: (s: number) => number
}> = [
  {
    loss: Adversarial.nonSaturating,
    real: (s, t) => -t * Math.log(sigmoid(s)) - (1 - t) * Math.log(sigmoid(-s)),
    fake: (s, t) => -t * Math.log(sigmoid(s)) - (1 - t) * Math.log(sigmoid(-s)),
    generator: (s) => -Math.log(sigmoid(s))
  },
  {
    loss: Adversarial.leastSquares,
    real: (s, t) => (s - t) ** 2 / 2,
    fake: (s, t) => (s - t) ** 2 / 2,
    generator: (s) => (s - 1) ** 2 / 2
  },
  {
    loss: Adversarial.hinge,
    real: (s) => Math.max(0, 1 - s),
    fake: (s) => Math.max(0, 1 + s),
    generator: (s) => -s
  },
  { loss: Adversarial.wasserstein, real: (s) => -s, fake: (s) => s, generator: (s) => -s }
]

const scores = [-30, -2.5, -1.2, -0.3, 0, 0.4, 1.7, 3, 30]

for (const [backend, backendLayer] of backends) {
  describe(`adversarial losses on ${backend}`, () => {
    const run = (program: () => void) =>
      Effect.provide(leavesNoTensor(Backend.tensors("losses", program)), backendLayer)

    for (const { fake, generator, loss, real } of formulas) {
      it.effect(`${loss.name} is its formula, for each example`, () =>
        run(() => {
          const s = tf.tensor1d(scores)
          const expected = (f: (s: number) => number) => ({ shape: [scores.length], data: scores.map(f) })
          for (const label of [0, 0.1, 0.9, 1]) {
            assertClose(loss.real(s, label), expected((s) => real(s, label)), 1e-5, `real, label ${label}`)
            assertClose(loss.fake(s, label), expected((s) => fake(s, label)), 1e-5, `fake, label ${label}`)
          }
          assertClose(loss.generator(s), expected(generator), 1e-5, "generator")
        }))

      it.effect(`${loss.name} takes a label for each example`, () =>
        run(() => {
          const s = tf.tensor1d(scores), labels = scores.map((_, i) => i / scores.length)
          for (const [side, f] of [["real", real], ["fake", fake]] as const) {
            const expected = { shape: [scores.length], data: scores.map((s, i) => f(s, labels[i]!)) }
            assertClose(loss[side](s, tf.tensor1d(labels)), expected, 1e-5, side)
          }
        }))

      it.effect(`${loss.name} has its gradient`, () =>
        run(() => {
          const s = randomTensor(3, [7], 1.5)
          const weighted = (values: Tensor) => tf.sum(tf.mul(values, randomTensor(4, [7])))
          checkGradients((s: Tensor) => weighted(loss.real(s, 0.9)), s)
          checkGradients((s: Tensor) => weighted(loss.fake(s, 0.2)), s)
          checkGradients((s: Tensor) => weighted(loss.generator(s)), s)
        }))

      it.effect(`${loss.name} is finite at scores of any size, with a finite gradient`, () =>
        run(() => {
          const s = tf.tensor1d([-1e4, -200, 200, 1e4])
          for (const f of [(s: Tensor) => loss.real(s, 1), (s: Tensor) => loss.fake(s, 0), loss.generator]) {
            const { grads, value } = Autodiff.valueAndGrad((s: Tensor) => [tf.sum(f(s)), 0] as const)(s)
            assert.isTrue([...value.dataSync(), ...grads.dataSync()].every(Number.isFinite))
          }
        }))
    }
  })
}
