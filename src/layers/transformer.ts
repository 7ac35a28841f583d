import type { Tensor } from "@tensorflow/tfjs-core"
import { positiveInteger } from "../core/check.ts"
import type { Tree } from "../core/Tree.ts"
import type { Affine } from "./batchNorm.ts"
import type { WithMemory } from "./crossAttention.ts"
import { graph } from "./graph.ts"
import type { Any, Layer } from "./Layer.ts"
import type { Sequence } from "./masked.ts"
import type { Entry } from "./neighbors.ts"
import type { Scale } from "./rmsNorm.ts"
import { sequence } from "./sequence.ts"
import { timeDistributed } from "./timeDistributed.ts"
import { normOf, transformerBlock } from "./transformerBlock.ts"
import type { TransformerBlockOptions, TransformerBlockParams, TransformerBlockState } from "./transformerBlock.ts"
import type { Node } from "./wiring.ts"

/** The options of {@link transformerEncoder} and {@link transformerDecoder}: how many blocks, and those of each. */
export interface TransformerOptions extends TransformerBlockOptions {
  readonly layers: number
}

/** The parameters of blocks, `block0`, `block1`, and so on, and of the norm behind them where blocks are pre-norm. */
export type TransformerParams<B extends TransformerBlockParams = TransformerBlockParams> =
  & { readonly [block: `block${number}`]: B }
  & { readonly norm?: Affine | Scale }

/** The running state of blocks. */
export type TransformerState = { readonly [block: string]: TransformerBlockState | {} }

/**
 * Blocks of a transformer one after the other, from `[time, features]` to `[time, features]`, and a norm behind them
 * unless they are `postNorm` (Vaswani et al.: "Attention is all you need", 2017). With `causal` it is the body of a
 * language model, such as GPT: see {@link tied}. It is a {@link sequence} of {@link transformerBlock}s, at the paths
 * `block0`, `block1`, …, `norm`. Throws a `RangeError` for layers that are no positive integer.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * const classifier = Layers.named({
 *   words: Layers.embedding({ size: 1000, features: 32 }),
 *   positions: Layers.positions(),
 *   encoder: Layers.transformerEncoder({ layers: 2, features: 32, heads: 4, dropout: 0.1 }),
 *   last: Layers.gru(16, { returns: "last" }),
 *   head: Layers.dense(2)
 * })
 * const { output, params } = Result.getOrThrow(classifier.init(Key.make(0), [null]))
 * output // => [2]
 * Object.keys(params.encoder) // => ["block0", "block1", "norm"]
 * ```
 */
export const transformerEncoder = <X extends Sequence = Tensor>(
  options: TransformerOptions
): Layer<TransformerParams, TransformerState, NoInfer<X>, NoInfer<X>> => {
  const blocks = blocksOf("transformerEncoder", options, false)
  return (sequence as (...entries: ReadonlyArray<Entry>) => Any)(...blocks, ...normsOf(options)) as never
}

/**
 * Blocks of a transformer that look at a memory, from `{ x, memory }` to what is in the place of x: each step of x, `[time,
 * features]`, sees those before it and all of the memory, `[memoryTime, memoryFeatures]`, which an encoder gives
 * (Vaswani et al.: "Attention is all you need", 2017). It is a {@link graph} of {@link transformerBlock}s, at the paths
 * `block0`, `block1`, …, and `norm` unless they are `postNorm`. Throws a `RangeError` for layers that are no positive
 * integer.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * // From words of one language to those of another, which the words before each foretell.
 * const size = 1000, options = { layers: 2, features: 32, heads: 4 }
 * const translator = Layers.graph(
 *   { inputs: { source: "source", target: "target" } },
 *   ["read", Layers.embedding({ size, features: 32 }), "source"],
 *   ["placed", Layers.positions()],
 *   ["memory", Layers.transformerEncoder(options)],
 *   ["written", Layers.embedding({ size, features: 32 }), "target"],
 *   ["before", Layers.positions()],
 *   ["decoder", Layers.transformerDecoder(options), { x: "before", memory: "memory" }],
 *   ["head", Layers.dense(size)]
 * )
 * Result.getOrThrow(translator.init(Key.make(0), { source: [null], target: [null] })).output // => [null, 1000]
 * ```
 */
export const transformerDecoder = <X extends Sequence = Tensor>(
  options: Omit<TransformerOptions, "causal">
): Layer<TransformerParams<Required<TransformerBlockParams>>, TransformerState, WithMemory<NoInfer<X>>, NoInfer<X>> => {
  const blocks = blocksOf("transformerDecoder", { ...options, causal: true }, true).map(([name, block], i): Node => [
    name,
    block,
    { x: i === 0 ? "x" : `block${i - 1}`, memory: "memory" }
  ])
  const inputs = { inputs: { x: "x", memory: "memory" } }
  return (graph as (...args: ReadonlyArray<unknown>) => Any)(inputs, ...blocks, ...normsOf(options)) as never
}

const blocksOf = (
  name: string,
  { layers, ...options }: TransformerOptions,
  memory: boolean
): ReadonlyArray<Entry> => {
  positiveInteger(name, "layers", layers)
  const block = transformerBlock as (options: TransformerBlockOptions & { readonly memory: boolean }) => Any
  return Array.from({ length: layers }, (_, i) => [`block${i}`, block({ ...options, memory })] as const)
}

/** Of sequences with a mask too. */
const normsOf = ({ norm, postNorm }: TransformerBlockOptions): ReadonlyArray<Entry> =>
  postNorm ? [] : [["norm", timeDistributed(normOf(norm) as Layer<Tree, Tree>)]]
