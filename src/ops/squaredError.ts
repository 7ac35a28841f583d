import { engine, mul, squaredDifference, sub } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { asFloat, fail, sameShape, shapeOf } from "../backend/checks.ts"
import { squaredErrorWasm } from "../backend/kernels/losses.ts"
import { run } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import { gradientOf } from "./gradientOf.ts"
import { examples, spread } from "./sigmoidCrossEntropy.ts"

/**
 * (a - b)², the mean of each example: from two tensors of one shape `[batch, ...]` to `[batch]`. Throws for other
 * shapes.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.squaredError(tf.tensor2d([[1, 2]]), tf.tensor2d([[1, 4]])).arraySync() // => [2]
 * ```
 */
export const squaredError = (a: Tensor, b: Tensor): Tensor => {
  if (a.rank === 0) fail("squaredError", "tensors [batch, ...]", shapeOf(a))
  sameShape("squaredError", ["a", "b"], a, b)
  return run(set, FORWARD, { a: asFloat("squaredError", "a", a), b: asFloat("squaredError", "b", b) })
}

interface Inputs {
  readonly a: Tensor
  readonly b: Tensor
}

const FORWARD = "MeanSquaredError", GRADIENT = "MeanSquaredErrorGradient"

const set: KernelSet = {
  gradients: [
    gradientOf(FORWARD, ["a", "b"], (dy, { a, b }) => ({
      a: () => engine().runKernel(GRADIENT, { dy, a, b }, {}) as Tensor,
      b: () => engine().runKernel(GRADIENT, { dy, a: b, b: a }, {}) as Tensor
    })),
    gradientOf(GRADIENT, ["dy", "a", "b"], (ddx, { a, b, dy }) => ({
      dy: () => examples(mul(mul(ddx, 2), sub(a, b))),
      a: () => mul(mul(ddx, 2), spread(dy, a)),
      b: () => mul(mul(ddx, -2), spread(dy, a))
    }))
  ],
  kernels: squaredErrorWasm,
  compositions: {
    [FORWARD]: ({ a, b }: Inputs): Tensor => examples(squaredDifference(a, b)),
    [GRADIENT]: ({ a, b, dy }: Inputs & { readonly dy: Tensor }): Tensor => mul(mul(spread(dy, a), 2), sub(a, b))
  }
}
