import { add } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fail, shapeOf } from "../backend/checks.ts"
import { oneOf, positiveInteger } from "../core/check.ts"
import { fold } from "../core/Key.ts"
import { boolean } from "../core/Kind.ts"
import type { Kind } from "../core/Kind.ts"
import { equals, format, unify } from "../core/Shape.ts"
import type { Shape, ShapeTree } from "../core/Shape.ts"
import type { Tree } from "../core/Tree.ts"
import { dropout as drop } from "../ops/dropout.ts"
import { gelu, geluTanh, relu } from "./activations.ts"
import { attention } from "./attention.ts"
import type { AttentionOptions, AttentionParams, Projection } from "./attention.ts"
import type { Affine } from "./batchNorm.ts"
import { applyChild, initChild } from "./children.ts"
import type { Children } from "./children.ts"
import { crossAttention } from "./crossAttention.ts"
import type { CrossAttentionParams, WithMemory } from "./crossAttention.ts"
import { dense } from "./dense.ts"
import type { DenseOptions } from "./dense.ts"
import { dropout as dropoutLayer, rates } from "./dropout.ts"
import { kind } from "./kind.ts"
import { make, mismatch } from "./Layer.ts"
import type { Any, Initial, Layer } from "./Layer.ts"
import { layerNorm } from "./layerNorm.ts"
import { inPlaceOf, partsIn, shapeIn } from "./masked.ts"
import type { Sequence } from "./masked.ts"
import type { Entry } from "./neighbors.ts"
import { partsOf, shapesOf } from "./partsOf.ts"
import { rmsNorm } from "./rmsNorm.ts"
import type { Scale } from "./rmsNorm.ts"
import { sequence } from "./sequence.ts"
import { swiglu } from "./swiglu.ts"

/** The parameters of {@link transformerBlock}; those of cross attention where there is a memory. */
export type TransformerBlockParams = {
  readonly attentionNorm: Affine | Scale
  readonly attention: AttentionParams
  readonly crossAttentionNorm?: Affine | Scale
  readonly crossAttention?: CrossAttentionParams
  readonly feedForwardNorm: Affine | Scale
  readonly feedForward: { readonly hidden: Projection; readonly output: Projection }
}

/** The running state of the parts of {@link transformerBlock}: keys and values, if it is stateful. */
export type TransformerBlockState = { readonly [part: string]: Tree }

/** The options of {@link transformerBlock}: those of its attention, and its own. */
export interface TransformerBlockOptions extends AttentionOptions {
  /** How many values a step of the sequence has. */
  readonly features: number
  /** How many values a step has inside of the feed-forward part, by default four times the features. */
  readonly units?: number
  /** The activation inside of the feed-forward part, by default `"gelu"`; see {@link swiglu}. */
  readonly activation?: "gelu" | "geluTanh" | "relu" | "swiglu"
  /** {@link layerNorm} or {@link rmsNorm}, by default `"layer"`. */
  readonly norm?: "layer" | "rms"
  /** Whether what each part gives is normalized after it was added, and not what it takes. By default false. */
  readonly postNorm?: boolean
  /** The probability with which values, and weights of keys, are dropped in training, by default 0. */
  readonly dropout?: number
}

