import { mul, softmax, sub, sum } from "@tensorflow/tfjs-core"
import type { GradConfig, Tensor } from "@tensorflow/tfjs-core"
import { runFused } from "./fused.ts"

// Along the last axis, as the operation demands. In one kernel where the backend has it.

/** With y = softmax(x): y (dy - Σ dy y), the product of dy and a matrix that is its own transpose. */
export const softmaxGradient = (dy: Tensor, x: Tensor): Tensor => {
  const fused = runFused("SoftmaxGradient", { dy, x })
  if (fused !== undefined) return fused
  const y = softmax(x), weighted = mul(dy, y)
  return sub(weighted, mul(sum(weighted, -1, true), y))
}

/** dy - softmax(x) Σ dy. */
export const logSoftmaxGradient = (dy: Tensor, x: Tensor): Tensor =>
  runFused("LogSoftmaxGradient", { dy, x }) ?? sub(dy, mul(sum(dy, -1, true), softmax(x)))

/** Gradients of softmax and of its gradient kernels. */
export const softmaxes: ReadonlyArray<GradConfig> = [
  {
    kernelName: "Softmax",
    inputsToSave: ["logits"],
    gradFunc: (dy, saved) => ({ logits: () => softmaxGradient(dy as Tensor, saved[0]!) })
  },
  {
    kernelName: "SoftmaxGradient",
    inputsToSave: ["dy", "x"],
    gradFunc: (ddx, saved) => {
      const dy = saved[0]!, x = saved[1]!, d = ddx as Tensor
      return {
        dy: () => softmaxGradient(d, x),
        x: () => {
          const y = softmax(x), within = sub(dy, sum(mul(dy, y), -1, true))
          return softmaxGradient(sub(mul(d, within), mul(dy, sum(mul(d, y), -1, true))), x)
        }
      }
    }
  },
  {
    kernelName: "LogSoftmaxGradient",
    inputsToSave: ["dy", "x"],
    gradFunc: (ddx, saved) => {
      const dy = saved[0]!, x = saved[1]!, d = ddx as Tensor
      return {
        dy: () => sub(d, sum(mul(d, softmax(x)), -1, true)),
        x: () => mul(sum(dy, -1, true), softmaxGradient(mul(d, -1), x))
      }
    }
  }
]
