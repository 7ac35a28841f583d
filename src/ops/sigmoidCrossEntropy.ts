import {
  abs,
  add,
  engine,
  equal,
  exp,
  log1p,
  mean,
  mul,
  neg,
  relu,
  reshape,
  sigmoid,
  sub,
  where,
  zerosLike
} from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { asFloat, fail, sameShape, shapeOf } from "../backend/checks.ts"
import { sigmoidCrossEntropyWasm } from "../backend/kernels/losses.ts"
import { run } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import { gradientOf } from "./gradientOf.ts"

/**
 * -t log σ(z) - (1 - t) log(1 - σ(z)) of logits z of `[batch, ...]` and targets t from 0 to 1 of the same shape, the
 * mean of each example: from `[batch, ...]` to `[batch]`. What has no part in a target counts nothing, also where the
 * logit is infinite. Throws for other shapes.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.sigmoidCrossEntropy(tf.tensor2d([[100, -100]]), tf.tensor2d([[0, 0]])).arraySync() // => [50]
 * ```
 */
export const sigmoidCrossEntropy = (logits: Tensor, target: Tensor): Tensor => {
  if (logits.rank === 0) fail("sigmoidCrossEntropy", "logits [batch, ...]", shapeOf(logits))
  sameShape("sigmoidCrossEntropy", ["logits", "a target"], logits, target)
  return run(set, FORWARD, {
    logits: asFloat("sigmoidCrossEntropy", "logits", logits),
    target: asFloat("sigmoidCrossEntropy", "a target", target)
  })
}

/** The gradient by each example as a factor of its values, of which the loss is the mean. */
export const spread = (dy: Tensor, x: Tensor): Tensor =>
  reshape(x.size === 0 ? dy : mul(dy, dy.size / x.size), [...dy.shape, ...x.shape.slice(1).map(() => 1)])

/** The mean of each example. */
export const examples = (x: Tensor): Tensor => x.rank === 1 ? x : mean(x, x.shape.slice(1).map((_, axis) => axis + 1))

interface Inputs {
  readonly logits: Tensor
  readonly target: Tensor
}

// t log σ(z) is 0 for t = 0, whatever z is, and so is the other half for t = 1.
const loss = ({ logits: z, target: t }: Inputs): Tensor => {
  const product = (part: Tensor, x: Tensor) => where(equal(part, 0), zerosLike(x), mul(part, x))
  const linear = add(product(t, relu(neg(z))), product(sub(1, t), relu(z)))
  return add(linear, log1p(exp(neg(abs(z)))))
}

const FORWARD = "SigmoidCrossEntropy", GRADIENT = "SigmoidCrossEntropyGradient"

const set: KernelSet = {
  gradients: [
    gradientOf(FORWARD, ["logits", "target"], (dy, inputs) => ({
      logits: () => engine().runKernel(GRADIENT, { dy, ...inputs }, {}) as Tensor,
      target: () => neg(mul(spread(dy, inputs.logits), inputs.logits))
    })),
    gradientOf(GRADIENT, ["dy", "logits", "target"], (ddx, { dy, logits, target }) => ({
      dy: () => examples(mul(ddx, sub(sigmoid(logits), target))),
      logits: () => {
        const y = sigmoid(logits)
        return mul(mul(ddx, spread(dy, logits)), mul(y, sub(1, y)))
      },
      target: () => neg(mul(ddx, spread(dy, logits)))
    }))
  ],
  kernels: sigmoidCrossEntropyWasm,
  compositions: {
    [FORWARD]: (inputs: Inputs): Tensor => examples(loss(inputs)),
    [GRADIENT]: ({ dy, logits, target }: Inputs & { readonly dy: Tensor }): Tensor =>
      mul(spread(dy, logits), sub(sigmoid(logits), target))
  }
}
