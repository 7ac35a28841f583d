import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend, Losses } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { assertClose, randomTensor, toTensor } from "../../support/numbers.ts"
import { reference } from "../../support/reference.ts"

const casesOf = (name: string) => reference("sequenceLosses").filter((c) => c.name === name)

const gradient = (f: (x: Tensor) => Tensor, x: Tensor, weights: Tensor): Tensor =>
  Autodiff.valueAndGrad((x: Tensor) => [tf.sum(tf.mul(f(x), weights)), 0] as const)(x).grads

/** What a step minimizes. */
const mean = ({ values, weight }: Losses.Weighted): Tensor =>
  tf.div(tf.sum(tf.mul(tf.where(tf.greater(weight, 0), values, tf.zerosLike(values)), weight)), tf.sum(weight))

const labelsOf = (...rows: ReadonlyArray<ReadonlyArray<number>>): Tensor =>
  tf.tensor2d(rows.flat(), [rows.length, rows[0]!.length], "int32")

for (const [backend, backendLayer] of backends) {
  describe(`losses of sequences on ${backend}`, () => {
    const run = (program: () => void) =>
      Effect.provide(leavesNoTensor(Backend.tensors("losses", program)), backendLayer)

    it.effect("softmaxCrossEntropy is that of PyTorch, and by a mask the same", () =>
      run(() => {
        const cases = casesOf("crossEntropy")
        assert.lengthOf(cases, 3)
        for (const { config, gradInput, gradOutput, input, output, target } of cases) {
          const labels = toTensor(target, "int32"), x = toTensor(input), weights = toTensor(gradOutput)
          const expected = { shape: gradOutput.shape, data: output as unknown as ReadonlyArray<number> }
          const counted = (given: Losses.Values): Tensor =>
            "values" in given ? tf.mul(given.values, given.weight) : given
          const loss = (x: Tensor) => counted(Losses.softmaxCrossEntropy(x, labels, config))
          assertClose(loss(x), expected)
          assertClose(gradient(loss, x, weights), gradInput)
          const mask = tf.cast(tf.notEqual(labels, -1), "float32"), { ignoreIndex: _, ...options } = config
          const masked = (x: Tensor) =>
            counted(Losses.masked((x, y) => Losses.softmaxCrossEntropy(x, y, options))({ x, mask }, labels))
          assertClose(masked(x), expected)
          assertClose(gradient(masked, x, weights), gradInput)
        }
      }))

    it.effect("the mean by classes and an index that is ignored is that of PyTorch, and by a mask the same", () =>
      run(() => {
        for (const { config, gradInput, gradOutput, input, output, target } of casesOf("meanCrossEntropy")) {
          const labels = toTensor(target, "int32"), x = toTensor(input), weights = toTensor(gradOutput)
          const mask = tf.cast(tf.notEqual(labels, -1), "float32"), { classWeights } = config
          for (
            const loss of [
              (x: Tensor) => mean(Losses.softmaxCrossEntropy(x, labels, config as Losses.SoftmaxCrossEntropyOptions)),
              (x: Tensor) =>
                mean(Losses.masked((x, y) => Losses.softmaxCrossEntropy(x, y, { classWeights }))({ x, mask }, labels))
            ]
          ) {
            assertClose(tf.reshape(loss(x), [1]), { shape: [1], data: output as unknown as ReadonlyArray<number> })
            assertClose(gradient(loss, x, tf.reshape(weights, [])), gradInput)
          }
        }
      }))

    it.effect("ctc takes masks, labels that are filled up with -1 or the blank, and examples to skip", () =>
      run(() => {
        const x = randomTensor(1, [2, 4, 3]), mask = tf.tensor2d([[1, 1, 1, 0], [1, 1, 1, 1]])
        const whole = Losses.ctc({ x, mask }, labelsOf([1, 2, -1], [2, -1, -1]))
        assertClose(Losses.ctc({ x, mask }, tf.tensor2d([[1, 2, 0], [2, 0, 0]])), whole, 0)
        assertClose(tf.slice(whole, [1], [1]), Losses.ctc(tf.slice(x, [1, 0, 0], [1, 4, 3]), labelsOf([2])), 1e-6)
        const other = Losses.ctc(x, labelsOf([0, 1], [1, 2]), { blank: 2 })
        assertClose(
          other,
          Losses.ctc(tf.gather(x, [2, 0, 1], 2), labelsOf([1, 2], [2, -1])),
          1e-6
        )
        const tooMany = labelsOf([1, 1, 2], [2, 2, -1])
        const { values, weight } = Losses.ctc({ x, mask }, tooMany, { skipImpossible: true }) as Losses.Weighted
        assert.deepStrictEqual(Array.from(weight.dataSync()), [0, 1])
        const slopes = Autodiff.valueAndGrad((x: Tensor) =>
          [mean(Losses.ctc({ x, mask }, tooMany, { skipImpossible: true }) as Losses.Weighted), 0] as const
        )(x)
        assertClose(slopes.value, tf.reshape(tf.slice(values, [1], [1]), []), 0)
        assertClose(tf.slice(slopes.grads, [0, 0, 0], [1, 4, 3]), tf.zeros([1, 4, 3]), 0)
      }))

    it.effect("ctc says what it expects", () =>
      run(() => {
        const x = tf.zeros([2, 4, 3]), mask = tf.tensor2d([[1, 1, 1, 1], [1, 1, 0, 0]])
        const cases: ReadonlyArray<readonly [message: string, () => unknown]> = [
          [
            "ctc expects labels from 0 to 2, then -1 or 0 (blank) to the end, got [1, 3]",
            () => Losses.ctc(x, labelsOf([1, 2], [1, 3]))
          ],
          [
            "ctc expects labels from 0 to 2, then -1 or 2 (blank) to the end, got [-1, 1]",
            () => Losses.ctc(x, labelsOf([-1, 1], [1, -1]), { blank: 2 })
          ],
          [
            "ctc expects at least 5 steps for the labels [1, 1, 1] of example 0, got 4",
            () => Losses.ctc(x, labelsOf([1, 1, 1], [1, 2, 1]))
          ],
          [
            "ctc expects at least 3 steps for the labels [1, 2, 1] of example 1, got 2",
            () => Losses.ctc({ x, mask }, labelsOf([1, 2, 1], [1, 2, 1]))
          ],
          ["ctc: blank is a class from 0 to 2, got 3", () => Losses.ctc(x, labelsOf([1], [1]), { blank: 3 })],
          ["ctc: blank is a class from 0 to 2, got 0.5", () => Losses.ctc(x, labelsOf([1], [1]), { blank: 0.5 })],
          ["ctc expects labels [batch, longest], got [2]", () => Losses.ctc(x, tf.tensor1d([1, 1], "int32"))],
          ["ctc expects labels [2, longest], got [1, 1]", () => Losses.ctc(x, labelsOf([1]))],
          ["ctc expects logits [batch, time, classes], got [2, 4]", () => Losses.ctc(mask, labelsOf([1], [1]))],
          [
            "ctc expects a mask [2, 4], got [2, 3]",
            () => Losses.ctc({ x, mask: tf.ones([2, 3]) }, labelsOf([1], [1]))
          ]
        ]
        for (const [message, f] of cases) assert.throws(f as () => void, message)
      }))
  })
}
