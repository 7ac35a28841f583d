import { cast, concat, reshape, split } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fail, shapeOf } from "../backend/checks.ts"
import { refuse } from "../core/check.ts"
import type { ShapeError } from "../core/errors.ts"
import { fold } from "../core/Key.ts"
import { boolean, oneOf, positive, positiveInteger } from "../core/Kind.ts"
import type { Kind, Values } from "../core/Kind.ts"
import type { Shape } from "../core/Shape.ts"
import { zeros } from "../initializers/distributions.ts"
import { initializer } from "../initializers/kind.ts"
import type { Initializer } from "../initializers/kind.ts"
import { glorotUniform } from "../initializers/scaled.ts"
import { attention as attend } from "../ops/attention.ts"
import { attentionWeights } from "../ops/attentionWeights.ts"
import { dense } from "../ops/dense.ts"
import { rotary } from "../ops/rotary.ts"
import { constant } from "./allowance.ts"
import { biasOf, BUCKETS, slopesOf } from "./distances.ts"
import { rates } from "./dropout.ts"
import { carriedKeys, carriedOn, following, noKeys } from "./keysAndValues.ts"
import type { AttentionState } from "./keysAndValues.ts"
import { kind } from "./kind.ts"
import { known, make, mismatch } from "./Layer.ts"
import type { Empty, Layer } from "./Layer.ts"
import { inPlaceOf, partsIn, shapeIn } from "./masked.ts"
import type { Sequence } from "./masked.ts"
import { statefulness } from "./options.ts"

/** A product of attention: a `kernel` of `[features, units]`, and a `bias` of `[units]` where there is one. */
export type Projection = { readonly kernel: Tensor; readonly bias?: Tensor }

/** The parameters of {@link attention}. */
export type AttentionParams = {
  /** Of the queries of all heads, then of the keys, then of the values: `[features, (heads + 2 keyHeads) * size]`. */
  readonly qkv: Projection
  /** Of what all heads give: `[heads * size, features]`. */
  readonly output: Projection
  /** `[32, heads]`, of relative positions. */
  readonly relativeBias?: Tensor
}

/** How attention knows where a key stands. */
export type Positions = "rotary" | "alibi" | "relative"

/** What {@link attention} and {@link crossAttention} have in common. */
export interface HeadOptions {
  readonly heads: number
  /** How many heads keys and values have, a divisor of `heads`: neighbors share one. By default as many. */
  readonly keyHeads?: number
  /** How many values a head has, by default the features divided by the heads. */
  readonly size?: number
  /** The probability with which the weight of a key is dropped in training, by default 0. */
  readonly dropout?: number
  /** Whether products have biases; by default they do. */
  readonly bias?: boolean
  /** By default `glorotUniform`, of queries, keys and values each. */
  readonly kernelInitializer?: Initializer
  /** By default `zeros`. */
  readonly biasInitializer?: Initializer
}

/** The options of {@link attention}. */
export interface AttentionOptions extends HeadOptions {
  /** Whether a step sees only itself and those before it. By default false. */
  readonly causal?: boolean
  /** How many steps a step sees: the last so many if it is causal, else itself and so many to each side. */
  readonly window?: number
  /** By default attention knows nothing of positions: see {@link positions}. */
  readonly positions?: Positions
  /** What the wavelengths of rotary positions grow with, by default 10000. */
  readonly base?: number
  /**
   * Whether keys and values are carried from one batch to the next, in the running state: for a batch of any size,
   * with no example at first, or, with a window, for as many examples as this says. By default false; see {@link
   * stateful} and {@link AttentionState}.
   */
  readonly stateful?: boolean | number
}

/** The options that kinds of attention have in common. */
export const headOptions = {
  heads: { type: positiveInteger },
  keyHeads: { type: positiveInteger, optional: true },
  size: { type: positiveInteger, optional: true }
} as const

export const otherOptions = {
  dropout: { type: rates, default: 0 },
  bias: { type: boolean, default: true },
  kernelInitializer: { type: initializer, default: glorotUniform },
  biasInitializer: { type: initializer, default: zeros }
} as const

