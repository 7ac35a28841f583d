import type { Tensor } from "@tensorflow/tfjs-core"
import { broadcastTo, divNoNan, mean, mul, reshape, sum } from "@tensorflow/tfjs-core"
import { Effect, Stream } from "effect"
import type { Backend } from "../backend/Backend.ts"
import { computedCopies } from "../backend/copies.ts"
import { toTensors } from "../backend/host.ts"
import type { DataError, TensorError } from "../core/errors.ts"
import { using } from "../core/lender.ts"
import type { Lent } from "../core/lender.ts"
import * as NdArray from "../core/NdArray.ts"
import type { HostTree } from "../core/NdArray.ts"
import { classScores } from "../core/softmax.ts"
import * as Tree from "../core/Tree.ts"
import { inference } from "../layers/inference.ts"
import type { Layer } from "../layers/Layer.ts"
import type { Loss } from "../losses/Loss.ts"
import { weigh } from "../losses/weighted.ts"
import type { Values } from "../losses/weighted.ts"
import { confusionMatrix } from "../metrics/confusionMatrix.ts"
import type { ConfusionMatrix } from "../metrics/confusionMatrix.ts"
import { highest } from "../metrics/highest.ts"
import type { Weights } from "../train/predict.ts"

/** An example that a model is far from telling right. */
export interface Examination {
  /** Its place in its part of the data, from 0. */
  readonly index: number
  readonly x: HostTree
  readonly y: HostTree
  readonly prediction: HostTree
  readonly loss: number
}

/** How a model does on a part of the data, example by example. */
export interface Examined {
  /** The step of the state. */
  readonly step: number
  readonly size: number
  /** The loss of each example. */
  readonly losses: Float32Array
  /** Those with the highest loss, worst first; of a classifier only those that were taken for another class. */
  readonly worst: ReadonlyArray<Examination>
  /** Of a classifier: what was taken for what. */
  readonly matrix?: ConfusionMatrix
  /** Of a classifier: the true and the predicted class of each example. */
  readonly labels?: Int32Array
  readonly predicted?: Int32Array
  /** Of a classifier: the scores of all classes, `[size, classes]`. */
  readonly scores?: NdArray.NdArray
  /** Where a target and its prediction are one number each: both, of each example. */
  readonly targets?: Float32Array
  readonly predictions?: Float32Array
}

/** What is examined: a model, its loss, and whether its targets are the indices of so many classes. */
export interface Examining {
  readonly model: Layer<Tree.Tree, Tree.Tree, Tree.Tree, Tree.Tree>
  readonly loss: Loss<Tree.Tree, Tree.Tree>
  readonly classes: number
}

type Batch = { readonly x: HostTree; readonly y: HostTree; readonly size: number }

const WORST = 24

const slice = (tree: HostTree, i: number): HostTree =>
  Tree.map(tree, ({ data, shape: [n = 1, ...shape] }: NdArray.NdArray): NdArray.NdArray => {
    const length = data.length / n
    return { data: data.slice(i * length, (i + 1) * length), shape }
  }, { isLeaf: NdArray.isNdArray })

/** The class with the highest score in a row, -1 where one is NaN: as the confusion matrix counts it. */
const classOf = (row: ArrayLike<number>): number => highest(row)[1]

/** Whether each of so many examples has one number. */
const isNumberEach = (tree: HostTree, size: number): tree is NdArray.NdArray =>
  NdArray.isNdArray(tree) && tree.data.length === size

/** Whether there is a row of one number for each class for an example. */
const isRowEach = (tree: HostTree, classes: number): tree is NdArray.NdArray =>
  classes > 1 && NdArray.isNdArray(tree) && tree.shape.length === 2 && tree.shape[1] === classes

/** The scores of so many classes, a row for each example; of predictions of something else there are none. */
const scoresOf = (prediction: HostTree, size: number, classes: number): NdArray.NdArray | undefined => {
  if (isRowEach(prediction, classes)) return prediction
  if (classes !== 2 || !isNumberEach(prediction, size)) return undefined
  return NdArray.make(Array.from(prediction.data, (logit) => Array.from(classScores([logit], classes))))
}