/**
 * A block of a transformer (Vaswani et al.: "Attention is all you need", 2017), from `[time, features]` to `[time,
 * features]`: {@link attention}, and then a feed-forward part of two dense layers for each step, each added to what it
 * is given. With `memory` it takes `{ x, memory }`, and {@link crossAttention} to the memory stands between the two.
 *
 * What a part takes is normalized, x + f(norm(x)) (pre-norm; Xiong et al.: "On layer normalization in the transformer
 * architecture", 2020), or with `postNorm`, as in the first paper, norm(x + f(x)). Dropout is of the weights of keys,
 * inside of the feed-forward part, and of what each part gives before it is added. A sequence with a mask,
 * `Layers.transformerBlock<Layers.Masked>({ ... })`, keeps it. The parts are children at the paths `attentionNorm`,
 * `attention`, and so on; see {@link TransformerBlockParams}.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * const llama = Layers.transformerBlock({
 *   ...{ features: 32, heads: 4, keyHeads: 2, causal: true, positions: "rotary", bias: false },
 *   ...{ norm: "rms", activation: "swiglu", units: 96 }
 * })
 * const { output, params } = Result.getOrThrow(llama.init(Key.make(0), [null, 32]))
 * output // => [null, 32]
 * params.attention.qkv.kernel.shape // => [32, 64]
 * params.feedForward.hidden.kernel.shape // => [32, 192]
 * ```
 */
export const transformerBlock = /* @__PURE__ */ kind("transformerBlock", {
  options: { postNorm: { type: boolean, default: false }, dropout: { type: rates, default: 0 } },
  children: "record",
  perStep: "children",
  given: (options: TransformerBlockOptions & { readonly memory?: boolean }) => {
    const { activation = "gelu", features, memory = false, norm = "layer", postNorm, units, ...attending } = options
    const { base, causal, positions, stateful, window, ...heads } = attending, { dropout } = heads
    positiveInteger("transformerBlock", "features", features)
    oneOf("transformerBlock", "norm", Object.keys(norms), norm)
    oneOf("transformerBlock", "activation", [...Object.keys(activations), "swiglu"], activation)
    const parts = [
      ["attention", attention({ ...heads, base, causal, positions, stateful, window } as AttentionOptions)],
      ...(memory ? [["crossAttention", crossAttention(heads)] as const] : []),
      ["feedForward", feedForward({ ...heads, activation, features, units: units ?? 4 * features })]
    ] as const
    return [{ dropout, postNorm }, parts.flatMap(([name, part]) => [[`${name}Norm`, normOf(norm)], [name, part]])]
  },
  make: ({ dropout, postNorm }, children) => blockOf(children, dropout, postNorm)
}) as
  & {
    <X extends Sequence = Tensor>(
      options: TransformerBlockOptions & { readonly memory: true }
    ): Layer<Required<TransformerBlockParams>, TransformerBlockState, WithMemory<NoInfer<X>>, NoInfer<X>>
    <X extends Sequence = Tensor>(
      options: TransformerBlockOptions & { readonly memory?: false }
    ): Layer<TransformerBlockParams, TransformerBlockState, NoInfer<X>, NoInfer<X>>
  }
  & Kind

const norms = { layer: layerNorm, rms: rmsNorm }

/** A norm by its name in the options. */
export const normOf = (norm: keyof typeof norms = "layer"): Any => norms[norm]()

const activations = { gelu, geluTanh, relu }

const feedForward = (
  { activation, bias, biasInitializer, dropout = 0, features, kernelInitializer, units }:
    & Required<Pick<TransformerBlockOptions, "activation" | "features" | "units">>
    & TransformerBlockOptions
): Any => {
  const options = { bias, biasInitializer, kernelInitializer } as DenseOptions
  const hidden: ReadonlyArray<Entry> = activation === "swiglu"
    ? [["hidden", swiglu(units, options)]]
    : [["hidden", dense(units, options)], ["activation", activations[activation]]]
  const dropped: ReadonlyArray<Entry> = dropout > 0 ? [["dropout", dropoutLayer(dropout)]] : []
  return (sequence as Kind as (...entries: ReadonlyArray<Entry>) => Any)(...hidden, ...dropped, [
    "output",
    dense(features, options)
  ])
}

const NAME = "transformerBlock", SEQUENCE = "[time, features]"

const keeps = (name: string, shape: Shape): string => `${name} that keeps the shape ${format(shape)}`
const gives = (given: string): string => `one that gives ${given}`

