import { add, concat, slice } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fail, shapeOf } from "../backend/checks.ts"
import { fold } from "../core/Key.ts"
import { oneOf, positiveInteger } from "../core/Kind.ts"
import type { Kind, OptionType } from "../core/Kind.ts"
import { size } from "../core/Shape.ts"
import type { Tree } from "../core/Tree.ts"
import { initializer } from "../initializers/kind.ts"
import type { Initializer } from "../initializers/kind.ts"
import { lecunUniform } from "../initializers/scaled.ts"
import { dense } from "../ops/dense.ts"
import { logSoftmax } from "../ops/softmax.ts"
import { clustersOf } from "./clusters.ts"
import type { AdaptiveSoftmax, AdaptiveSoftmaxParams } from "./clusters.ts"
import { kind } from "./kind.ts"
import { known, stateless } from "./Layer.ts"
import type { Empty, Layer } from "./Layer.ts"
import { inPlaceOf, partsIn, shapeIn } from "./masked.ts"
import type { Sequence } from "./masked.ts"

const NAME = "adaptiveSoftmax"

/** The options of {@link adaptiveSoftmax}. */
export interface AdaptiveSoftmaxOptions {
  /** The number of classes, in the order of their frequency: the most frequent is class 0. */
  readonly classes: number
  /** The first class of each cluster, in order: `[2000, 10000]` makes two clusters behind 2,000 frequent classes. */
  readonly cutoffs: ReadonlyArray<number>
  /** How many times fewer features each cluster has than the one before it, by default 4. */
  readonly divisor?: number
  /** Log probabilities of all classes, or what they are made of, for the loss. By default `"logits"`. */
  readonly returns?: "logits" | "hidden"
  /** By default `lecunUniform`. */
  readonly kernelInitializer?: Initializer
}

const ascending: OptionType<ReadonlyArray<number>> = {
  expected: "one or more ascending positive integers",
  parse: (given) =>
    Array.isArray(given) && given.length > 0 &&
      given.every((n, i) => Number.isSafeInteger(n) && n > (i === 0 ? 0 : given[i - 1]))
      ? given
      : undefined,
  text: (value) => value.join("/")
}

/**
 * The head of a model of many classes, most of which are rare, such as the words of a language: frequent classes have
 * all features, and rare ones stand in clusters with fewer, which are computed only for the targets in them (Grave,
 * Joulin, Cissé, Grangier, Jégou: "Efficient softmax approximation for GPUs", 2017). It gives log probabilities, from
 * `[..., features]` to `[..., classes]`; for training `returns: "hidden"` gives what `Losses.adaptiveSoftmax` takes, of
 * the same parameters. Takes a mask too, `{ x, mask }`. Parameters: `head` of `[features, frequent + clusters]`, and of
 * each cluster in `tails` `down` of `[features, fewer]` and `up` of `[fewer, classes]`, without biases. Throws a
 * `RangeError` for cutoffs that are not ascending integers below `classes`.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * const head = Layers.adaptiveSoftmax({ classes: 10_000, cutoffs: [500, 2000] })
 * const { output, params } = Result.getOrThrow(head.init(Key.make(0), [null, 64]))
 * output // => [null, 10000]
 * params.head.shape // => [64, 502]
 * params.tails.map(({ down, up }) => [down.shape, up.shape]) // => [[[64, 16], [16, 1500]], [[64, 4], [4, 8000]]]
 * ```
 */
export const adaptiveSoftmax = /* @__PURE__ */ kind("adaptiveSoftmax", {
  options: {
    classes: { type: positiveInteger, bare: true },
    cutoffs: { type: ascending },
    divisor: { type: positiveInteger, default: 4 },
    returns: { type: /* @__PURE__ */ oneOf("logits", "hidden"), default: "logits" },
    kernelInitializer: { type: initializer, default: lecunUniform }
  },
  given: (options: AdaptiveSoftmaxOptions) => [options],
  perStep: true,
  make: ({ classes, cutoffs, divisor, kernelInitializer, returns }) => {
    if (cutoffs.at(-1)! >= classes) {
      throw new RangeError(`adaptiveSoftmax: cutoffs are below its ${classes} classes, got [${cutoffs.join(", ")}]`)
    }
    const sizes = cutoffs.map((cutoff, i) => (cutoffs[i + 1] ?? classes) - cutoff)
    return stateless<AdaptiveSoftmaxParams, Sequence, Tree>({
      name: NAME,
      multiplyAdds: ({ head, tails }, input) => {
        const each = tails.reduce((sum, { down, up }) => sum + down.size + up.size, head.size)
        return size([each, ...Result.getOrThrow(shapeIn(NAME, input)).slice(0, -1)])
      },
      init: (key, input) =>
        Result.gen(function*() {
          const shape = yield* shapeIn(NAME, input), [features] = yield* known(NAME, "[..., features]", shape, 1)
          const head = kernelInitializer(fold(key, 0), [features, cutoffs[0]! + cutoffs.length])
          const tails = sizes.map((count, i) => {
            const fewer = Math.max(1, Math.floor(features / divisor ** (i + 1)))
            return {
              down: kernelInitializer(fold(key, 2 * i + 1), [features, fewer]),
              up: kernelInitializer(fold(key, 2 * i + 2), [fewer, count])
            }
          })
          const hidden = () => ({
            ...{ hidden: shape, head: head.shape },
            tails: tails.map(({ down, up }) => ({ down: down.shape, up: up.shape })),
            ..."mask" in input && { mask: input.mask }
          })
          return {
            params: { head, tails },
            output: returns === "hidden" ? hidden() : inPlaceOf(input, [...shape.slice(0, -1), classes])
          }
        }),
      apply: (params, given) => {
        const { mask, x } = partsIn(NAME, given), features = params.head.shape[0]!
        if (x.shape.at(-1) !== features) fail(NAME, `x [batch, ..., ${features}]`, shapeOf(x))
        return returns === "hidden"
          ? { hidden: x, ...params, ...(mask && { mask }) }
          : inPlaceOf(given, logProbabilities(params, x))
      }
    })
  }
}) as
  & {
    <X extends Sequence = Tensor>(
      options: AdaptiveSoftmaxOptions & { readonly returns: "hidden" }
    ): Layer<AdaptiveSoftmaxParams, Empty, NoInfer<X>, AdaptiveSoftmax<NoInfer<X>>>
    <X extends Sequence = Tensor>(
      options: AdaptiveSoftmaxOptions & { readonly returns?: "logits" }
    ): Layer<AdaptiveSoftmaxParams, Empty, NoInfer<X>, NoInfer<X>>
  }
  & Kind

/** Of a class in a cluster that of the cluster, and that of the class in it. */
const logProbabilities = (params: AdaptiveSoftmaxParams, x: Tensor): Tensor => {
  const { clusters, frequent } = clustersOf(params), logs = logSoftmax(dense(x, params.head)), { rank, shape } = logs
  const columns = (first: number, count: number) =>
    slice(logs, shape.map((_, axis) => axis === rank - 1 ? first : 0), [...shape.slice(0, -1), count])
  return concat([
    columns(0, frequent),
    ...clusters.map(({ down, up }, i) => add(logSoftmax(dense(dense(x, down), up)), columns(frequent + i, 1)))
  ], rank - 1)
}
