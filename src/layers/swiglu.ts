import { concat, mul, split } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fold } from "../core/Key.ts"
import { boolean, positiveInteger } from "../core/Kind.ts"
import type { Kind } from "../core/Kind.ts"
import { size } from "../core/Shape.ts"
import { zeros } from "../initializers/distributions.ts"
import { initializer } from "../initializers/kind.ts"
import { glorotUniform } from "../initializers/scaled.ts"
import { dense } from "../ops/dense.ts"
import { swish } from "../ops/gelu.ts"
import type { DenseOptions, KernelAndBias } from "./dense.ts"
import { kind } from "./kind.ts"
import { known } from "./Layer.ts"
import type { Empty, Layer } from "./Layer.ts"
import { ofTensor } from "./ofTensor.ts"

/**
 * A gated layer: swish(x W + b) · (x V + c), from `[..., features]` to `[..., units]` (Shazeer: "GLU variants improve
 * transformer", 2020). A {@link dense} layer behind it that goes back to the features makes it the feed-forward part of a
 * transformer. Parameters, with which it takes one product: `kernel` of `[features, 2 * units]`, W and then V, and
 * `bias` of `[2 * units]`. The options are those of {@link dense}. Throws a `RangeError` when `units` is not a positive
 * integer.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * const feedForward = Layers.serial(Layers.swiglu(16, { bias: false }), Layers.dense(6, { bias: false }))
 * const { output, params } = Result.getOrThrow(feedForward.init(Key.make(0), [null, 6]))
 * output // => [null, 6]
 * params[0].kernel.shape // => [6, 32]
 * ```
 */
export const swiglu = /* @__PURE__ */ kind("swiglu", {
  options: {
    units: { type: positiveInteger, bare: true },
    bias: { type: boolean, default: true },
    kernelInitializer: { type: initializer, default: glorotUniform },
    biasInitializer: { type: initializer, default: zeros }
  },
  perStep: true,
  given: (units: number, options: DenseOptions<boolean> = {}) => [{ ...options, units }],
  make: ({ bias, biasInitializer, kernelInitializer, units }) =>
    ofTensor<KernelAndBias<boolean>>({
      name: "swiglu",
      multiplyAdds: ({ kernel }, _, output) => size([kernel.size, ...output.slice(0, -1)]),
      init: (key, input) =>
        Result.map(known("swiglu", "[..., features]", input, 1), ([features]) => {
          // As wide as each of them is, not both.
          const kernels = [0, 1].map((part) => kernelInitializer(fold(key, part), [features, units]))
          const params = { kernel: concat(kernels, 1) }
          return {
            params: bias ? { ...params, bias: biasInitializer(fold(key, 2), [2 * units]) } : params,
            output: [...input.slice(0, -1), units]
          }
        }),
      apply: (params, x) => {
        const [gate, value] = split(dense(x, params.kernel, "bias" in params ? params.bias : undefined), 2, -1)
        return mul(swish(gate!), value!)
      }
    })
}) as
  & (<const B extends boolean = true>(units: number, options?: DenseOptions<B>) => Layer<KernelAndBias<B>, Empty>)
  & Kind