/** The parts of a block: pairs of a norm and of what it is for, in the order in which they stand. */
const pairsOf = (children: Children): ReadonlyArray<readonly [norm: number, part: number]> => {
  const names = children.map(([name]) => name), hasMemory = names.includes("crossAttention")
  const expected = ["attention", ...hasMemory ? ["crossAttention"] : [], "feedForward"]
  if (names.join() !== expected.flatMap((name) => [`${name}Norm`, name]).join()) {
    throw new RangeError(`${NAME}: children are a norm and a layer of each part, got ${names.join(", ")}`)
  }
  return expected.map((_, i) => [2 * i, 2 * i + 1])
}

/** What is given, in the place of x, and what a part takes of it: with its mask, or with the memory. */
const wired = <A extends object>(given: Given<A>, hasMemory: boolean) => {
  const { memory, x: own } = hasMemory
    ? given as { readonly x: Given<A>; readonly memory: A }
    : { memory: given, x: given }
  const takes = (part: string, x: A) =>
    part === "attention" ? inPlaceOf(own as never, x as never) : part === "crossAttention" ? { x, memory } : x
  return { own, takes }
}

type Given<A> = A | { readonly [part: string]: A }

const blockOf = (children: Children, dropout: number, postNorm: boolean): Any => {
  const pairs = pairsOf(children), hasMemory = pairs.length === 3
  const collect = <A>(values: ReadonlyArray<A>) => Object.fromEntries(children.map(([key], i) => [key, values[i]!]))
  return make<BlockTree, BlockTree, Tree, Tree>({
    name: NAME,
    init: (key, input) =>
      Result.gen(function*() {
        if (hasMemory) yield* shapesOf(NAME, ["x", "memory"], input as BlockShapes)
        const { own, takes } = wired(input as BlockShapes, hasMemory), shape = yield* shapeIn(NAME, own as ShapeTree)
        if (shape.length !== 2) return yield* mismatch(NAME, SEQUENCE, shape)
        const initial: Array<Initial<Tree, Tree, Tree>> = []
        for (const [norm, part] of pairs) {
          const name = children[part]![0]
          initial[norm] = yield* initChild(children[norm]!, norm, key, shape)
          initial[part] = yield* initChild(children[part]!, part, key, takes(name, shape) as ShapeTree)
          const output = yield* shapeIn(NAME, initial[part].output)
          if (unify(shape, output) === undefined) {
            return yield* mismatch(NAME, keeps(name, shape), gives(format(output)))
          }
        }
        return {
          params: collect(initial.map(({ params }) => params)),
          state: collect(initial.map(({ state }) => state)),
          output: own as ShapeTree
        }
      }),
    apply: (params, state, given, mode) => {
      if (hasMemory) partsOf(NAME, ["x", "memory"], given as BlockTree)
      const { own, takes } = wired(given as BlockTree, hasMemory), states: Array<Tree> = []
      const run = (i: number, x: Tree): Tree => {
        const child = children[i]!, [path] = child
        const [y, next] = applyChild(child, i, params[path], state[path], x, mode)
        states[i] = next as Tree
        return y
      }
      let { x } = partsIn(NAME, own as Sequence)
      for (const [i, [norm, part]] of pairs.entries()) {
        const name = children[part]![0], before = postNorm ? x : run(norm, x) as Tensor
        const y = partsIn(NAME, run(part, takes(name, before) as Tree) as Sequence).x
        // A sum would repeat what has dimensions of 1.
        if (!equals(x.shape, y.shape)) fail(NAME, keeps(name, x.shape), gives(shapeOf(y)))
        const sum = add(x, mode.training && dropout > 0 ? drop(y, dropout, fold(mode.key, children.length + i)) : y)
        x = postNorm ? run(norm, sum) as Tensor : sum
      }
      return [inPlaceOf(own as Sequence, x), collect(states)]
    }
  })
}

type BlockTree = { readonly [part: string]: Tree }
type BlockShapes = { readonly [part: string]: ShapeTree }
