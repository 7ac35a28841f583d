import { cast, engine, zeros, zerosLike } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { asFloat, fail, shapeOf } from "../backend/checks.ts"
import { ctcWasm } from "../backend/kernels/ctc.ts"
import { run } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import { composedGradient, composedLoss } from "./ctcSteps.ts"
import type { Attrs, Inputs } from "./ctcSteps.ts"
import { gradientOf } from "./gradientOf.ts"

/** The options of {@link ctc}. */
export interface CtcOptions {
  /** `[batch, time]`: steps where it is 0 do not count. By default all count. */
  readonly mask?: Tensor
  /** The class that stands for no label, by default 0. */
  readonly blank?: number
}

/**
 * -log p of the labels under all their alignments with the steps, from logits `[batch, time, classes]` and labels
 * `[batch, longest]` to `[batch]`: connectionist temporal classification, Graves et al.: "Connectionist temporal
 * classification: labelling unsegmented sequence data with recurrent neural networks", 2006. An alignment has a label or
 * a blank at each step; labels that stand side by side are one, and blanks are left out. The labels of an example end
 * before the first that is the blank or no class, -1 say. Infinity where there are too few steps, with a gradient of 0;
 * logits may be log probabilities too. Throws for other shapes.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * // Of the four ways through two steps, three give the label 1: "1 1", "1 -" and "- 1".
 * const loss = Ops.ctc(tf.zeros([1, 2, 2]), tf.tensor2d([[1]], [1, 1], "int32"))
 * Math.exp(-loss.dataSync()[0]!).toFixed(4) // => "0.7500"
 * ```
 */
export const ctc = (logits: Tensor, labels: Tensor, { blank = 0, mask }: CtcOptions = {}): Tensor => {
  if (logits.rank !== 3 || logits.shape[2] === 0) fail("ctc", "logits [batch, time, classes]", shapeOf(logits))
  const [batch, time, classes] = logits.shape as [number, number, number]
  if (!(Number.isInteger(blank) && blank >= 0 && blank < classes)) {
    throw new RangeError(`ctc: blank is a class from 0 to ${classes - 1}, got ${blank}`)
  }
  if (labels.rank !== 2 || labels.shape[0] !== batch) fail("ctc", `labels [${batch}, longest]`, shapeOf(labels))
  if (mask !== undefined && (mask.rank !== 2 || mask.shape[0] !== batch || mask.shape[1] !== time)) {
    fail("ctc", `a mask [${batch}, ${time}]`, shapeOf(mask))
  }
  return run(set, FORWARD, {
    logits: asFloat("ctc", "logits", logits),
    labels: labels.dtype === "int32" ? labels : cast(labels, "int32"),
    mask: mask === undefined ? zeros([0]) : asFloat("ctc", "a mask", mask)
  }, { blank })
}

const FORWARD = "Ctc", GRADIENT = "CtcGradient"

const set: KernelSet = {
  gradients: [
    gradientOf(FORWARD, ["logits", "labels", "mask"], (dy, inputs, attrs: Attrs) => ({
      // The kernel has no gradient of its own: on a tape, for a gradient of this gradient, it is composed.
      logits: () =>
        engine().state.gradientDepth > 0
          ? composedGradient(inputs, dy, attrs)
          : run(set, GRADIENT, { dy, ...inputs }, attrs),
      labels: () => zerosLike(cast(inputs.labels, "float32")),
      mask: () => zerosLike(inputs.mask)
    }))
  ],
  kernels: ctcWasm,
  compositions: {
    [FORWARD]: (inputs: Inputs, attrs: Attrs): Tensor => composedLoss(inputs, attrs),
    [GRADIENT]: ({ dy, ...inputs }: Inputs & { readonly dy: Tensor }, attrs: Attrs): Tensor =>
      composedGradient(inputs, dy, attrs)
  }
}
