import * as tf from "@tensorflow/tfjs-core"
import type { GradConfig, NamedAttrMap, Tensor } from "@tensorflow/tfjs-core"
import { runFused } from "./fused.ts"
import { logSoftmax } from "./softmax.ts"
import { softmaxGradient } from "./softmaxGradients.ts"

// Gradients of the losses that are kernels of this package, by both operands. They are on the tape themselves; what a
// gradient by the target is made of is composed, for a target seldom has one.

type Operands = readonly [first: string, second: string]
type ByOperands = (dy: Tensor, x: Tensor, t: Tensor, attrs: NamedAttrMap) => Tensor

/** The gradients of the gradient by the first operand: by `dy`, and by both. */
type Second = (ddx: Tensor, dy: Tensor, x: Tensor, t: Tensor, attrs: NamedAttrMap) => readonly [
  dy: () => Tensor,
  first: () => Tensor,
  second: () => Tensor
]

const loss = (
  [kernelName, gradientName]: readonly [string, string],
  [first, second]: Operands,
  bySecond: ByOperands,
  ofGradient: Second
): ReadonlyArray<GradConfig> => [
  {
    kernelName,
    inputsToSave: [first, second],
    gradFunc: (dy, saved, attrs) => {
      const x = saved[0]!, t = saved[1]!, d = dy as Tensor
      return {
        [first]: () => runFused(gradientName, { dy: d, [first]: x, [second]: t }, attrs)!,
        [second]: () => bySecond(d, x, t, attrs)
      }
    }
  },
  {
    kernelName: gradientName,
    inputsToSave: ["dy", first, second],
    gradFunc: (ddx, saved, attrs) => {
      const [byDy, byFirst, bySecond] = ofGradient(ddx as Tensor, saved[0]!, saved[1]!, saved[2]!, attrs)
      return { dy: byDy, [first]: byFirst, [second]: bySecond }
    }
  }
]

const smoothed = (target: Tensor, { labelSmoothing }: NamedAttrMap): Tensor => {
  const part = labelSmoothing as number
  return tf.add(tf.mul(target, 1 - part), part / target.shape.at(-1)!)
}

/** The gradient by each example as a factor of its values, of which the loss is the mean. */
const spread = (dy: Tensor, x: Tensor): Tensor =>
  tf.reshape(tf.mul(dy, dy.size / x.size), [...dy.shape, ...x.shape.slice(1).map(() => 1)])

const examples = (x: Tensor): Tensor =>
  x.rank === 1 ? tf.clone(x) : tf.mean(x, x.shape.slice(1).map((_, axis) => axis + 1))

export const losses: ReadonlyArray<GradConfig> = [
  ...loss(
    ["DistributionCrossEntropy", "DistributionCrossEntropyGradient"],
    ["logits", "target"],
    (dy, x, _, { labelSmoothing }) =>
      tf.mul(tf.mul(tf.expandDims(dy, -1), labelSmoothing as number - 1), logSoftmax(x)),
    (ddx, dy, x, target, attrs) => {
      const d = tf.expandDims(dy, -1), t = smoothed(target, attrs)
      const within = () => tf.sub(tf.sum(tf.mul(ddx, tf.softmax(x)), -1, true), ddx)
      return [
        () => tf.sum(tf.mul(ddx, tf.sub(tf.mul(tf.sum(t, -1, true), tf.softmax(x)), t)), -1),
        () => tf.mul(tf.mul(d, tf.sum(t, -1, true)), softmaxGradient(ddx, x)),
        () => tf.mul(tf.mul(d, 1 - (attrs["labelSmoothing"] as number)), within())
      ]
    }
  ),
  ...loss(
    ["SigmoidCrossEntropy", "SigmoidCrossEntropyGradient"],
    ["logits", "target"],
    (dy, x) => tf.neg(tf.mul(spread(dy, x), x)),
    (ddx, dy, x, t) => [
      () => examples(tf.mul(ddx, tf.sub(tf.sigmoid(x), t))),
      () => {
        const y = tf.sigmoid(x)
        return tf.mul(tf.mul(ddx, spread(dy, x)), tf.mul(y, tf.sub(1, y)))
      },
      () => tf.neg(tf.mul(ddx, spread(dy, x)))
    ]
  ),
  ...loss(
    ["MeanSquaredError", "MeanSquaredErrorGradient"],
    ["a", "b"],
    (dy, a, b) => tf.mul(tf.mul(spread(dy, a), 2), tf.sub(b, a)),
    (ddx, dy, a, b) => [
      () => examples(tf.mul(tf.mul(ddx, 2), tf.sub(a, b))),
      () => tf.mul(tf.mul(ddx, 2), spread(dy, a)),
      () => tf.mul(tf.mul(ddx, -2), spread(dy, a))
    ]
  )
]
