import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fold } from "../core/Key.ts"
import { boolean, positiveInteger } from "../core/Kind.ts"
import type { Kind } from "../core/Kind.ts"
import { size } from "../core/Shape.ts"
import { zeros } from "../initializers/distributions.ts"
import { initializer } from "../initializers/kind.ts"
import type { Initializer } from "../initializers/kind.ts"
import { glorotUniform } from "../initializers/scaled.ts"
import { dense as denseOf } from "../ops/dense.ts"
import { rectifiable } from "./fusion.ts"
import { kind } from "./kind.ts"
import { known } from "./Layer.ts"
import type { Empty, Layer } from "./Layer.ts"
import { ofTensor } from "./ofTensor.ts"

/** The parameters of a layer that multiplies by a kernel and adds a bias; there is none when `B` is `false`. */
export type KernelAndBias<B extends boolean = true> = B extends true ?
  { readonly kernel: Tensor; readonly bias: Tensor }
  : { readonly kernel: Tensor }

/** The options of {@link dense}. */
export interface DenseOptions<B extends boolean = true> {
  /** Whether a bias is added; by default it is. */
  readonly bias?: B
  /** By default `glorotUniform`. */
  readonly kernelInitializer?: Initializer
  /** By default `zeros`. */
  readonly biasInitializer?: Initializer
}

/**
 * A fully connected layer: `x @ kernel + bias` along the last axis, from `[..., features]` to `[..., units]`; a
 * sequence `[time, features]` is mapped step by step with the same weights. Parameters: `kernel` of `[features,
 * units]`, `bias` of `[units]`. Throws a `RangeError` when `units` is not a positive integer.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const params = { kernel: tf.tensor2d([[1], [10]]), bias: tf.tensor1d([100]) }
 * const [y] = Layers.dense(1).apply(params, {}, tf.tensor2d([[2, 3]]), { training: false, key: Key.make(0) })
 * y.arraySync() // => [[132]]
 * ```
 */
export const dense = /* @__PURE__ */ kind("dense", {
  options: {
    units: { type: positiveInteger, bare: true },
    bias: { type: boolean, default: true },
    kernelInitializer: { type: initializer, default: glorotUniform },
    biasInitializer: { type: initializer, default: zeros }
  },
  perStep: true,
  given: (units: number, options: DenseOptions<boolean> = {}) => [{ ...options, units }],
  make: ({ bias, biasInitializer, kernelInitializer, units }) => {
    const apply = (params: KernelAndBias<boolean>, x: Tensor, slope?: number): Tensor =>
      denseOf(x, params.kernel, "bias" in params ? params.bias : undefined, slope)
    const layer = ofTensor<KernelAndBias<boolean>>({
      name: "dense",
      multiplyAdds: ({ kernel }, _, output) => size([kernel.size, ...output.slice(0, -1)]),
      init: (key, input) => {
        return Result.map(known("dense", "[..., features]", input, 1), ([features]) => {
          const kernel = kernelInitializer(fold(key, 0), [features, units])
          const params = bias ? { kernel, bias: biasInitializer(fold(key, 1), [units]) } : { kernel }
          return { params, output: [...input.slice(0, -1), units] }
        })
      },
      apply: (params, x) => apply(params, x)
    })
    return rectifiable(layer, (params, state, x, _, slope) => [apply(params, x, slope), state])
  }
}) as
  & (<const B extends boolean = true>(units: number, options?: DenseOptions<B>) => Layer<KernelAndBias<B>, Empty>)
  & Kind
