import { attendRow } from "./attentionRow"
import * as T from "./attentionTile"
import { floats, TILE, TILE_BYTES } from "./attentionTile"
import { packTransposedB, rowsOf, transpose4x4 } from "./gemm"
import { blockColumns, blockRows } from "./generated/microKernels"
import { exp2OfNegative } from "./math"

// Attention with a running softmax (Dao, Fu, Ermon, Rudra, Ré: "FlashAttention", 2022): queries go over tiles of keys,
// and what they have so far is scaled down where a greater score turns up. Queries lie side by side in vectors, eight
// together, so that nothing is summed up across a vector: products give [keys, 8] scores, and [size, 8] of the result.
// Keys and values are read where they lie.

/** Queries that go together over a tile of keys, of one head. */
const BLOCK = 96

// Less than any score, and finite, so that a query without keys has 0.
const NONE: f32 = -1e30

/** The bytes of scratch space of a call. */
export function attentionScratch(): i32 {
  // Queries and what they have; maxima and sums; scores of eight queries; what is added to them, or dropped of them.
  return (2 * BLOCK * T.size + 2 * BLOCK + 16 * TILE) * 4
}

let queries: usize = 0
let results: usize = 0
let maxima: usize = 0
let totals: usize = 0
let scores: usize = 0
let others: usize = 0

/**
 * The attention of some items, blocks of queries of a head, from the first on. To `sums` goes for each query the
 * greatest score, as an exponent of 2, and 1 / the sum of the weights.
 */
export function attend(
  first: i32,
  count: i32,
  query: usize,
  key: usize,
  value: usize,
  out: usize,
  sums: usize,
  scratch: usize
): void {
  const heads = T.heads, groups = T.keyHeads, size = T.size, time = T.time, stride = heads * size
  const blocks = (time + BLOCK - 1) / BLOCK
  queries = scratch
  results = queries + floats(BLOCK * size)
  maxima = results + floats(BLOCK * size)
  totals = maxima + floats(BLOCK)
  scores = totals + floats(BLOCK)
  others = scores + 8 * TILE_BYTES
  for (let item = first; item < first + count; item++) {
    const block = item % blocks, head = item / blocks % heads, example = item / blocks / heads
    const start = block * BLOCK, rows = min(BLOCK, time - start), few = rows & 7, whole = few > 2 ? rows : rows - few
    const lead = floats((example * T.keyTime * groups + head / (heads / groups)) * size)
    const place = floats(((example * time + start) * heads + head) * size)
    const kept = sums + floats(2 * ((example * heads + head) * time + start))
    T.setExample(example)
    if (whole > 0) {
      attendBlock(example, head, start, whole, query + place, key + lead, value + lead)
      for (let row = 0; row < whole; row += 8) finish(row, min(8, whole - row), out + place, floats(stride), kept)
    }
    for (let row = whole; row < rows; row++) {
      const at = place + floats(row * stride), to = kept + floats(2 * row)
      attendRow(example, head, start + row, query + at, key + lead, value + lead, out + at, to, scores)
    }
  }
}

function attendBlock(example: i32, head: i32, start: i32, rows: i32, query: usize, key: usize, value: usize): void {
  const size = T.size, panels = (rows + 7) >> 3, stride = floats(T.keyHeads * size)
  packTransposedB(size, rows, query, T.heads * size, queries)
  memory.fill(results, 0, floats(8 * panels * size))
  memory.fill(totals, 0, floats(8 * panels))
  for (let i = 0; i < 8 * panels; i++) store<f32>(maxima + floats(i), NONE)
  const last = T.endKey(start + rows - 1)
  for (let tile = T.firstKey(start) / TILE * TILE; tile < last; tile += TILE) {
    for (let row = 0; row < rows; row += 8) {
      const q = start + row, some = min(8, rows - row)
      const from = max(tile, T.firstKey(q)), end = min(tile + TILE, T.endKey(q + some - 1))
      if (from >= end) continue
      const panel = queries + floats(row * size), o = results + floats(row * size)
      for (let k = from, keys = 0; k < end; k += keys) {
        keys = rowsOf(end - k)
        const to = scores + floats(8 * (k - from))
        blockRows(keys, 1, size, key + <usize> k * stride, stride, 0, panel, 32, 0, to, 32, 0)
      }
      weigh(example, head, q, some, from, end, row, o)
      const first = value + <usize> from * stride
      for (let i = 0, columns = 0; i < size; i += columns) {
        columns = rowsOf(size - i)
        const c = o + floats(8 * i)
        blockColumns(columns, 1, end - from, first + floats(i), stride, 0, scores, 32, 0, c, 32, 1)
      }
    }
  }
}

