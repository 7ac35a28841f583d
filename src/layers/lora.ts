import { add, clone, matMul, mul, reshape } from "@tensorflow/tfjs-core"
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { stopGradient } from "../autodiff/stopGradient.ts"
import { fold } from "../core/Key.ts"
import type { Key } from "../core/Key.ts"
import { positive, positiveInteger } from "../core/Kind.ts"
import type { Kind, OptionType } from "../core/Kind.ts"
import { entries, map } from "../core/Tree.ts"
import type { Tree } from "../core/Tree.ts"
import { lecunNormal } from "../initializers/scaled.ts"
import { constant } from "./allowance.ts"
import { configurationOf, kind } from "./kind.ts"
import { make, mismatch } from "./Layer.ts"
import type { Any, Layer } from "./Layer.ts"

/** What is added to a kernel of `[..., inputs, outputs]`: the product of `[... * inputs, rank]` and `[rank, outputs]`. */
export type Factors = { readonly a: Tensor; readonly b: Tensor }

/** The factors of kernels, where the kernels are in the parameters of the layer. */
export type Adapter = { readonly [key: string]: Adapter | Factors }

/** The parameters of {@link lora}: those of the layer, at its paths, and the adapter beside them, at `lora`. */
export type LoraParams<P> = P & { readonly lora: Adapter }

/** The options of {@link lora}. */
export interface LoraOptions {
  /** How many rows and columns the factors have. */
  readonly rank: number
  /** The product is multiplied with alpha / rank. By default the rank. */
  readonly alpha?: number
  /** Which kernels: those with one of these names in their paths, `["qkv", "output"]`. By default all. */
  readonly targets?: ReadonlyArray<string>
}

const names: OptionType<ReadonlyArray<string>> = {
  expected: "a list of names",
  parse: (u) => Array.isArray(u) && u.length > 0 && u.every((name) => typeof name === "string") ? [...u] : undefined,
  text: (targets) => targets.join(", ")
}

/**
 * A layer that stays as it is, with an adapter that is trained: to each of its kernels, W of `[..., inputs, outputs]`,
 * the product of two narrow ones is added, W + alpha / rank · A B, with A normal and B zero at first, so that it begins
 * as the layer (Hu et al.: "LoRA: low-rank adaptation of large language models", 2022). So a large model learns a task
 * by few parameters, which are kept apart. The layer runs as it is told to, with its dropout in training, but none of
 * its own parameters has a gradient, and no optimizer moves them.
 *
 * Parameters and state of the layer are at their paths, so that a checkpoint of the layer fits; beside them is the
 * adapter at `lora`, which has `{ a, b }` where the layer has a kernel. {@link mergeLora} puts it into the kernels.
 * Kernels are made anew each time that the layer runs, so that any layer with kernels can have an adapter; what adapts
 * the input instead, dropout before A, is not there. Throws a `RangeError` for a rank that is no positive integer; `init`
 * fails for a layer without such kernels.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers, Tree } from "effect-neuron"
 *
 * const model = Layers.lora(Layers.attention({ heads: 4 }), { rank: 2, targets: ["qkv"] })
 * const { params } = Result.getOrThrow(model.init(Key.make(0), [null, 32]))
 * Tree.entries(params.lora).map(([path, { shape }]) => [path, shape])
 * // => [["qkv.kernel.a", [32, 2]], ["qkv.kernel.b", [2, 96]]]
 * ```
 */
export const lora = /* @__PURE__ */ kind("lora", {
  options: {
    rank: { type: positiveInteger, bare: true },
    alpha: { type: positive, optional: true },
    targets: { type: names, optional: true }
  },
  children: "one",
  perStep: "children",
  given: (layer: Any, options: LoraOptions) => [options, [["", layer]]],
  make: ({ alpha, rank, targets }, children) => adapted(children[0]![1], scaleOf({ alpha, rank }), rank, targets)
}) as
  & (<P, S, X extends Tree, Y extends Tree>(
    layer: Layer<P, S, X, Y>,
    options: LoraOptions
  ) => Layer<LoraParams<P>, S, X, Y>)
  & Kind

