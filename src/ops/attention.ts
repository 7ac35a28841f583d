import { engine, reshape, zeros, zerosLike } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import type { WithUnread } from "../autodiff/differentiate.ts"
import { asFloat, fail, shapeOf } from "../backend/checks.ts"
import { attentionGradientWasm, attentionWasm } from "../backend/kernels/attention.ts"
import type { Attention } from "../backend/kernels/attention.ts"
import { run } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import type { Key } from "../core/Key.ts"
import { format } from "../core/Shape.ts"
import { composedGradients, composition } from "./attentionComposed.ts"
import type { Gradients, Inputs, Outputs } from "./attentionComposed.ts"
import { dropoutDraws, dropoutRate } from "./dropout.ts"

/** What {@link attention} takes. */
export interface AttentionOptions {
  /** `[batch, time, heads, size]`. */
  readonly query: Tensor
  /** `[batch, keyTime, keyHeads, size]`, with as many heads or a divisor of them, which neighboring heads share. */
  readonly key: Tensor
  /** As the keys. */
  readonly value: Tensor
  /**
   * Which keys count, where it is more than 0: `[batch, keyTime]`, or `[batch, heads, time, keyTime]`, of which each may
   * be 1.
   */
  readonly mask?: Tensor
  /** Is added to the scores; of a shape that is broadcast to `[batch, heads, time, keyTime]`. */
  readonly bias?: Tensor
  /** Whether a query sees no key after its own, the last query being at the last key. By default false. */
  readonly causal?: boolean
  /** How many keys a query sees: the last so many if it is causal, else its own and so many to each side. */
  readonly window?: number
  /** For each head, what the distance between query and key is multiplied with and taken off the scores. */
  readonly slopes?: ReadonlyArray<number>
  /** What scores are multiplied with, by default 1 / √size. */
  readonly scale?: number
  /** Drops weights with a probability, those that the key says, as {@link dropout} does. */
  readonly dropout?: { readonly rate: number; readonly key: Key }
}

/**
 * Attention of queries to keys: softmax(scale query keyᵀ + bias) value for each head, `[batch, time, heads, size]`
 * (Vaswani et al., "Attention is all you need", 2017). Heads of queries may share those of keys and values (Ainslie et
 * al., "GQA", 2023), and slopes make a head forget with the distance (Press et al., "Train short, test long", 2022).
 * The result is 0 where no key counts. Throws a `ShapeError` for other shapes and a `RangeError` for other options.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * // Three steps, one head of size one: with scores that are equal, each step has the mean of what it sees.
 * const query = tf.zeros([1, 3, 1, 1]), key = tf.ones([1, 3, 1, 1]), value = tf.tensor4d([2, 4, 9], [1, 3, 1, 1])
 * tf.squeeze(Ops.attention({ query, key, value })).arraySync() // => [5, 5, 5]
 * tf.squeeze(Ops.attention({ query, key, value, causal: true })).arraySync() // => [2, 3, 5]
 * tf.squeeze(Ops.attention({ query, key, value, causal: true, window: 1 })).arraySync() // => [2, 4, 9]
 * ```
 */
export const attention = (options: AttentionOptions): Tensor => {
  const { bias, key, mask, query, value } = options
  if (query.rank !== 4) fail(NAME, "a query [batch, time, heads, size]", shapeOf(query))
  const [batch, time, heads, size] = query.shape as [number, number, number, number], keyTime = key.shape[1]!
  const groups = key.shape[2]!, fits = key.rank === 4 && key.shape[0] === batch && key.shape[3] === size
  if (!fits || !(groups > 0 && heads % groups === 0)) {
    fail(NAME, `a key [${batch}, keyTime, a divisor of ${heads} heads, ${size}]`, shapeOf(key))
  }
  if (value.rank !== 4 || value.shape.some((n, axis) => n !== key.shape[axis])) {
    fail(NAME, `a value ${shapeOf(key)}, as its key`, shapeOf(value))
  }
  const all = [batch, heads, time, keyTime], none = zeros([0])
  const [out] = run<Outputs>(attentions, KERNEL, {
    // First, so that whether its gradient is asked for is known when those of the others are computed.
    bias: bias === undefined ? none : asFloat(NAME, "a bias", biasOf(bias, all)),
    mask: mask === undefined ? none : asFloat(NAME, "a mask", maskOf(mask, all)),
    query: asFloat(NAME, "a query", query),
    key: asFloat(NAME, "a key", key),
    value: asFloat(NAME, "a value", value)
  }, attributes(options, heads, size, Math.max(time, keyTime)))
  return out
}

