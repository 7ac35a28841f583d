import { Effect, Stream } from "effect"
import type { Backend } from "../../../backend/Backend.ts"
import type { DataError, TensorError } from "../../../core/errors.ts"
import * as NdArray from "../../../core/NdArray.ts"
import { softmax } from "../../../core/softmax.ts"
import type { Layer } from "../../../layers/Layer.ts"
import { confusionMatrix } from "../../../metrics/confusionMatrix.ts"
import type { ConfusionMatrix } from "../../../metrics/confusionMatrix.ts"
import * as Pipeline from "../../../pipeline/index.ts"
import * as Train from "../../../train/index.ts"
import type { Images } from "../../data.ts"
import type { Loaded } from "../../loadRun.ts"
import type { ByLayer } from "../../models.ts"

const BATCH = 250, WORST = 24

/** A test image that was taken for what it is not. */
export interface Mistake {
  /** Its place in the test set, from 0. */
  readonly index: number
  /** `[height, width, channels]` of bytes. */
  readonly image: NdArray.NdArray
  readonly label: number
  readonly predicted: number
  readonly probabilities: ReadonlyArray<number>
  /** Its cross-entropy, -log of the probability of its label. */
  readonly loss: number
}

/** How a model does on the test set. */
export interface Tested {
  /** The step after which the weights were saved. */
  readonly step: number
  readonly classes: ReadonlyArray<string>
  /** The mean cross-entropy. */
  readonly loss: number
  readonly matrix: ConfusionMatrix
  /** The mistakes with the highest loss, at most 24, worst first. */
  readonly mistakes: ReadonlyArray<Mistake>
}

/** -log softmax(logits)[label], finite for all finite logits. */
const crossEntropy = (logits: ArrayLike<number>, label: number): number => {
  const values = Array.from(logits), top = Math.max(...values)
  return Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0)) + top - values[label]!
}

/** Tests a model on all examples of a test set, one by one. */
export const testModel = (
  model: Layer<ByLayer, ByLayer>,
  weights: Loaded["weights"],
  dataset: Images
): Effect.Effect<Tested, DataError | TensorError, Backend> =>
  Effect.gen(function*() {
    const scores: Array<NdArray.NdArray> = [], labels: Array<number> = []
    let total = 0, mistakes: Array<Mistake> = []
    yield* dataset.test.pipe(
      Pipeline.batch(BATCH),
      Train.predict(model, weights, { withBatch: true }),
      Stream.runForEach(({ prediction: logits, size, x, y }) =>
        Effect.sync(() => {
          const [, ...shape] = x.shape, pixels = x.data.length / size, width = logits.data.length / size
          for (let i = 0; i < size; i++) {
            const row = logits.data.subarray(i * width, (i + 1) * width), label = y.data[i]!
            const loss = crossEntropy(row, label), predicted = row.indexOf(Math.max(...row))
            total += loss
            if (predicted !== label) {
              const image = { data: x.data.slice(i * pixels, (i + 1) * pixels), shape }
              const probabilities = softmax(row)
              mistakes.push({ index: labels.length, image, label, predicted, probabilities, loss })
            }
            labels.push(label)
          }
          mistakes = mistakes.sort((a, b) => b.loss - a.loss).slice(0, WORST)
          scores.push(logits)
        })
      )
    )
    const matrix = confusionMatrix(NdArray.concat(scores), NdArray.make(Int32Array.from(labels), [labels.length]))
    return { step: weights.step, classes: dataset.classes, loss: total / labels.length, matrix, mistakes }
  })
