import {
  add,
  cast,
  engine,
  equal,
  expandDims,
  logicalAnd,
  mul,
  oneHot,
  softmax,
  sub,
  sum,
  where,
  zerosLike
} from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { asFloat, fail, sameShape, shapeOf } from "../backend/checks.ts"
import { crossEntropyWasm, distributionCrossEntropyWasm } from "../backend/kernels/losses.ts"
import { run } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import { gradientOf } from "./gradientOf.ts"
import { logSoftmax, softmaxGradient } from "./softmax.ts"

/** The options of {@link crossEntropy}. */
export interface CrossEntropyOptions {
  /** What part of the target is spread evenly over all classes, from 0 to 1, by default 0. */
  readonly labelSmoothing?: number
}

/**
 * -Σ target · log softmax(logits) over the classes, the last axis, from logits of `[..., classes]` to `[...]`. The
 * target is the index of a class, of `[...]`, or a distribution over the classes, of `[..., classes]`. Classes that are
 * not in the target count nothing, also where their logit is -Infinity. An index outside of `[0, classes)` is no class:
 * without label smoothing it adds nothing. Finite for all finite logits, as long as float32 can hold their differences.
 *
 * Label smoothing is of Szegedy et al.: "Rethinking the Inception architecture for computer vision", 2016. Throws for
 * other shapes, and a `RangeError` for a smoothing outside of `[0, 1]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * const logits = tf.tensor2d([[1000, 0], [0, 1000]])
 * Ops.crossEntropy(logits, tf.tensor1d([0, 0], "int32")).arraySync() // => [0, 1000]
 * Ops.crossEntropy(logits, tf.tensor2d([[1, 0], [0.5, 0.5]])).arraySync() // => [0, 500]
 * ```
 */
export const crossEntropy = (
  logits: Tensor,
  target: Tensor,
  { labelSmoothing = 0 }: CrossEntropyOptions = {}
): Tensor => {
  if (logits.rank === 0 || logits.shape.at(-1) === 0) fail("crossEntropy", "logits [..., classes]", shapeOf(logits))
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new RangeError(`crossEntropy: labelSmoothing is from 0 to 1, got ${labelSmoothing}`)
  }
  const x = asFloat("crossEntropy", "logits", logits)
  if (target.rank === logits.rank) {
    sameShape("crossEntropy", ["logits", "a distribution"], logits, target)
    return run(set, "DistributionCrossEntropy", { logits: x, target: asFloat("crossEntropy", "a target", target) }, {
      labelSmoothing
    })
  }
  if (target.rank !== logits.rank - 1 || !target.shape.every((n, axis) => n === logits.shape[axis])) {
    const expected = `a target ${shapeOf({ shape: logits.shape.slice(0, -1) })} of classes or ${shapeOf(logits)}`
    fail("crossEntropy", `${expected} for its logits`, shapeOf(target))
  }
  const classes = target.dtype === "int32" ? target : cast(target, "int32")
  return run(set, "SoftmaxCrossEntropy", { logits: x, classes }, { labelSmoothing })
}

interface Attrs {
  readonly labelSmoothing: number
}

/** The target of each class. By its kernel: the operation refuses a depth of 1. */
const weightsOf = (classes: Tensor, depth: number, labelSmoothing: number): Tensor => {
  const spread = labelSmoothing / depth, onValue = 1 - labelSmoothing + spread
  return depth > 1
    ? oneHot(classes, depth, onValue, spread, "float32")
    : engine().runKernel("OneHot", { indices: classes }, { depth, onValue, offValue: spread, dtype: "float32" })
}

const smoothed = (target: Tensor, { labelSmoothing }: Attrs): Tensor =>
  labelSmoothing === 0 ? target : add(mul(target, 1 - labelSmoothing), labelSmoothing / target.shape.at(-1)!)

/** A class without a part in the target counts nothing, not even 0 times infinity; NaN is carried on. */
const loss = (x: Tensor, weights: Tensor): Tensor => {
  const terms = mul(weights, logSoftmax(x))
  return mul(sum(where(logicalAnd(equal(weights, 0), equal(x, x)), zerosLike(terms), terms), -1), -1)
}

