import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend, Ops } from "effect-neuron"
import { agree } from "../../support/agree.ts"
import { leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

type Params = { readonly hidden: Tensor; readonly table: Tensor; readonly bias?: Tensor }
type Sizes = readonly [rows: number, features: number, classes: number]

/** Some of no class. */
const labelsOf = (rows: number, classes: number): Tensor =>
  tf.tensor1d(Int32Array.from({ length: rows }, (_, i) => i * 7 % (classes + 2) - 1))

const paramsOf = ([rows, features, classes]: Sizes, hasBias: boolean): Params => ({
  hidden: randomTensor(1, [rows, features]),
  table: randomTensor(2, [classes, features]),
  ...(hasBias ? { bias: randomTensor(3, [classes]) } : {})
})

const withGradients = (loss: (p: Params) => Tensor, params: Params): ReadonlyArray<Tensor> => {
  const { aux, grads } = Autodiff.valueAndGrad((p: Params) => {
    const losses = loss(p)
    return [tf.sum(tf.mul(losses, randomTensor(4, losses.shape))), losses] as const
  })(params)
  return [aux, ...Object.values(grads) as ReadonlyArray<Tensor>]
}

/** By all logits. */
const composed = ({ bias, hidden, table }: Params, labels: Tensor, labelSmoothing: number): Tensor => {
  const logits = tf.matMul(hidden as Tensor2D, table as Tensor2D, false, true)
  return Ops.crossEntropy(bias === undefined ? logits : tf.add(logits, bias), labels, { labelSmoothing })
}

const onWasm = (title: string, body: () => void) =>
  it.effect(title, () => Effect.provide(leavesNoTensor(Backend.tensors(title, body)), Backend.layerWasm))

describe("Ops.linearCrossEntropy", () => {
  it.effect("for rows, features and classes of every number, with gradients", () =>
    agree(
      "linearCrossEntropy",
      () =>
        ([[1, 1, 1], [2, 3, 2], [5, 8, 7], [97, 5, 12], [13, 4, 513], [3, 70, 1030]] as const).flatMap((sizes) =>
          [false, true].flatMap((hasBias) => {
            // The one-hot of TensorFlow.js, which serves without the companion, needs two classes.
            const smoothings = sizes[2] === 1 ? [0] : [0, 0.1, 1]
            return smoothings.flatMap((labelSmoothing) =>
              withGradients(
                (p) => Ops.linearCrossEntropy({ ...p, labels: labelsOf(sizes[0], sizes[2]), labelSmoothing }),
                paramsOf(sizes, hasBias)
              )
            )
          })
        ),
      1e-4
    ))

  onWasm("computes logits again where there are many, in blocks of rows and of classes", () => {
    const sizes = [1300, 2, 3500] as const, labels = labelsOf(1300, 3500)
    for (const [hasBias, labelSmoothing] of [[false, 0], [true, 0.1]] as const) {
      const params = paramsOf(sizes, hasBias)
      const expected = withGradients((p) => composed(p, labels, labelSmoothing), params)
      const found = withGradients((p) => Ops.linearCrossEntropy({ ...p, labels, labelSmoothing }), params)
      found.forEach((tensor, i) => assertClose(tensor, expected[i]!, 2e-5, `output ${i}`))
    }
  })

  onWasm("has one value for each label of any shape", () => {
    const hidden = randomTensor(1, [2, 3, 4]), table = randomTensor(2, [5, 4])
    const labels = tf.tensor2d([[0, 1, 2], [3, 4, 0]], [2, 3], "int32")
    const rows = Ops.linearCrossEntropy({
      ...{ hidden: tf.reshape(hidden, [6, 4]), table, labels: tf.reshape(labels, [6]) }
    })
    assertClose(Ops.linearCrossEntropy({ hidden, table, labels }), tf.reshape(rows, [2, 3]), 0)
    const one = Ops.linearCrossEntropy({
      ...{ hidden: tf.reshape(tf.slice(hidden, [0, 0, 0], [1, 1, 4]), [4]), table, labels: tf.scalar(0, "int32") }
    })
    assert.deepStrictEqual(one.arraySync(), rows.arraySync()[0 as never])
  })

  onWasm("is right for large logits, for classes that are shut out, and for NaN, in its row", () => {
    const table = tf.tensor2d([[1, 0], [0, 1], [-1, 0]]), bias = tf.tensor1d([0, 0, -Infinity])
    const hidden = tf.tensor2d([[1000, 0], [1000, 0], [3e4, -3e4], [NaN, 1]])
    const losses = Ops.linearCrossEntropy({ hidden, table, bias, labels: tf.tensor1d([0, 1, 1, 0], "int32") })
    assert.deepStrictEqual(Array.from(losses.dataSync(), Math.abs), [0, 1000, 6e4, NaN])
    const other = Ops.linearCrossEntropy({ hidden, table, bias, labels: tf.tensor1d([2, -1, 7, -1], "int32") })
    assert.deepStrictEqual(Array.from(other.dataSync(), Math.abs), [Infinity, 0, 0, NaN])
    // Far below the largest of the first tile of classes, and all of a tile shut out.
    const wide = Float32Array.from({ length: 1200 }, (_, i) => i >= 700 && i < 1100 ? 5 : -Infinity)
    const many = Ops.linearCrossEntropy({
      ...{ hidden: tf.zeros([1, 2]), table: tf.zeros([1200, 2]), bias: tf.tensor1d(wide) },
      labels: tf.tensor1d([800], "int32")
    })
    assertClose(many, tf.tensor1d([Math.log(400)]), 1e-6)
  })

  onWasm("has the gradients of finite differences, to second order", () => {
    for (const labelSmoothing of [0, 0.2]) {
      const labels = tf.tensor1d([1, 4, -1], "int32"), params = paramsOf([3, 2, 5], true)
      const value = (p: Params) =>
        tf.sum(tf.mul(Ops.linearCrossEntropy({ ...p, labels, labelSmoothing }), randomTensor(5, [3])))
      checkGradients(value, params)
      checkGradients((p: Params) => {
        const { grads } = Autodiff.valueAndGrad((q: Params) => [value(q), 0] as const)(p)
        return tf.addN(
          Object.values(grads as object).map((g: Tensor, i) => tf.sum(tf.mul(g, randomTensor(6 + i, g.shape))))
        )
      }, params)
    }
  })

  onWasm("refuses what does not fit", () => {
    const hidden = tf.zeros([2, 3]), table = tf.zeros([4, 3]), labels = tf.zeros([2], "int32")
    const cases: ReadonlyArray<readonly [object, string]> = [
      [
        { table: tf.zeros([4, 2]) },
        "hidden states [..., features] and a table [classes, features], got [2, 3] and [4, 2]"
      ],
      [{ labels: tf.zeros([3], "int32") }, "labels [2], one for each hidden state, got [3]"],
      [{ bias: tf.zeros([3]) }, "a bias [4], got [3]"],
      [{ labelSmoothing: 2 }, "labelSmoothing is from 0 to 1, got 2"]
    ]
    for (const [given, said] of cases) {
      assert.throws(() => Ops.linearCrossEntropy({ hidden, table, labels, ...given }), said)
    }
  })
})
