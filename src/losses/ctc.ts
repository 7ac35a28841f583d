import { cast, less } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { fail, shapeOf } from "../backend/checks.ts"
import { isTensor } from "../core/Tree.ts"
import type { Masked } from "../layers/lambda.ts"
import { ctc as ctcOf } from "../ops/ctc.ts"
import { known } from "./labels.ts"
import { float } from "./weighted.ts"
import type { Values, Weighted } from "./weighted.ts"

/** The options of {@link ctc}. */
export interface CtcOptions {
  /** The class that stands for no label, by default 0. */
  readonly blank?: number
  /** Whether an example that has too few steps for its labels counts nothing. By default it fails. */
  readonly skipImpossible?: boolean
}

/** What {@link ctc} is: with weights beside the values where examples can be skipped. */
export interface Ctc {
  (
    prediction: Tensor | Masked,
    target: Tensor,
    options?: Omit<CtcOptions, "skipImpossible"> & { readonly skipImpossible?: false }
  ): Tensor
  (prediction: Tensor | Masked, target: Tensor, options: CtcOptions): Values
}

/** How many steps labels take: one each, and one for the blank between two that are the same. */
const stepsOf = (labels: ArrayLike<number>): number => {
  let steps = labels.length
  for (let i = 1; i < labels.length; i++) if (labels[i] === labels[i - 1]) steps++
  return steps
}

/** Throws a `RangeError` for labels that are none, and for an example with too few steps, unless it may have them. */
const check = (
  labels: Tensor,
  steps: (example: number) => number,
  { blank, classes, skipImpossible }: {
    readonly blank: number
    readonly classes: number
    readonly skipImpossible: boolean
  }
): void => {
  const all = known(labels), longest = labels.shape[1]!
  if (all === undefined) return
  for (let example = 0; example < labels.shape[0]!; example++) {
    const row = Array.from({ length: longest }, (_, i) => all[example * longest + i]!)
    const ends = row.findIndex((label) => label === blank || label === -1), own = ends < 0 ? row : row.slice(0, ends)
    const wrong = own.find((label) => !(Number.isInteger(label) && label >= 0 && label < classes)) ??
      row.slice(own.length).find((label) => label !== blank && label !== -1)
    if (wrong !== undefined) {
      throw new RangeError(
        `ctc expects labels from 0 to ${classes - 1}, then -1 or ${blank} (blank) to the end, got [${row.join(", ")}]`
      )
    }
    if (skipImpossible || stepsOf(own) <= steps(example)) continue
    throw new RangeError(
      `ctc expects at least ${stepsOf(own)} steps for the labels [${own.join(", ")}] of example ${example}, got ${
        steps(example)
      }`
    )
  }
}

/** The number of steps of each example that count, where it can be had without waiting. */
const counted = (prediction: Tensor | Masked): (example: number) => number => {
  if (isTensor(prediction)) return () => prediction.shape[1]!
  const { mask } = prediction, values = known(mask), time = mask.shape[1]!
  return (example) =>
    values === undefined
      ? Infinity
      : Array.from({ length: time }, (_, i) => values[example * time + i]!).filter((weight) => weight > 0).length
}

/**
 * -log p of the labels of each example under all their alignments with the steps (connectionist temporal
 * classification; Graves et al.: "Connectionist temporal classification: labelling unsegmented sequence data with
 * recurrent neural networks", 2006): the loss of speech and handwriting, where labels are fewer than steps and nobody
 * says where they are. The prediction is logits `[batch, time, classes]`, one of the classes the blank, or `{ x, mask }`
 * of them, of which steps count where the mask, `[batch, time]`, is above 0. The target is labels `[batch, longest]`,
 * filled up with -1 or the blank. Gives one value for each example, `[batch]`, which is not divided by the number of its
 * labels.
 *
 * An example that has too few steps for its labels (one for each, and one between two that are the same) has no
 * alignment: it fails, or counts nothing with `skipImpossible`. Throws a `RangeError` for that and for labels that are
 * none (which on a GPU are only looked at where a step uploads them), and a `ShapeError` for other shapes.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Losses } from "effect-neuron"
 *
 * // Of the four ways through two steps, three give the label 1: "1 1", "1 -" and "- 1".
 * const loss = Losses.ctc(tf.zeros([1, 2, 2]), tf.tensor2d([[1, -1]], [1, 2], "int32"))
 * Math.exp(-loss.dataSync()[0]!).toFixed(4) // => "0.7500"
 * ```
 */
export const ctc: Ctc = ((
  prediction: Tensor | Masked,
  target: Tensor,
  { blank = 0, skipImpossible = false }: CtcOptions = {}
): Tensor | Weighted => {
  const { mask, x } = isTensor(prediction) ? { x: prediction, mask: undefined } : prediction
  if (target.rank !== 2) fail("ctc", "labels [batch, longest]", shapeOf(target))
  const values = ctcOf(float(x), target, { blank, ...(mask === undefined ? {} : { mask }) })
  check(target, counted(prediction), { blank, classes: x.shape[2]!, skipImpossible })
  if (!skipImpossible) return values
  return { values, weight: cast(less(values, Infinity), "float32") }
}) as Ctc