/** The gradient of the loss by the logits. */
const slope = (x: Tensor, weights: Tensor): Tensor => sub(mul(sum(weights, -1, true), softmax(x)), weights)

/** The gradients of the gradient by logits, d · slope, by d and by the logits. */
const ofSlope = (ddx: Tensor, dy: Tensor, x: Tensor, weights: () => Tensor) => ({
  dy: () => sum(mul(ddx, slope(x, weights())), -1),
  logits: () => mul(mul(expandDims(dy, -1), sum(weights(), -1, true)), softmaxGradient(ddx, x))
})

interface ByClass {
  readonly logits: Tensor
  readonly classes: Tensor
}

/** The gradient by logits of {@link crossEntropy} of one class for each row, which has a gradient itself. */
export const byClassGradient = (inputs: ByClass & { readonly dy: Tensor }, attrs: CrossEntropyOptions): Tensor =>
  run(set, BY_CLASS_GRADIENT, { ...inputs }, attrs)

interface ByTarget {
  readonly logits: Tensor
  readonly target: Tensor
}

const BY_CLASS = "SoftmaxCrossEntropy", BY_CLASS_GRADIENT = "SoftmaxCrossEntropyGradient"
const BY_TARGET = "DistributionCrossEntropy", BY_TARGET_GRADIENT = "DistributionCrossEntropyGradient"

const set: KernelSet = {
  gradients: [
    gradientOf(BY_CLASS, ["logits", "classes"], (dy, inputs, attrs) => ({
      logits: () => engine().runKernel(BY_CLASS_GRADIENT, { dy, ...inputs }, attrs) as Tensor,
      classes: () => zerosLike(cast(inputs.classes, "float32"))
    })),
    gradientOf(BY_CLASS_GRADIENT, ["dy", "logits", "classes"], (ddx, { classes, dy, logits }, attrs: Attrs) => ({
      ...ofSlope(ddx, dy, logits, () => weightsOf(classes, logits.shape.at(-1)!, attrs.labelSmoothing)),
      classes: () => zerosLike(cast(classes, "float32"))
    })),
    gradientOf(BY_TARGET, ["logits", "target"], (dy, inputs, attrs) => ({
      logits: () => engine().runKernel(BY_TARGET_GRADIENT, { dy, ...inputs }, attrs) as Tensor,
      // A target seldom has a gradient: it is composed.
      target: () => mul(mul(expandDims(dy, -1), (attrs["labelSmoothing"] as number) - 1), logSoftmax(inputs.logits))
    })),
    gradientOf(BY_TARGET_GRADIENT, ["dy", "logits", "target"], (ddx, { dy, logits, target }, attrs: Attrs) => ({
      ...ofSlope(ddx, dy, logits, () => smoothed(target, attrs)),
      target: () => {
        const within = sub(sum(mul(ddx, softmax(logits)), -1, true), ddx)
        return mul(mul(expandDims(dy, -1), 1 - attrs.labelSmoothing), within)
      }
    }))
  ],
  kernels: [...crossEntropyWasm, ...distributionCrossEntropyWasm],
  compositions: {
    [BY_CLASS]: ({ classes, logits }: ByClass, { labelSmoothing }: Attrs): Tensor =>
      loss(logits, weightsOf(classes, logits.shape.at(-1)!, labelSmoothing)),
    [BY_CLASS_GRADIENT]: ({ classes, dy, logits }: ByClass & { readonly dy: Tensor }, attrs: Attrs): Tensor =>
      mul(expandDims(dy, -1), slope(logits, weightsOf(classes, logits.shape.at(-1)!, attrs.labelSmoothing))),
    [BY_TARGET]: ({ logits, target }: ByTarget, attrs: Attrs): Tensor => loss(logits, smoothed(target, attrs)),
    [BY_TARGET_GRADIENT]: ({ dy, logits, target }: ByTarget & { readonly dy: Tensor }, attrs: Attrs): Tensor =>
      mul(expandDims(dy, -1), slope(logits, smoothed(target, attrs)))
  }
}
