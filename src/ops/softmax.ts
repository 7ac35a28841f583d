import { engine, exp, log, max, mul, softmax as softmaxOf, sub, sum } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { asFloat, fail, shapeOf } from "../backend/checks.ts"
import { logSoftmaxGradientWasm, logSoftmaxWasm, softmaxGradientWasm, softmaxWasm } from "../backend/kernels/softmax.ts"
import { run } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import { gradientOf } from "./gradientOf.ts"

const classes = (operation: string, x: Tensor): Tensor =>
  x.rank === 0 || x.shape.at(-1) === 0 ? fail(operation, "x [..., classes]", shapeOf(x)) : asFloat(operation, "x", x)

/**
 * exp(x) / Σ exp(x) along the last axis. Of any shape of rank 1 or more; throws for others, and where there are no
 * classes.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.softmax(tf.tensor1d([7, 7])).arraySync() // => [0.5, 0.5]
 * ```
 */
export const softmax = (x: Tensor): Tensor =>
  run(softmaxes, "Softmax", { logits: classes("softmax", x) }, { dim: x.rank - 1 })

/**
 * log(softmax(x)) along the last axis, as x - max(x) - log Σ exp(x - max(x)): finite for every finite x. Of any shape
 * of rank 1 or more; throws for others. In place of the stock operation, whose gradient saves its output and so is
 * wrong at second order.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.logSoftmax(tf.tensor1d([0, 0])).arraySync() // => [Math.fround(-Math.log(2)), Math.fround(-Math.log(2))]
 * ```
 */
export const logSoftmax = (x: Tensor): Tensor => run(softmaxes, "LogSoftmax", { logits: classes("logSoftmax", x) })

interface Incoming {
  readonly dy: Tensor
  readonly x: Tensor
}

/** With y = softmax(x): y (dy - Σ dy y), the product of dy and a matrix that is its own transpose. */
export const softmaxGradient = (dy: Tensor, x: Tensor): Tensor => engine().runKernel("SoftmaxGradient", { dy, x }, {})

const logSoftmaxGradient = (dy: Tensor, x: Tensor): Tensor => engine().runKernel("LogSoftmaxGradient", { dy, x }, {})

/** Softmax and its gradients, along the last axis, as TensorFlow.js demands. */
export const softmaxes: KernelSet = {
  gradients: [
    gradientOf("Softmax", ["logits"], (dy, { logits }) => ({ logits: () => softmaxGradient(dy, logits) })),
    gradientOf("LogSoftmax", ["logits"], (dy, { logits }) => ({ logits: () => logSoftmaxGradient(dy, logits) })),
    gradientOf("SoftmaxGradient", ["dy", "x"], (ddx, { dy, x }) => ({
      dy: () => softmaxGradient(ddx, x),
      x: () => {
        const y = softmaxOf(x), within = sub(dy, sum(mul(dy, y), -1, true))
        return softmaxGradient(sub(mul(ddx, within), mul(dy, sum(mul(ddx, y), -1, true))), x)
      }
    })),
    gradientOf("LogSoftmaxGradient", ["dy", "x"], (ddx, { dy, x }) => ({
      dy: () => sub(ddx, sum(mul(ddx, softmaxOf(x)), -1, true)),
      x: () => mul(sum(dy, -1, true), softmaxGradient(mul(ddx, -1), x))
    }))
  ],
  kernels: [softmaxWasm, logSoftmaxWasm, softmaxGradientWasm, logSoftmaxGradientWasm],
  compositions: {
    LogSoftmax: ({ logits }: { readonly logits: Tensor }): Tensor => {
      const shifted = sub(logits, max(logits, -1, true))
      return sub(shifted, log(sum(exp(shifted), -1, true)))
    },
    SoftmaxGradient: ({ dy, x }: Incoming): Tensor => {
      const y = softmaxOf(x), weighted = mul(dy, y)
      return sub(weighted, mul(sum(weighted, -1, true), y))
    },
    LogSoftmaxGradient: ({ dy, x }: Incoming): Tensor => sub(dy, mul(sum(dy, -1, true), softmaxOf(x)))
  }
}
