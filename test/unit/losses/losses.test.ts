import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend, Losses } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { assertClose, randomTensor, toTensor } from "../../support/numbers.ts"
import { reference } from "../../support/reference.ts"

const vectors: { readonly [name: string]: (prediction: Tensor, target: Tensor) => Tensor } = {
  softmaxCrossEntropy: Losses.softmaxCrossEntropy,
  "softmaxCrossEntropyLabelSmoothing0.1": (prediction, target) =>
    Losses.softmaxCrossEntropy(prediction, target, { labelSmoothing: 0.1 }),
  sparseSoftmaxCrossEntropy: Losses.softmaxCrossEntropy,
  binaryCrossEntropyWithLogits: Losses.binaryCrossEntropy,
  binaryCrossEntropy: Losses.binaryCrossEntropyFromProbabilities,
  meanSquaredError: Losses.meanSquaredError
}

const gradient = (loss: (prediction: Tensor, target: Tensor) => Tensor, prediction: Tensor, target: Tensor) =>
  Autodiff.valueAndGrad((p: Tensor) => [tf.mean(loss(p, target)), 0] as const)(prediction)

const softmaxDistribution = (seed: number, shape: ReadonlyArray<number>) => tf.softmax(randomTensor(seed, shape))

for (const [backend, backendLayer] of backends) {
  describe(`losses on ${backend}`, () => {
    const run = (program: () => void) =>
      Effect.provide(leavesNoTensor(Backend.tensors("losses", program)), backendLayer)

    for (const c of reference("losses")) {
      const loss = vectors[c.name]
      if (loss === undefined) continue
      it.effect(`${c.name} of the reference vectors`, () =>
        run(() => {
          const prediction = toTensor(c["prediction"])
          const { grads, value } = gradient(loss, prediction, toTensor(c["target"]))
          assertClose(value, { shape: [], data: [c["loss"]] }, 1e-5, "loss")
          assertClose(grads, c["gradPrediction"], 1e-5, "gradient")
          assert.deepStrictEqual(loss(prediction, toTensor(c["target"])).shape, [prediction.shape[0]])
        }))
    }

    it.effect("take class indices of either type, one-hot targets, and axes in between", () =>
      run(() => {
        const logits = randomTensor(1, [2, 3, 4])
        const indices = tf.tensor2d([[0, 3, 1], [2, 2, 0]], [2, 3], "int32")
        const expected = tf.neg(tf.sum(tf.mul(tf.oneHot(indices, 4), tf.logSoftmax(logits)), -1))
        assertClose(Losses.softmaxCrossEntropy(logits, indices), expected)
        assertClose(Losses.softmaxCrossEntropy(logits, tf.cast(indices, "float32")), expected)
        assertClose(Losses.softmaxCrossEntropy(logits, tf.oneHot(indices, 4)), expected)
        for (const labelSmoothing of [0, 0.3, 1]) {
          assertClose(
            Losses.softmaxCrossEntropy(logits, indices, { labelSmoothing }),
            Losses.softmaxCrossEntropy(logits, tf.oneHot(indices, 4), { labelSmoothing })
          )
        }
      }))

    it.effect("average the elements of each example", () =>
      run(() => {
        const prediction = tf.tensor3d([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2])
        assert.deepStrictEqual(Losses.meanSquaredError(prediction, tf.zerosLike(prediction)).arraySync(), [7.5, 43.5])
        assert.deepStrictEqual(Losses.meanSquaredError(tf.tensor1d([1, 2]), tf.tensor1d([3, 2])).arraySync(), [4, 0])
      }))

    it.effect("stay finite for huge logits, with their gradients", () =>
      run(() => {
        const logits = tf.tensor2d([[1e4, -1e4], [1e4, -1e4]])
        const classes = gradient(Losses.softmaxCrossEntropy, logits, tf.tensor1d([0, 1], "int32"))
        assertClose(classes.value, { shape: [], data: [1e4] })
        assertClose(classes.grads, { shape: [2, 2], data: [0, 0, 0.5, -0.5] })
        const binary = gradient(Losses.binaryCrossEntropy, logits, tf.tensor2d([[1, 0], [0, 1]]))
        assertClose(binary.value, { shape: [], data: [5e3] })
        assertClose(binary.grads, { shape: [2, 2], data: [0, 0, 0.25, -0.25] })
        const sure = gradient(Losses.binaryCrossEntropyFromProbabilities, tf.tensor1d([0, 1]), tf.tensor1d([1, 0]))
        assertClose(sure.value, { shape: [], data: [-Math.log(1e-7)] }, 0.02)
        assertClose(sure.grads, tf.zeros([2]), 0)
      }))

    it.effect("refuse what is no class, and leave out what is ignored", () =>
      run(() => {
        const logits = tf.tensor2d([[0, 0], [3, 4]])
        for (const label of [-1, 2, NaN, 0.5]) {
          assert.throws(
            () => Losses.softmaxCrossEntropy(logits, tf.tensor1d([1, label])),
            RangeError,
            `softmaxCrossEntropy expects class indices from 0 to 1, got ${label}`
          )
        }
        const { values, weight } = Losses.softmaxCrossEntropy(logits, tf.tensor1d([1, -1], "int32"), {
          ignoreIndex: -1
        })
        assertClose(tf.mul(values, weight), { shape: [2], data: [Math.LN2, 0] })
        assertClose(weight, { shape: [2], data: [1, 0] })
      }))

    it.effect("take targets of every type: bool, int32, float32", () =>
      run(() => {
        const hot = [[true, false], [false, true]], logits = tf.tensor2d([[1, -2], [0.5, 3]])
        const of = (dtype: "bool" | "int32" | "float32") => tf.cast(tf.tensor2d(hot, [2, 2], "bool"), dtype)
        for (const loss of Object.values(vectors)) {
          const expected = loss(tf.sigmoid(logits), of("float32"))
          for (const dtype of ["bool", "int32"] as const) {
            assertClose(loss(tf.sigmoid(logits), of(dtype)), expected, 1e-6)
          }
        }
        const whole = tf.tensor2d([[1, -2], [0, 3]])
        for (const loss of Object.values(vectors).slice(0, 4)) {
          assertClose(loss(tf.cast(whole, "int32"), of("bool")), loss(whole, of("float32")), 1e-6)
        }
      }))

    it.effect("match finite differences in prediction and target, to second order", () =>
      run(() => {
        const losses: ReadonlyArray<readonly [(prediction: Tensor, target: Tensor) => Tensor, Tensor, Tensor]> = [
          [Losses.softmaxCrossEntropy, randomTensor(1, [3, 4]), softmaxDistribution(2, [3, 4])],
          [vectors["softmaxCrossEntropyLabelSmoothing0.1"]!, randomTensor(1, [3, 4]), softmaxDistribution(2, [3, 4])],
          [Losses.binaryCrossEntropy, randomTensor(1, [3, 4]), tf.sigmoid(randomTensor(2, [3, 4]))],
          [
            Losses.binaryCrossEntropyFromProbabilities,
            tf.sigmoid(randomTensor(1, [3, 4])),
            tf.sigmoid(randomTensor(2, [3, 4]))
          ],
          [Losses.meanSquaredError, randomTensor(1, [3, 2, 2]), randomTensor(2, [3, 2, 2])]
        ]
        // Class indices are constants.
        const ofIndices = (p: { readonly prediction: Tensor }) =>
          tf.sum(Losses.softmaxCrossEntropy(p.prediction, tf.tensor2d([[0, 3], [1, 1]], [2, 2], "int32")))
        checkGradients(ofIndices, { prediction: randomTensor(3, [2, 2, 4]) })
        checkGradients((p) => {
          const { grads } = Autodiff.valueAndGrad((q: typeof p) => [ofIndices(q), 0] as const)(p)
          return tf.sum(tf.square(grads.prediction))
        }, { prediction: randomTensor(3, [2, 2, 4]) })
        for (const [loss, prediction, target] of losses) {
          const value = (p: { readonly prediction: Tensor; readonly target: Tensor }) =>
            tf.sum(tf.mul(loss(p.prediction, p.target), tf.tensor1d([1, 2, -1])))
          checkGradients(value, { prediction, target })
          checkGradients((p) => {
            const { grads } = Autodiff.valueAndGrad((q: typeof p) => [value(q), 0] as const)(p)
            return tf.add(tf.sum(tf.square(grads.prediction)), tf.sum(tf.square(grads.target)))
          }, { prediction, target })
        }
      }))

    it.effect("masked, or with an index that is ignored, match finite differences, to second order", () =>
      run(() => {
        const mean = ({ values, weight }: Losses.Weighted) => tf.div(tf.sum(tf.mul(values, weight)), tf.sum(weight))
        const mask = tf.tensor2d([[1, 0, 0.5], [1, 1, 0]]),
          classes = tf.tensor2d([[0, 9, 2], [3, 1, -4]], [2, 3], "int32")
        // Where nothing counts a label may be none, and a prediction no number.
        const spoiled = (x: Tensor) => tf.where(tf.cast(tf.greater(tf.expandDims(mask, -1), 0), "bool"), x, NaN)
        const known = tf.where(tf.greater(mask, 0), classes, tf.zerosLike(classes))
        const losses: ReadonlyArray<readonly [(x: Tensor) => Tensor, Tensor]> = [
          [(x) => mean(Losses.masked(Losses.softmaxCrossEntropy)({ x, mask }, known)), randomTensor(1, [2, 3, 4])],
          [
            (x) => mean(Losses.masked(Losses.meanSquaredError)({ x, mask }, randomTensor(2, [2, 3, 2]))),
            randomTensor(3, [2, 3, 2])
          ],
          [
            (x) => mean(Losses.masked(Losses.binaryCrossEntropy)({ x, mask }, tf.sigmoid(randomTensor(4, [2, 3, 2])))),
            randomTensor(5, [2, 3, 2])
          ]
        ]
        const slopes = (f: (x: Tensor) => Tensor, x: Tensor) =>
          Autodiff.valueAndGrad((x: Tensor) => [f(x), 0] as const)(x)
        for (const [f, x] of losses) {
          checkGradients(({ x }: { readonly x: Tensor }) => f(x), { x })
          checkGradients(({ x }: { readonly x: Tensor }) => tf.sum(tf.square(slopes(f, x).grads)), { x })
          const { grads, value } = slopes(f, spoiled(x))
          assertClose(value, f(x), 1e-6)
          assertClose(grads, slopes(f, x).grads, 1e-6)
          assertClose(tf.mul(grads, tf.expandDims(tf.equal(mask, 0), -1)), tf.zerosLike(x), 0)
        }
        const ignoring = (x: Tensor) =>
          mean(Losses.softmaxCrossEntropy(x, tf.tensor2d([[0, -1, 2], [3, 1, -1]], [2, 3], "int32"), {
            ignoreIndex: -1,
            classWeights: [1, 2, 0.5, 3]
          }))
        const x = randomTensor(6, [2, 3, 4])
        checkGradients(({ x }: { readonly x: Tensor }) => ignoring(x), { x })
        checkGradients(({ x }: { readonly x: Tensor }) => tf.sum(tf.square(slopes(ignoring, x).grads)), { x })
        assertClose(tf.slice(slopes(ignoring, x).grads, [0, 1, 0], [1, 1, 4]), tf.zeros([1, 1, 4]), 0)
      }))

    it.effect("say what shapes they expect", () =>
      run(() => {
        const zeros = (...shape: ReadonlyArray<number>) => tf.zeros([...shape])
        const cases: ReadonlyArray<readonly [() => Tensor, string]> = [
          [
            () => Losses.meanSquaredError(zeros(6, 1), zeros(6)),
            "meanSquaredError expects a target of shape [6, 1] for a prediction of shape [6, 1], got [6]"
          ],
          [
            () => Losses.meanSquaredError(zeros(), zeros()),
            "meanSquaredError expects a prediction of shape [batch, ...], got []"
          ],
          [
            () => Losses.binaryCrossEntropy(zeros(6, 3), zeros(3)),
            "binaryCrossEntropy expects a target of shape [6, 3] for a prediction of shape [6, 3], got [3]"
          ],
          [
            () => Losses.binaryCrossEntropyFromProbabilities(zeros(6), zeros(6, 1)),
            "binaryCrossEntropyFromProbabilities expects a target of shape [6] for a prediction of shape [6], got [6, 1]"
          ],
          [
            () => Losses.softmaxCrossEntropy(zeros(6, 5), zeros(6, 1)),
            "softmaxCrossEntropy expects a target of shape [6] (class indices) or [6, 5] (a distribution over the classes) " +
            "for a prediction of shape [6, 5], got [6, 1]"
          ],
          [
            () => Losses.softmaxCrossEntropy(zeros(5), zeros(5)),
            "softmaxCrossEntropy expects a prediction of shape [batch, ..., classes], got [5]"
          ],
          [
            () => Losses.softmaxCrossEntropy(zeros(6, 5), zeros(6), { labelSmoothing: 1.5 }),
            "softmaxCrossEntropy: labelSmoothing is from 0 to 1, got 1.5"
          ]
        ]
        for (const [f, message] of cases) {
          let thrown: unknown
          try {
            f()
          } catch (error) {
            thrown = error
          }
          assert.strictEqual((thrown as Error | undefined)?.message, message)
        }
      }))
  })
}
