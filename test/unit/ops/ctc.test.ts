import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend, Ops } from "effect-neuron"
import { agree } from "../../support/agree.ts"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { assertClose, randomTensor, toTensor } from "../../support/numbers.ts"
import type { Values } from "../../support/numbers.ts"
import { reference } from "../../support/reference.ts"

const labelsOf = (...rows: ReadonlyArray<ReadonlyArray<number>>): Tensor =>
  tf.tensor2d(rows.flat(), [rows.length, rows[0]!.length], "int32")

const gradient = (f: (x: Tensor) => Tensor, x: Tensor, weights: Tensor): Tensor =>
  Autodiff.valueAndGrad((x: Tensor) => [tf.sum(tf.mul(f(x), weights)), 0] as const)(x).grads

/** What labels a way through the steps gives. */
const collapsed = (way: ReadonlyArray<number>, blank: number): string =>
  way.filter((label, i) => label !== blank && label !== way[i - 1]).join()

/** The sum of the probabilities of all ways that give the labels. */
const enumerated = (logits: ReadonlyArray<ReadonlyArray<number>>, labels: ReadonlyArray<number>, blank: number) => {
  const rows = logits.map((row) => {
    const sum = row.reduce((sum, x) => sum + Math.exp(x), 0)
    return row.map((x) => Math.exp(x) / sum)
  })
  let total = 0
  const go = (way: ReadonlyArray<number>, p: number): void => {
    if (way.length === rows.length) total += collapsed(way, blank) === labels.join() ? p : 0
    else rows[way.length]!.forEach((own, label) => go([...way, label], p * own))
  }
  go([], 1)
  return total
}

const shapes: ReadonlyArray<readonly [batch: number, time: number, classes: number, longest: number]> = [
  ...[[1, 1, 2, 1], [2, 5, 3, 0], [3, 7, 4, 3], [2, 9, 2, 4], [4, 9, 6, 5], [1, 26, 9, 10]] as const
]

/** Labels of every length, and a mask with holes. */
const inputsOf = ([batch, time, classes, longest]: typeof shapes[number], seed: number) => ({
  x: randomTensor(seed, [batch, time, classes], 2),
  labels: tf.tensor2d(
    Int32Array.from({ length: batch * longest }, (_, i) => {
      const row = Math.floor(i / longest), place = i % longest
      return place < longest - row ? 1 + (i * 7 + seed) % (classes - 1) : -1
    }),
    [batch, longest],
    "int32"
  ),
  mask: tf.tensor2d(Float32Array.from({ length: batch * time }, (_, i) => i % 5 === 3 ? 0 : 1), [batch, time])
})

