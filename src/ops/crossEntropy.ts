import { customGrad, engine, expandDims, mul, oneHot, softmax, sub, sum } from "@tensorflow/tfjs-core"
import type { GradSaveFunc, Tensor } from "@tensorflow/tfjs-core"
import { hasSoftmaxKernels } from "../backend/kernels/softmax.ts"
import { logSoftmax } from "./softmax.ts"

/**
 * -Σ target · log softmax(logits) over the classes, the last axis, for class indices of int32: the target is
 * `1 - labelSmoothing` for the class, and `labelSmoothing / classes` more for each class. One operation, whose gradient
 * takes half the kernels of those of its parts, and one kernel where the companion module is there. It saves inputs only,
 * so that it can be differentiated again.
 */
export const crossEntropy = (logits: Tensor, classes: Tensor, labelSmoothing: number): Tensor =>
  hasSoftmaxKernels(logits)
    ? fused(logits, classes, labelSmoothing)
    : composed(logits, weightsOf(classes, logits.shape.at(-1)!, labelSmoothing))

// The weights of log softmax have the sign of the loss, which costs nothing in a one-hot.
const weightsOf = (classes: Tensor, depth: number, labelSmoothing: number): Tensor => {
  const spread = labelSmoothing / depth
  return oneHot(classes, depth, labelSmoothing - 1 - spread, -spread, "float32")
}

const composed = (logits: Tensor, weights: Tensor): Tensor =>
  customGrad((...args) => {
    const [x, save] = args as [Tensor, GradSaveFunc]
    save([x, weights])
    return {
      value: sum(mul(weights, logSoftmax(x)), -1),
      gradFunc: (dy: Tensor, saved: Array<Tensor>) => mul(expandDims(dy, -1), slope(saved[0]!, saved[1]!))
    }
  })(logits)

/** The gradient of a loss by its logits. */
const slope = (x: Tensor, weights: Tensor): Tensor => sub(weights, mul(sum(weights, -1, true), softmax(x)))

const fused = (logits: Tensor, classes: Tensor, labelSmoothing: number): Tensor =>
  customGrad((...args) => {
    const [x, save] = args as [Tensor, GradSaveFunc]
    save([x, classes])
    return {
      value: engine().runKernel("SoftmaxCrossEntropy", { logits: x, classes }, { labelSmoothing }) as Tensor,
      gradFunc: (dy: Tensor, saved: Array<Tensor>) => fusedGradient(dy, saved[0]!, saved[1]!, labelSmoothing)
    }
  })(logits)

// The gradient of the gradient is composed.
const fusedGradient = (dy: Tensor, logits: Tensor, classes: Tensor, labelSmoothing: number): Tensor =>
  customGrad((...args) => {
    const [d, x, save] = args as [Tensor, Tensor, GradSaveFunc]
    save([d, x, classes])
    return {
      value: engine().runKernel("SoftmaxCrossEntropyGrad", { dy: d, logits: x, classes }, { labelSmoothing }) as Tensor,
      gradFunc: (ddx: Tensor, saved: Array<Tensor>) => {
        const [d, x, classes] = saved as [Tensor, Tensor, Tensor]
        const weights = weightsOf(classes, x.shape.at(-1)!, labelSmoothing)
        const y = softmax(x), weighted = mul(ddx, y)
        const byLogits = sub(mul(sum(weighted, -1, true), y), weighted)
        return [
          sum(mul(ddx, slope(x, weights)), -1),
          mul(mul(expandDims(d, -1), sum(weights, -1, true)), byLogits)
        ]
      }
    }
  })(dy, logits)