const NAME = "attention", KERNEL = "Attention", GRADIENT = "AttentionGradient"

const suits = (shape: ReadonlyArray<number>, all: ReadonlyArray<number>): boolean =>
  shape.every((n, axis) => n === 1 || n === all[axis])

const maskOf = (mask: Tensor, all: ReadonlyArray<number>): Tensor => {
  const [batch, , , keyTime] = all as [number, number, number, number]
  if (mask.rank === 4 && suits(mask.shape, all)) return mask
  return mask.rank === 2 && mask.shape[0] === batch && mask.shape[1] === keyTime
    ? reshape(mask, [batch, 1, 1, keyTime])
    : fail(NAME, `a mask [${batch}, ${keyTime}] or one for ${format(all)}`, shapeOf(mask))
}

const biasOf = (bias: Tensor, all: ReadonlyArray<number>): Tensor => {
  const shape = [...all.slice(bias.rank).map(() => 1), ...bias.shape]
  return shape.length === 4 && suits(shape, all)
    ? reshape(bias, shape)
    : fail(NAME, `a bias for ${format(all)}`, shapeOf(bias))
}

const attributes = (options: AttentionOptions, heads: number, size: number, widest: number): Attention => {
  const { causal = false, dropout, scale = 1 / Math.sqrt(size), slopes = [], window } = options
  if (window !== undefined && !(Number.isSafeInteger(window) && window > 0)) {
    throw new RangeError(`attention: a window is a positive integer, got ${window}`)
  }
  if (!Number.isFinite(scale)) throw new RangeError(`attention: a scale is a finite number, got ${scale}`)
  if (options.slopes !== undefined && !(slopes.length === heads && slopes.every(Number.isFinite))) {
    throw new RangeError(`attention: slopes are ${heads} finite numbers, one for each head, got [${slopes.join(", ")}]`)
  }
  const dropped = dropout !== undefined && dropoutRate(dropout.rate) > 0
  const draws = dropped ? { key: dropout.key, ...dropoutDraws(dropout.rate) } : undefined
  // A wider window sees no more, and would be no number of the kernel.
  return { causal, window: Math.min(window ?? 0, widest), scale, slopes, dropout: draws }
}

const gradient: WithUnread = {
  kernelName: KERNEL,
  inputsToSave: ["bias", "mask", "query", "key", "value"],
  outputsToSave: [true, true],
  unread: [1],
  gradFunc: (dys, saved, attrs) => {
    const [bias, mask, query, key, value, out, sums] = saved as [Tensor, ...Array<Tensor>] as Saved
    const inputs = { query, key, value, mask, bias }, dout = (dys as unknown as [Tensor])[0]
    // The kernel has no gradient of its own: on a tape, for a gradient of this gradient, it is composed.
    const isOnTape = engine().state.gradientDepth > 0
    let computed: Gradients | undefined
    const gradients = (byBias: boolean): Gradients => {
      const options = { ...attrs as unknown as Attention, byBias }
      return computed ??= isOnTape
        ? composedGradients(inputs, dout, options)
        : run<Gradients>(attentions, GRADIENT, { ...inputs, out, sums, dout }, options)
    }
    return {
      bias: () => gradients(true)[3],
      mask: () => zerosLike(mask),
      query: () => gradients(false)[0],
      key: () => gradients(false)[1],
      value: () => gradients(false)[2]
    }
  }
}

type Saved = [bias: Tensor, mask: Tensor, query: Tensor, key: Tensor, value: Tensor, out: Tensor, sums: Tensor]

/** What {@link attention} is made of; it installs itself. */
export const attentions: KernelSet = {
  gradients: [gradient],
  kernels: [attentionWasm, attentionGradientWasm],
  compositions: {
    [KERNEL]: composition,
    [GRADIENT]: ({ dout, ...inputs }: Inputs & { readonly dout: Tensor }, attrs: never): Gradients =>
      composedGradients(inputs, dout, attrs)
  }
}