/** The class of each example, of indices or of a row for each with the highest at its class; of others there are none. */
const labelsOf = (y: HostTree, size: number, classes: number, isLogit: boolean): ReadonlyArray<number> | undefined => {
  // Of one logit a target is yes from 0.5 on, as the metrics have it.
  if (isNumberEach(y, size)) return Array.from(y.data, (label) => isLogit ? Number(label >= 0.5) : label)
  if (!isRowEach(y, classes)) return undefined
  return Array.from({ length: size }, (_, i) => classOf(y.data.subarray(i * classes, (i + 1) * classes)))
}

/** The loss of each example: the mean over its positions, by their weights. */
const perExample = (given: Values, size: number): Tensor => {
  const { values, weight } = weigh("the loss", given, size), rows = (x: Tensor) => reshape(x, [size, -1])
  if (weight === undefined) return mean(rows(values), 1)
  const whole = broadcastTo(weight, values.shape as [number])
  return divNoNan(sum(rows(mul(whole, values)), 1), sum(rows(whole), 1))
}

/** Examines a model on batches of examples, by the weights of one state. */
export const examine = <E, R>(
  batches: Stream.Stream<Batch, E, R>,
  { classes, loss, model }: Examining,
  weights: Lent<Weights<Tree.Tree, Tree.Tree> & { readonly step: number }>
): Effect.Effect<Examined, E | TensorError | DataError, R | Backend> =>
  using(weights, ({ params, state, step }) =>
    Effect.gen(function*() {
      const losses: Array<number> = [], labels: Array<number> = [], scores: Array<NdArray.NdArray> = []
      const targets: Array<number> = [], predictions: Array<number> = []
      let worst: Array<Examination> = []
      yield* Stream.runForEach(batches, ({ size, x, y }) =>
        Effect.map(
          computedCopies("examine", () => {
            const given = toTensors({ x, y }) as { readonly x: Tree.Tree; readonly y: Tree.Tree }
            const [prediction] = model.apply(params, state, given.x, inference)
            return { prediction, losses: perExample(loss(prediction, given.y), size) }
          }),
          (made) => {
            const { losses: found, prediction } = made as {
              readonly losses: NdArray.NdArray
              readonly prediction: HostTree
            }
            const scoresNow = scoresOf(prediction, size, classes)
            const labelsNow = scoresNow && labelsOf(y, size, classes, scoresNow !== prediction)
            const first = losses.length
            if (labelsNow === undefined && isNumberEach(prediction, size) && isNumberEach(y, size)) {
              targets.push(...y.data)
              predictions.push(...prediction.data)
            }
            for (let i = 0; i < size; i++) {
              const cost = found.data[i]!
              losses.push(cost)
              if (scoresNow !== undefined && labelsNow !== undefined) {
                const row = scoresNow.data.subarray(i * classes, (i + 1) * classes)
                labels.push(labelsNow[i]!)
                if (classOf(row) === labelsNow[i]) continue
              }
              if (worst.length === WORST && !(cost > worst.at(-1)!.loss)) continue
              worst.push({
                index: first + i,
                x: slice(x, i),
                y: slice(y, i),
                prediction: slice(prediction, i),
                loss: cost
              })
              worst = worst.sort((a, b) => b.loss - a.loss).slice(0, WORST)
            }
            if (scoresNow !== undefined && labelsNow !== undefined) scores.push(scoresNow)
          }
        ))
      const answers = targets.length === 0 || targets.length < losses.length
        ? {}
        : { targets: Float32Array.from(targets), predictions: Float32Array.from(predictions) }
      const all = { step, size: losses.length, losses: Float32Array.from(losses), worst, ...answers }
      if (scores.length === 0) return all
      const logits = NdArray.concat(scores), truth = Int32Array.from(labels)
      const predicted = Int32Array.from(truth, (_, i) => classOf(logits.data.subarray(i * classes, (i + 1) * classes)))
      return {
        ...all,
        scores: logits,
        labels: truth,
        predicted,
        matrix: confusionMatrix(logits, NdArray.make(truth, [truth.length]))
      }
    }))
