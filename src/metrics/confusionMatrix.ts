import { Result } from "effect"
import { DataError } from "../core/errors.ts"
import type { NdArray } from "../core/NdArray.ts"
import { format } from "../core/Shape.ts"

/**
 * How often each class was taken for each: int32 `[classes, classes]`, the true class by row, the predicted one by
 * column. Predictions are scores `[n, classes]`, of which the highest wins (the first of equal ones); targets are
 * indices `[n]`, or scores of the same shape, one-hot say.
 *
 * Fails with a `DataError` when the shapes do not fit, and for an index that is no class.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Metrics, NdArray } from "effect-neuron"
 *
 * const scores = NdArray.make([0, 1, 1, 0, 0, 1], [3, 2]), targets = NdArray.make([1, 1, 0], [3])
 * Result.getOrThrow(Metrics.confusionMatrix(scores, targets)).data // => Int32Array.of(0, 1, 1, 1)
 * ```
 */
export const confusionMatrix = (predictions: NdArray, targets: NdArray): Result.Result<NdArray, DataError> => {
  const [n, classes] = predictions.shape
  const fail = (expected: string, actual: string) =>
    Result.fail(new DataError({ source: "confusionMatrix", expected, actual }))
  if (predictions.shape.length !== 2) return fail("predictions [n, classes]", format(predictions.shape))
  const oneHot = targets.shape.length === 2 && targets.shape[1] === classes
  if (targets.shape[0] !== n || !(oneHot || targets.shape.length === 1)) {
    return fail(`targets [${n}] or [${n}, ${classes}]`, format(targets.shape))
  }
  const counts = new Int32Array(classes! * classes!)
  for (let i = 0; i < n!; i++) {
    const truth = oneHot ? argMax(targets.data, i * classes!, classes!) : targets.data[i]!
    if (!(Number.isInteger(truth) && truth >= 0 && truth < classes!)) {
      return fail(`classes 0 to ${classes! - 1}`, `${truth} at ${i}`)
    }
    counts[truth * classes! + argMax(predictions.data, i * classes!, classes!)]! += 1
  }
  return Result.succeed({ data: counts, shape: [classes!, classes!] })
}

const argMax = (data: ArrayLike<number>, start: number, count: number): number => {
  let best = 0
  for (let i = 1; i < count; i++) if (data[start + i]! > data[start + best]!) best = i
  return best
}
