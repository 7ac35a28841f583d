import { customGrad, engine, exp, log, max, sub, sum } from "@tensorflow/tfjs-core"
import type { GradSaveFunc, Tensor } from "@tensorflow/tfjs-core"
import { hasSoftmaxKernels } from "../backend/kernels/softmax.ts"
import { logSoftmaxGradient } from "./softmaxGradients.ts"

/**
 * log(softmax(x)) along the last axis, as x - max(x) - log Σ exp(x - max(x)): finite for every finite x. Of any shape of
 * rank 1 or more. In place of the stock operation, whose gradient saves its output and so is wrong at second order.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Backend } from "effect-neuron"
 *
 * Backend.logSoftmax(tf.tensor1d([0, 0])).arraySync() // => [Math.fround(-Math.log(2)), Math.fround(-Math.log(2))]
 * ```
 */
export const logSoftmax = (logits: Tensor): Tensor => operation(logits)

const operation = /* @__PURE__ */ customGrad((...args) => {
  const [x, save] = args as [Tensor, GradSaveFunc]
  save([x])
  return {
    value: hasSoftmaxKernels(x) ? engine().runKernel("LogSoftmax", { logits: x }) as Tensor : composed(x),
    gradFunc: (dy: Tensor, saved: Array<Tensor>) => logSoftmaxGradient(dy, saved[0]!)
  }
})

const composed = (x: Tensor): Tensor => {
  const shifted = sub(x, max(x, -1, true))
  return sub(shifted, log(sum(exp(shifted), -1, true)))
}
