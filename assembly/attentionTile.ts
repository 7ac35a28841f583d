// dprint-ignore-file: it drops the decorators of functions

import * as K from "./constants"
import { exp2OfNegative } from "./math"
import { dropoutFrom } from "./random"
import { loadUpTo4, storeUpTo4 } from "./tail"

// The attention that is computed next, and what its two directions have in common. Keys are worked through in tiles at
// multiples of TILE, whatever of them a query sees, and what a query gets is computed in the same order whichever
// queries are beside it: it depends, to the bit, on the query and the keys that it sees and on nothing else.

/** Keys of a tile. */
export const TILE = 96

export const TILE_BYTES: usize = TILE << 2

export let time: i32 = 0
export let keyTime: i32 = 0
export let heads: i32 = 0
export let keyHeads: i32 = 0
export let size: i32 = 0
/** How many keys a query sees before and after its own. */
export let behind: i32 = 0
export let ahead: i32 = 0
/** What products are multiplied with to be scores, which are exponents of 2. */
export let factor: f32 = 0
export let biasBatch: i32 = 0
export let biasHead: i32 = 0
export let biasQuery: i32 = 0
export let biasKey: i32 = 0
let bias: usize = 0
let mask: usize = 0
let maskBatch: i32 = 0
let maskHead: i32 = 0
let maskQuery: i32 = 0
let maskKey: i32 = 0
let slopes: usize = 0
let dropHigh: i32 = 0
let dropLow: i32 = 0
let dropBelow: i32 = 0
/** What dropout multiplies the weights with that it leaves, or 0 where there is none. */
export let kept: f32 = 0

/** Strides are in floats, and 0 where there is one for all. */
export function attention(
  queries: i32, keys: i32, queryHeads: i32, groups: i32, headSize: i32, before: i32, after: i32, scale: f32,
  biasAt: usize, biasBatches: i32, biasHeads: i32, biasQueries: i32, biasKeys: i32,
  maskAt: usize, maskBatches: i32, maskHeads: i32, maskQueries: i32, maskKeys: i32,
  slopesAt: usize, high: i32, low: i32, threshold: i32, keeping: f32
): void {
  time = queries
  keyTime = keys
  heads = queryHeads
  keyHeads = groups
  size = headSize
  behind = before
  ahead = after
  factor = scale * <f32> 1.4426950408889634
  bias = biasAt
  biasBatch = biasBatches
  biasHead = biasHeads
  biasQuery = biasQueries
  biasKey = biasKeys
  mask = maskAt
  maskBatch = maskBatches
  maskHead = maskHeads
  maskQuery = maskQueries
  maskKey = maskKeys
  slopes = slopesAt
  dropHigh = high
  dropLow = low
  dropBelow = threshold
  kept = keeping
}

// The keys of an example that may count: where the mask is the same for all queries, those between its first and last.
let keysFrom: i32 = 0
let keysEnd: i32 = 0
// Whether the mask has to be looked at for those.
let hasGaps = false

export function setExample(example: i32): void {
  keysFrom = 0
  keysEnd = keyTime
  hasGaps = mask != 0
  if (mask == 0 || (maskHead | maskQuery) != 0 || maskKey == 0) return
  const row = mask + floats(example * maskBatch)
  while (keysFrom < keysEnd && !counts(row, keysFrom)) keysFrom++
  while (keysEnd > keysFrom && !counts(row, keysEnd - 1)) keysEnd--
  hasGaps = false
  for (let key = keysFrom; key < keysEnd; key++) if (!counts(row, key)) hasGaps = true
}

function counts(row: usize, key: i32): bool {
  return load<f32>(row + floats(key)) > 0
}

// @ts-ignore: decorator
@inline
export function floats(count: i32): usize {
  return <usize> count << 2
}

/** The key that is at the place of a query. */
// @ts-ignore: decorator
@inline
export function placeOf(query: i32): i32 {
  return query + keyTime - time
}

/** The first key that a query sees, and the one after the last. */
export function firstKey(query: i32): i32 {
  return max(keysFrom, placeOf(query) - behind)
}

export function endKey(query: i32): i32 {
  return min(keysEnd, placeOf(query) + ahead + 1)
}

/** The first query that sees a key, and the one after the last. */
export function firstQuery(key: i32): i32 {
  return max(0, key - (keyTime - time) - ahead)
}

export function endQuery(key: i32): i32 {
  return min(time, key - (keyTime - time) + behind + 1)
}

/** Whether scores are more than products times a positive factor. */
export function isGeneral(): bool {
  return bias != 0 || slopes != 0 || hasGaps || !(factor > 0)
}

/** What is added to the scores of a query, as exponents of 2, for the keys from `from` to `end`. */
export function addends(example: i32, head: i32, query: i32, from: i32, end: i32, to: usize): void {
  const biasRow = bias + floats(example * biasBatch + head * biasHead + query * biasQuery)
  const maskRow = mask + floats(example * maskBatch + head * maskHead + query * maskQuery)
  const slope = f32x4.splat(slopes == 0 ? 0 : load<f32>(slopes + floats(head)) * <f32> -1.4426950408889634)
  const least = f32x4.splat(-Infinity), zero = f32x4.splat(0), four = i32x4.splat(4)
  let distance = i32x4.add(i32x4.splat(from - placeOf(query)), i32x4(0, 1, 2, 3))
  for (let key = from; key < end; key += 4, to += 16) {
    const left = end - key
    let sum = f32x4.mul(slope, f32x4.convert_i32x4_s(i32x4.abs(distance)))
    if (bias) sum = f32x4.add(sum, f32x4.mul(valuesAt(biasRow, biasKey, key, left), K.LOG2_E))
    if (hasGaps) sum = v128.bitselect(sum, least, f32x4.gt(valuesAt(maskRow, maskKey, key, left), zero))
    storeUpTo4(to, left, sum)
    distance = i32x4.add(distance, four)
  }
}

// @ts-ignore: decorator
@inline
function valuesAt(row: usize, stride: i32, key: i32, left: i32): v128 {
  return stride ? loadUpTo4(row + floats(key), left) : v128.load32_splat(row)
}

/**
 * What dropout multiplies the weights of a query with: for the keys from `start` on, which is a multiple of 16, to
 * `end`.
 */
export function drops(example: i32, head: i32, query: i32, start: i32, end: i32, to: usize): void {
  const row = (example * heads + head) * time + query
  // A counter of the generator gives four draws, and a row takes whole fours of counters.
  dropoutFrom(row * (keyTime + 15 >> 4 << 2) + (start >> 2), end - start, dropHigh, dropLow, dropBelow, kept, to)
}

/** The weight of a score, up to a factor: 2^(times score - shift). */
// @ts-ignore: decorator
@inline
export function power(score: v128, times: v128, shift: v128): v128 {
  // In two roundings, so that it is the same for scores that have been multiplied before.
  return exp2OfNegative(f32x4.sub(f32x4.mul(score, times), shift))
}