type Heads = Values<typeof headOptions>
type Others = Values<typeof otherOptions>

/** How many heads keys have; throws a `RangeError` where they are no divisor of the heads. */
export const keyHeadsOf = (name: string, { heads, keyHeads = heads }: Heads): number =>
  heads % keyHeads === 0 ? keyHeads : refuse(name, "keyHeads", `a divisor of ${heads} heads`, keyHeads)

/** How many values a head has, or why there is no such number. */
export const sizeOf = (name: string, input: Shape, { heads, size }: Heads): Result.Result<number, ShapeError> => {
  const features = input.at(-1)!
  return size !== undefined || features % heads === 0
    ? Result.succeed(size ?? features / heads)
    : mismatch(name, `features that ${heads} heads can share evenly`, input)
}

/** Makes a product of parts of so many units, each as wide as it is for the initializer. */
export const projection = (
  key: Parameters<Initializer>[0],
  features: number,
  units: ReadonlyArray<number>,
  { bias, biasInitializer, kernelInitializer }: Others
): Projection => {
  const kernels = units.map((n, i) => kernelInitializer(fold(key, i), [features, n]))
  const kernel = kernels.length === 1 ? kernels[0]! : concat(kernels, 1)
  return bias ? { kernel, bias: biasInitializer(fold(key, units.length), [kernel.shape[1]!]) } : { kernel }
}

// Both are one product of two matrices, which is reshaped once before and once after it.

/** x times a kernel as so many heads, `[batch, time, heads, size]`. */
export const headsOf = (x: Tensor, { bias, kernel }: Projection, heads: number): Tensor => {
  const [batch, time, features] = x.shape as [number, number, number], rows = reshape(x, [batch * time, features])
  return reshape(dense(rows, kernel, bias), [batch, time, heads, kernel.shape[1]! / heads])
}

/** What heads give, `[batch, time, heads, size]`, as one. */
export const joined = (x: Tensor, { bias, kernel }: Projection): Tensor => {
  const [batch, time] = x.shape as [number, number], [inner, features] = kernel.shape as [number, number]
  return reshape(dense(reshape(x, [batch * time, inner]), kernel, bias), [batch, time, features])
}

const SEQUENCE = "[time, features]"

const BASE = 1e4

/**
 * Self attention (Vaswani et al.: "Attention is all you need", 2017): each step of a sequence, `[time, features]`, asks
 * the others and gets a mean of their values, weighed by how well their keys fit its query, for each of several heads;
 * what the heads give is projected to the features. Steps where the mask of a sequence is 0,
 * `Layers.attention<Layers.Masked>({ ... })`, are not seen by others. In one product for all heads; see
 * {@link AttentionParams}.
 *
 * `keyHeads` shares keys and values among heads (Shazeer: "Fast transformer decoding", 2019; Ainslie et al.: "GQA",
 * 2023). Positions are `"rotary"`: queries and keys are turned with their position, as in Llama (see `Ops.rotary`;
 * `size` is even); `"alibi"`: a key counts less the farther away it is (Press, Smith, Lewis: "Train short, test long",
 * 2022); or `"relative"`: what is learned of distances is added to the scores, in the buckets of T5 (Raffel et al.,
 * 2020). Throws a `RangeError` for options that are not as said, and for attention that is stateful and not causal, or for a
 * batch of known size and without a window.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * const layer = Layers.attention({ heads: 4, causal: true, positions: "rotary" })
 * const { output, params } = Result.getOrThrow(layer.init(Key.make(0), [null, 32]))
 * output // => [null, 32]
 * params.qkv.kernel.shape // => [32, 96]
 * params.output.kernel.shape // => [32, 32]
 * ```
 */