// Makes weights of the scores of eight queries, and scales down what they have where a greater one turns up.
function weigh(example: i32, head: i32, query: i32, some: i32, from: i32, end: i32, row: i32, o: usize): void {
  let factor = T.factor
  if (T.isGeneral()) {
    add(example, head, query, some, from, end)
    factor = 1
  }
  hide(query, from, from, min(end, T.firstKey(query + some - 1)))
  hide(query, from, max(from, T.endKey(query)), end)

  const greatest = maxima + floats(row), total = totals + floats(row), times = f32x4.splat(factor)
  let a = f32x4.splat(-Infinity), b = a
  for (let at = scores, left = end - from; left > 0; left--, at += 32) {
    a = f32x4.pmax(a, v128.load(at))
    b = f32x4.pmax(b, v128.load(at, 16))
  }
  const before = v128.load(greatest), before2 = v128.load(greatest, 16)
  const shift = f32x4.pmax(before, f32x4.mul(a, times)), shift2 = f32x4.pmax(before2, f32x4.mul(b, times))
  let sum = v128.load(total), sum2 = v128.load(total, 16)
  if (v128.any_true(v128.or(f32x4.gt(shift, before), f32x4.gt(shift2, before2)))) {
    const scale = exp2OfNegative(f32x4.sub(before, shift)), scale2 = exp2OfNegative(f32x4.sub(before2, shift2))
    v128.store(greatest, shift)
    v128.store(greatest, shift2, 16)
    sum = f32x4.mul(sum, scale)
    sum2 = f32x4.mul(sum2, scale2)
    for (let i = 0, at = o; i < T.size; i++, at += 32) {
      v128.store(at, f32x4.mul(v128.load(at), scale))
      v128.store(at, f32x4.mul(v128.load(at, 16), scale2), 16)
    }
  }
  for (let at = scores, left = end - from; left > 0; left--, at += 32) {
    const p = T.power(v128.load(at), times, shift), p2 = T.power(v128.load(at, 16), times, shift2)
    sum = f32x4.add(sum, p)
    sum2 = f32x4.add(sum2, p2)
    v128.store(at, p)
    v128.store(at, p2, 16)
  }
  v128.store(total, sum)
  v128.store(total, sum2, 16)
  if (T.kept != 0) drop(example, head, query, some, from, end)
}

// Takes scores of queries that do not see one of the keys from `first` to `last`.
function hide(query: i32, from: i32, first: i32, last: i32): void {
  const place = i32x4.add(i32x4.splat(T.placeOf(query)), i32x4(0, 1, 2, 3)), four = i32x4.splat(4)
  const least = f32x4.splat(-Infinity), behind = i32x4.splat(T.behind), ahead = i32x4.splat(-T.ahead)
  for (let key = first, at = scores + floats(8 * (first - from)); key < last; key++, at += 32) {
    const before = i32x4.sub(place, i32x4.splat(key)), before2 = i32x4.add(before, four)
    const hidden = v128.or(i32x4.gt_s(before, behind), i32x4.lt_s(before, ahead))
    const hidden2 = v128.or(i32x4.gt_s(before2, behind), i32x4.lt_s(before2, ahead))
    v128.store(at, v128.bitselect(least, v128.load(at), hidden))
    v128.store(at, v128.bitselect(least, v128.load(at, 16), hidden2), 16)
  }
}

// Scores of products: times the factor, and what is added for each query.
function add(example: i32, head: i32, query: i32, some: i32, from: i32, end: i32): void {
  for (let i = 0; i < some; i++) {
    T.addends(example, head, query + i, from, end, others + <usize> i * TILE_BYTES)
  }
  const times = f32x4.splat(T.factor)
  for (let i = 0; i < end - from; i++) {
    const at = scores + floats(8 * i)
    v128.store(at, f32x4.add(f32x4.mul(v128.load(at), times), across(i, 0)))
    v128.store(at, f32x4.add(f32x4.mul(v128.load(at, 16), times), across(i, 4)), 16)
  }
}

function drop(example: i32, head: i32, query: i32, some: i32, from: i32, end: i32): void {
  const start = from & ~15
  for (let i = 0; i < some; i++) T.drops(example, head, query + i, start, end, others + <usize> i * TILE_BYTES)
  for (let i = 0; i < end - from; i++) {
    const at = scores + floats(8 * i)
    v128.store(at, f32x4.mul(v128.load(at), across(i + from - start, 0)))
    v128.store(at, f32x4.mul(v128.load(at, 16), across(i + from - start, 4)), 16)
  }
}

// What there is for a key of four queries.
function across(i: i32, row: i32): v128 {
  const at = others + floats(i) + <usize> row * TILE_BYTES
  let v = v128.load32_zero(at)
  v = v128.load32_lane(at, v, 1, TILE_BYTES)
  v = v128.load32_lane(at, v, 2, 2 * TILE_BYTES)
  return v128.load32_lane(at, v, 3, 3 * TILE_BYTES)
}

// What some queries have, divided by the sums of their weights, to where it belongs.
function finish(row: i32, some: i32, out: usize, stride: usize, kept: usize): void {
  const o = results + floats(row * T.size), total = totals + floats(row), size = T.size
  for (let i = 0; i < 8; i += 4) {
    const at = total + floats(i), sum = v128.load(at)
    v128.store(at, v128.andnot(f32x4.div(f32x4.splat(1), sum), f32x4.eq(sum, f32x4.splat(0))))
  }
  const by = v128.load(total), by2 = v128.load(total, 16)
  for (let i = 0, at = o; i < size; i++, at += 32) {
    v128.store(at, f32x4.mul(v128.load(at), by))
    v128.store(at, f32x4.mul(v128.load(at, 16), by2), 16)
  }
  const to = out + <usize> row * stride
  for (let i = 0; i < some; i++) {
    const inverse = load<f32>(total + floats(i)), at = kept + floats(2 * (row + i))
    store<f32>(at, inverse == 0 ? Infinity : load<f32>(maxima + floats(row + i)))
    store<f32>(at, inverse, 4)
  }
  let i = 0
  for (; i + 4 <= size && some == 8; i += 4) {
    transpose4x4(o + floats(8 * i), 32, to + floats(i), stride)
    transpose4x4(o + floats(8 * i + 4), 32, to + floats(i) + 4 * stride, stride)
  }
  for (; i < size; i++) {
    for (let j = 0; j < some; j++) store<f32>(to + <usize> j * stride + floats(i), load<f32>(o + floats(8 * i + j)))
  }
}
