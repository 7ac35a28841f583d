import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { stopGradient } from "../autodiff/stopGradient.ts"
import type { Attention } from "../backend/kernels/attention.ts"
import { sumTo } from "./broadcast.ts"
import { dropoutMask } from "./dropout.ts"

// Attention of operations that can be differentiated, with all scores in memory: for other backends than WebAssembly,
// and for gradients of gradients.

/** What the kernel takes, mask and bias with four axes; what is not there is empty. */
export interface Inputs {
  readonly query: Tensor
  readonly key: Tensor
  readonly value: Tensor
  readonly mask: Tensor
  readonly bias: Tensor
}

/** What the kernel gives: the result, and what its gradient needs of each query, which is empty here. */
export type Outputs = [out: Tensor, sums: Tensor]

/** The gradients by query, key, value and, where it is asked for, bias. */
export type Gradients = [query: Tensor, key: Tensor, value: Tensor, bias: Tensor]

/** What a score has to be for its exponential to be 0, whatever the others are. */
const FAR = -1e30

/** From `[batch, time, heads, size]` to `[batch, groups, heads of a group * time, size]`. */
const grouped = (x: Tensor, groups: number): Tensor => {
  const [batch, time, heads, size] = x.shape as [number, number, number, number]
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch, groups, heads / groups * time, size])
}

/** And back. */
const apart = (x: Tensor, [batch, time, heads, size]: ReadonlyArray<number>): Tensor =>
  tf.transpose(tf.reshape(x, [batch!, heads!, time!, size!]), [0, 2, 1, 3])

/** How far the keys lie before the queries, `[time, keyTime]`: the last query is at the last key. */
const distances = (time: number, keyTime: number): Tensor =>
  tf.sub(tf.reshape(tf.range(keyTime - time, keyTime), [time, 1]), tf.range(0, keyTime))

/** Which keys count for which queries, if not all do for all: a bias can take some of them out, by -Infinity say. */
const visible = (
  distance: Tensor,
  { bias, mask }: Inputs,
  scores: Tensor,
  { causal, window }: Attention
): Tensor | undefined => {
  const conditions = [
    ...(causal ? [tf.greaterEqual(distance, 0)] : []),
    ...(window === 0 ? [] : [causal ? tf.less(distance, window) : tf.lessEqual(tf.abs(distance), window)]),
    ...(mask.size === 0 ? [] : [tf.greater(mask, 0)]),
    ...(bias.size === 0 ? [] : [stopGradient(() => tf.logicalNot(tf.less(scores, FAR)))])
  ]
  return conditions.length === 0 ? undefined : conditions.reduce((a, b) => tf.logicalAnd(a, b))
}

/** The weights of the values, `[batch, heads, time, keyTime]`, before dropout; and what that multiplies them with. */
const weights = (inputs: Inputs, attrs: Attention) => {
  const { bias, key, query } = inputs, [batch, time, heads] = query.shape as [number, number, number, number]
  const [, keyTime, groups] = key.shape as [number, number, number, number], { dropout, scale, slopes } = attrs
  const q = grouped(query, groups), k = grouped(key, groups), distance = distances(time, keyTime)
  let scores: Tensor = tf.mul(tf.reshape(tf.matMul(q, k, false, true), [batch, heads, time, keyTime]), scale)
  if (bias.size > 0) scores = tf.add(scores, bias)
  if (slopes.length > 0) {
    scores = tf.sub(scores, tf.mul(tf.tensor([...slopes], [heads, 1, 1]), tf.abs(distance)))
  }
  const counts = visible(distance, inputs, scores, attrs)
  const softmax = tf.softmax(counts === undefined ? scores : tf.where(counts, scores, FAR))
  // A query that no key counts for has nothing.
  const p = counts === undefined ? softmax : tf.mul(softmax, tf.cast(counts, "float32"))
  if (dropout === undefined) return { q, k, p, kept: undefined }
  const shape = [batch, heads, time, dropoutRow(keyTime)]
  return { q, k, p, kept: tf.slice(dropoutMask({ shape, ...dropout }), 0, p.shape) }
}

/** The numbers that are drawn for each query, of which the last are for no key: so many as the kernel draws at once. */
export const dropoutRow = (keyTime: number): number => Math.ceil(keyTime / 16) * 16

const isEmpty = ({ key, query }: Inputs): boolean => query.size === 0 || key.size === 0

/** All of it, as the kernel gives it. */
export const composition = (inputs: Inputs, attrs: Attention): Outputs => {
  const { query, value } = inputs, groups = value.shape[2]!
  if (isEmpty(inputs)) return [tf.zeros(query.shape), tf.zeros([0])]
  const { kept, p } = weights(inputs, attrs),
    [batch, heads, time, keyTime] = p.shape as [number, number, number, number]
  const dropped = tf.reshape(kept === undefined ? p : tf.mul(p, kept), [batch, groups, heads / groups * time, keyTime])
  return [apart(tf.matMul(dropped, grouped(value, groups)), query.shape), tf.zeros([0])]
}

/** The gradients, of operations that can be differentiated again. */
export const composedGradients = (
  inputs: Inputs,
  dout: Tensor,
  attrs: Attention & { readonly byBias: boolean }
): Gradients => {
  const { bias, key, query, value } = inputs, { byBias, scale } = attrs, none = tf.zeros([0])
  if (isEmpty(inputs)) {
    return [tf.zeros(query.shape), tf.zeros(key.shape), tf.zeros(value.shape), byBias ? tf.zeros(bias.shape) : none]
  }
  const { k, kept, p, q } = weights(inputs, attrs), groups = key.shape[2]!, v = grouped(value, groups)
  const all = p.shape, [batch, heads, time, keyTime] = all as [number, number, number, number]
  const together = [batch, groups, heads / groups * time, keyTime], dy = grouped(dout, groups)
  const byDropped = tf.reshape(tf.matMul(dy, v, false, true), all)
  const byWeights = kept === undefined ? byDropped : tf.mul(byDropped, kept)
  const byScores = tf.mul(p, tf.sub(byWeights, tf.sum(tf.mul(byWeights, p), -1, true)))
  const dropped = tf.reshape(kept === undefined ? p : tf.mul(p, kept), together)
  const scaled = tf.mul(tf.reshape(byScores, together), scale)
  return [
    apart(tf.matMul(scaled, k), query.shape),
    apart(tf.matMul(scaled, q, true), key.shape),
    apart(tf.matMul(dropped, dy, true), value.shape),
    byBias ? sumTo(byScores, bias.shape) : none
  ]
}