export const attention = /* @__PURE__ */ kind("attention", {
  options: {
    ...headOptions,
    causal: { type: boolean, default: false },
    window: { type: positiveInteger, optional: true },
    positions: { type: /* @__PURE__ */ oneOf("rotary", "alibi", "relative"), optional: true },
    base: { type: positive, default: BASE },
    stateful: { type: statefulness, default: false },
    ...otherOptions
  },
  given: (options: AttentionOptions) => [options],
  make: (options) => {
    const { base, causal, dropout, heads, positions, stateful, window } = options
    const keyHeads = keyHeadsOf("attention", options), all = heads + 2 * keyHeads
    const carrying = { batch: typeof stateful === "number" ? stateful : 0, window }
    if (stateful !== false && !causal) throw new RangeError("attention: one that is not causal carries no state")
    if (carrying.batch > 0 && window === undefined) {
      throw new RangeError("attention: one for a batch of known size that carries its keys has a window")
    }
    if (base !== BASE && positions !== "rotary") throw new RangeError("attention: a base is that of rotary positions")
    const slopes = positions === "alibi" ? { slopes: slopesOf(heads) } : {}
    return make<AttentionParams, Partial<AttentionState>, Sequence, Sequence>({
      name: "attention",
      multiplyAdds: ({ output, qkv }, input) => {
        const time = Result.getOrThrow(shapeIn("attention", input))[0]!
        return time === null ? null : time * (qkv.kernel.size + output.kernel.size)
      },
      init: (key, input) =>
        Result.gen(function*() {
          const shape = yield* shapeIn("attention", input)
          if (shape.length !== 2) return yield* mismatch("attention", SEQUENCE, shape)
          const [features] = yield* known("attention", SEQUENCE, shape, 1)
          const size = yield* sizeOf("attention", shape, options), own = keyHeads * size
          if (positions === "rotary" && size % 2 !== 0) {
            return yield* mismatch("attention", "heads of an even size for rotary positions", String(size))
          }
          const relativeBias = positions === "relative" && { relativeBias: constant([BUCKETS, heads], 0) }
          const params = {
            qkv: projection(fold(key, 0), features, [heads * size, own, own], options),
            output: projection(fold(key, 1), heads * size, [features], options)
          }
          return {
            params: relativeBias ? { ...params, ...relativeBias } : params,
            state: stateful === false ? {} : noKeys(carrying, [keyHeads, size], input),
            output: input
          }
        }),
      apply: ({ output, qkv, relativeBias }, state, given, { attended, fresh = false, key, training }) => {
        const { mask, x } = partsIn("attention", given), features = qkv.kernel.shape[0]
        if (x.rank !== 3 || x.shape[2] !== features) fail("attention", `x [batch, time, ${features}]`, shapeOf(x))
        const carried = carriedKeys(stateful === false || fresh ? {} : state, { x, ...(mask && { mask }) }, carrying)
        const { before, position } = carried, time = x.shape[1]!, product = headsOf(x, qkv, all)
        const turned = positions === "rotary"
          ? rotary(product, { base, position, heads: heads + keyHeads })
          : product
        const [query, keys, values] = split(turned, [heads, keyHeads, keyHeads], 2) as [Tensor, Tensor, Tensor]
        const seen = following(before, { keys, values, ...(mask && { mask: cast(mask, "float32") }) })
        const asked = {
          ...{ query, key: seen.keys, causal, ...slopes },
          ...(window !== undefined && { window }),
          ...(seen.mask && { mask: seen.mask }),
          ...(relativeBias && { bias: biasOf(relativeBias, time, seen.keys.shape[1]!, causal) }),
          ...(training && dropout > 0 && { dropout: { rate: dropout, key } })
        }
        attended?.("", attentionWeights(asked))
        const y = attend({ ...asked, value: seen.values })
        return [
          inPlaceOf(given, joined(y, output)),
          stateful === false ? state : carriedOn(seen, position + time, carrying)
        ]
      }
    })
  }
}) as
  & {
    <X extends Sequence = Tensor>(
      options: AttentionOptions & { readonly stateful?: false }
    ): Layer<AttentionParams, Empty, NoInfer<X>, NoInfer<X>>
    <X extends Sequence = Tensor>(
      options: AttentionOptions & { readonly stateful: true | number }
    ): Layer<AttentionParams, AttentionState, NoInfer<X>, NoInfer<X>>
    <X extends Sequence = Tensor>(
      options: AttentionOptions
    ): Layer<AttentionParams, Empty | AttentionState, NoInfer<X>, NoInfer<X>>
  }
  & Kind