describe("connectionist temporal classification", () => {
  for (const [backend, backendLayer] of backends) {
    it.effect(`is the sum over all alignments on ${backend}`, () =>
      Backend.tensors("enumeration", () => {
        for (const blank of [0, 2]) {
          const x = randomTensor(1, [6, 4, 3], 2), [a, b] = blank === 0 ? [1, 2] as const : [1, 0] as const
          const labels = [[a, b, a], [b, b], [a], [], [a, a], [b, a]]
          const padded = labelsOf(...labels.map((row) => Array.from({ length: 3 }, (_, i) => row[i] ?? -1)))
          const found = Ops.ctc(x, padded, { blank }).dataSync(), logits = x.arraySync() as Array<Array<Array<number>>>
          labels.forEach((labels, i) =>
            assert.approximately(Math.exp(-found[i]!), enumerated(logits[i]!, labels, blank), 1e-6)
          )
        }
      }).pipe(leavesNoTensor, Effect.provide(backendLayer)))

    it.effect(`is that of PyTorch on ${backend}, with its gradient`, () =>
      Backend.tensors("vectors", () => {
        const cases = reference("sequenceLosses").filter(({ name }) => name === "ctc")
        assert.lengthOf(cases, 5)
        const few = backend === "wasm" ? cases : cases.filter(({ input }) => input.shape[1]! < 20)
        for (const { config, gradInput, gradOutput, input, output, ...rest } of few) {
          const labels = toTensor(rest["target"], "int32"), mask = toTensor(rest["mask"])
          const f = (x: Tensor) => Ops.ctc(x, labels, { blank: config.blank, mask }), x = toTensor(input)
          assertClose(f(x), { shape: gradOutput.shape, data: output as unknown as Values["data"] }, 2e-6)
          assertClose(gradient(f, x, toTensor(gradOutput)), gradInput, 5e-5)
        }
      }).pipe(leavesNoTensor, Effect.provide(backendLayer)))

    it.effect(`has no alignment where there are too few steps, and no gradient then, on ${backend}`, () =>
      Backend.tensors("impossible", () => {
        const x = randomTensor(1, [4, 3, 3]), labels = labelsOf([1, 2, 1], [1, 1, -1], [1, 2, -1], [2, 2, 2])
        const mask = tf.tensor2d([[1, 1, 1], [1, 0, 1], [1, 0, 0], [1, 1, 1]]),
          f = (x: Tensor) => Ops.ctc(x, labels, { mask })
        assert.deepStrictEqual(Array.from(f(x).dataSync(), Number.isFinite), [true, false, false, false])
        const slopes = gradient(f, x, tf.ones([4]))
        assertClose(tf.slice(slopes, [1, 0, 0], [3, 3, 3]), tf.zeros([3, 3, 3]), 0)
        const never = tf.tensor3d([[[0, -Infinity, 0], [0, -Infinity, 0]], [[0, -Infinity, 0], [0, 0, 0]]])
        const found = Ops.ctc(never, labelsOf([1], [1])).dataSync()
        assert.strictEqual(found[0], Infinity)
        assert.approximately(found[1]!, -Math.log(1 / 2 / 3), 1e-6)
        assertClose(gradient((x) => Ops.ctc(x, labelsOf([1], [1])), never, tf.tensor1d([0, 1])), {
          shape: [2, 2, 3],
          data: [0, 0, 0, 0, 0, 0, -1 / 2, 0, 1 / 2, 1 / 3, -2 / 3, 1 / 3]
        })
      }).pipe(leavesNoTensor, Effect.provide(backendLayer)))

    it.effect(`skips steps that do not count, whatever they are, on ${backend}`, () =>
      Backend.tensors("masks", () => {
        const x = randomTensor(1, [1, 5, 3]), labels = labelsOf([1, 2]), mask = tf.tensor2d([[1, 0, 1, 1, 0]])
        const spoiled = tf.where(tf.cast(tf.reshape(mask, [1, 5, 1]), "bool"), x, NaN), kept = [0, 2, 3]
        const f = (x: Tensor) => Ops.ctc(x, labels, { mask })
        const alone = tf.gather(x, kept, 1)
        assertClose(f(spoiled), Ops.ctc(alone, labels), 1e-6)
        const slopes = gradient(f, spoiled, tf.ones([1]))
        assertClose(tf.gather(slopes, kept, 1), gradient((x) => Ops.ctc(x, labels), alone, tf.ones([1])), 1e-6)
        assertClose(tf.gather(slopes, [1, 4], 1), tf.zeros([1, 2, 3]), 0)
        const none = Ops.ctc(x, labelsOf([-1, 1]), { mask: tf.zeros([1, 5]) })
        assertClose(none, tf.zeros([1]), 0)
        assert.isNaN(Ops.ctc(spoiled, labels).dataSync()[0])
      }).pipe(leavesNoTensor, Effect.provide(backendLayer)))
  }

  it.effect("for every number of examples, steps, classes and labels, with gradients of both orders", () =>
    agree("ctc", () =>
      shapes.flatMap((shape, seed) => {
        const { labels, mask, x } = inputsOf(shape, seed)
        const options = seed % 2 === 0 ? { mask } : { blank: shape[2] - 1 }, weights = randomTensor(9, [shape[0]])
        const f = (x: Tensor) => {
          const loss = Ops.ctc(x, labels, options)
          return tf.where(tf.less(loss, 1e9), loss, tf.zerosLike(loss))
        }
        const slope = (x: Tensor) => tf.sum(tf.sin(gradient(f, x, weights)), [1, 2])
        const first = [Ops.ctc(x, labels, options), gradient(f, x, weights)]
        return shape[1] < 8 ? first.concat(gradient(slope, x, weights)) : first
      }), 5e-5))

  it.effect("matches finite differences to second order", () =>
    Backend.tensors("differences", () => {
      const x = randomTensor(1, [3, 5, 4]), labels = labelsOf([1, 3, -1], [2, 2, -1], [3, 1, 2])
      const mask = tf.tensor2d([[1, 1, 1, 1, 0], [1, 1, 0, 1, 1], [1, 1, 1, 1, 1]]), weights = tf.tensor1d([1, 2, -1])
      const f = (x: Tensor) => Ops.ctc(x, labels, { mask })
      checkGradients((p: { readonly x: Tensor }) => tf.sum(tf.mul(f(p.x), weights)), { x })
      checkGradients((p: { readonly x: Tensor }) => tf.sum(tf.square(gradient(f, p.x, weights))), { x })
    }).pipe(leavesNoTensor, Effect.provide(Backend.layerWasm)))

  it.effect("keeps its precision over many steps", () =>
    Backend.tensors("long", () => {
      // All steps are alike: with two classes of equal logits, ways with one label are runs, T (T + 1) / 2 of 2^T.
      const time = 3000, loss = Ops.ctc(tf.zeros([1, time, 2]), labelsOf([1]))
      assert.approximately(loss.dataSync()[0]!, time * Math.LN2 - Math.log(time * (time + 1) / 2), 1e-3)
      const slopes = gradient((x) => Ops.ctc(x, labelsOf([1])), tf.zeros([1, time, 2]), tf.ones([1])).dataSync()
      for (const step of [0, 17, 1500, 2999]) {
        const runs = (step + 1) * (time - step)
        assert.approximately(slopes[2 * step + 1]!, 0.5 - runs / (time * (time + 1) / 2), 1e-3)
      }
    }).pipe(leavesNoTensor, Effect.provide(Backend.layerWasm)))
})