/**
 * The parameters of a layer with its adapter in them: those of the layer itself, which then gives what {@link lora} of
 * it gives, in less time. They are tensors of their own. Synchronous; call it inside `Backend.tensors`. Throws a
 * `RangeError` for a model that is none of {@link lora}.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const layer = Layers.dense(2, { bias: false }), model = Layers.lora(layer, { rank: 1, alpha: 10 })
 * const factors = { a: tf.tensor2d([[1]]), b: tf.tensor2d([[0, 2]]) }
 * const params = Layers.mergeLora(model, { kernel: tf.tensor2d([[3, 4]]), lora: { kernel: factors } })
 * params.kernel.arraySync() // => [[3, 24]]
 * ```
 */
export const mergeLora = <P, S, X extends Tree, Y extends Tree>(
  model: Layer<LoraParams<P>, S, X, Y>,
  params: LoraParams<P>
): P => {
  const configuration = configurationOf(model)
  if (configuration?.kind !== lora.kind) throw new RangeError(`mergeLora: expected a model of lora, got ${model.name}`)
  const { alpha, rank } = configuration!.options as { readonly alpha?: number; readonly rank: number }
  const merged = withAdapter(params as LoraParams<Record>, scaleOf({ alpha, rank }), clone), keys = Object.keys(merged)
  return (keys.every((key, i) => key === String(i)) ? Object.values(merged) : merged) as P
}

const scaleOf = ({ alpha, rank }: { readonly alpha: number | undefined; readonly rank: number }): number =>
  (alpha ?? rank) / rank

type Record = { readonly [key: string]: Tree }

/** The parameters of the layer as `own` has them, with the products of the factors added. */
const withAdapter = ({ lora, ...params }: LoraParams<Record>, scale: number, own: (param: Tensor) => Tensor): Record =>
  map(params as Record, (param, path) => {
    const factors = path.split(".").reduce<Tree | undefined>((at, key) => (at as Record | undefined)?.[key], lora)
    if (factors === undefined) return own(param)
    const { a, b } = factors as Factors
    return add(own(param), reshape(matMul(a as Tensor2D, mul(b, scale) as Tensor2D), param.shape))
  })

const adapted = (layer: Any, scale: number, rank: number, targets: ReadonlyArray<string> | undefined): Any =>
  make<LoraParams<Record>, Tree, Tree, Tree>({
    name: "lora",
    init: (key, input) =>
      Result.flatMap(layer.init(key, input), (initial) => {
        const isTarget = (path: string) => targets === undefined || path.split(".").some((key) => targets.includes(key))
        const kernels = entries(initial.params as Tree).filter(([path, { rank }]) =>
          rank > 1 && /kernel$/i.test(path) && isTarget(path)
        )
        if (kernels.length === 0 || "lora" in initial.params) {
          const which = targets === undefined ? "kernels" : `kernels of ${targets.join(", ")}`
          return mismatch("lora", `a layer with ${which} and no adapter`, layer.name)
        }
        // The numbers that the layer folds into its key are small.
        return Result.succeed({ ...initial, params: { ...initial.params, lora: adapterFor(kernels, rank, key) } })
      }),
    apply: (params, state, x, mode) =>
      layer.apply(withAdapter(params, scale, (param) => stopGradient(() => param)), state, x, mode)
  })

const adapterFor = (
  kernels: ReadonlyArray<readonly [path: string, kernel: Tensor]>,
  rank: number,
  key: Key
): Adapter => {
  const adapter: { [key: string]: unknown } = {}
  for (const [i, [path, { shape, size }]] of kernels.entries()) {
    const outputs = shape.at(-1)!, keys = path.split("."), last = keys.pop()!
    let at = adapter
    for (const key of keys) at = (at[key] ??= {}) as typeof adapter
    at[last] = {
      a: lecunNormal(fold(fold(key, 0xffff_fffe), i), [size / outputs, rank]),
      b: constant([rank, outputs], 0)
    }
  }
  return adapter as Adapter
}
