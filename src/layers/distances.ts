import { gather, reshape, tensor1d, transpose } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"

/**
 * For each head, how fast it forgets with the distance: powers of 2 from 2^(-8 / heads) to 2^-8 for a power of 2 of
 * heads; for another number those of the next lower power, and then every second one of twice as many (Press, Smith,
 * Lewis: "Train short, test long: attention with linear biases enables input length extrapolation", 2022).
 */
export const slopesOf = (heads: number): ReadonlyArray<number> => {
  const lower = 2 ** Math.floor(Math.log2(heads))
  const powers = (count: number) => Array.from({ length: count }, (_, i) => 2 ** (-8 * (i + 1) / count))
  return [...powers(lower), ...powers(2 * lower).filter((_, i) => i % 2 === 0).slice(0, heads - lower)]
}

/** The number of buckets that distances fall into, and from which distance on all are in the last. */
export const BUCKETS = 32
const FARTHEST = 128

/**
 * The bucket of a key that is so far behind a query: the near ones have one each, the farther ones share one with more
 * and more others, up to the last; of those before and after the query half each where both count (Raffel et al.:
 * "Exploring the limits of transfer learning with a unified text-to-text transformer", 2020, as T5 computes it).
 */
export const bucketOf = (behind: number, causal: boolean): number => {
  const buckets = causal ? BUCKETS : BUCKETS / 2, from = !causal && behind < 0 ? buckets : 0
  const distance = causal ? Math.max(behind, 0) : Math.abs(behind), near = buckets / 2
  if (distance < near) return from + distance
  // A distance at the border of two buckets is in the farther one.
  const share = Math.log(distance / near) / Math.log(FARTHEST / near) + 1e-9
  return from + Math.min(buckets - 1, near + Math.floor(share * (buckets - near)))
}

/**
 * What is added to the scores, `[heads, time, keyTime]`, of a table `[buckets, heads]`; the last query is at the last
 * key.
 */
export const biasOf = (table: Tensor, time: number, keyTime: number, causal: boolean): Tensor => {
  const ids = tensor1d(bucketsOf(time, keyTime, causal), "int32")
  return reshape(gather(transpose(table), ids, 1), [table.shape[1]!, time, keyTime])
}

// The layers of a model ask for the same.
let last: { readonly key: string; readonly buckets: Int32Array } | undefined

const bucketsOf = (time: number, keyTime: number, causal: boolean): Int32Array => {
  const key = `${time} ${keyTime} ${causal}`
  if (last?.key === key) return last.buckets
  const byDistance = Array.from({ length: time + keyTime - 1 }, (_, i) => bucketOf(i - time + 1, causal))
  const buckets = new Int32Array(time * keyTime)
  for (let t = 0; t < time; t++) {
    for (let k = 0; k < keyTime; k++) buckets[t * keyTime + k] = byDistance[keyTime - 1 + t - k]!
  }
  last = { key, buckets }
  return buckets
}
