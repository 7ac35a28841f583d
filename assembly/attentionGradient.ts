import * as T from "./attentionTile"
import { floats, TILE, TILE_BYTES } from "./attentionTile"
import { packB, packTransposedB, rowsOf } from "./gemm"
import { blockColumns, blockRows } from "./generated/microKernels"
import { horizontalSum, madd } from "./simd"
import { loadUpTo4, storeUpTo4 } from "./tail"

// The gradients of attention, of which scores are computed anew (Dao et al., 2022): tiles of keys go over blocks of
// queries. With weights p = 2^(score - greatest), not yet divided by their sum, and dy that is: dvalue = pᵀ dy,
// dscore = p (dy valueᵀ - Σ dy y), and dquery and dkey of that. Each of them is summed up in the order of keys or queries.

/** Queries that go together over a tile of keys, of one head. */
const BLOCK = 48

/** The bytes of scratch space of a call. */
export function attentionGradientScratch(): i32 {
  // Of all queries of a head: these, dy, their gradient and Σ dy y; the gradients of all keys and values; a tile of
  // keys, twice, and of values; two tiles of scores, and a row.
  return (T.time * (3 * wide() + 4) + 2 * T.keyTime * wide() + 3 * TILE * wide() + (2 * BLOCK + 1) * TILE) * 4
}

// The size up to whole vectors of a product.
function wide(): i32 {
  return T.size + 7 & ~7
}

let weights: usize = 0
let slopes: usize = 0
let drops: usize = 0

/**
 * The gradients of some pairs of an example and a head of keys, from the first on, which count by head, or by example.
 * `dbias` is of the shape of the bias, or nowhere.
 */
export function attendGradient(
  first: i32,
  count: i32,
  byHead: i32,
  examples: i32,
  query: usize,
  key: usize,
  value: usize,
  out: usize,
  sums: usize,
  dout: usize,
  dquery: usize,
  dkey: usize,
  dvalue: usize,
  dbias: usize,
  scratch: usize
): void {
  const heads = T.heads, groups = T.keyHeads, size = T.size, time = T.time, keyTime = T.keyTime
  const each = heads / groups, width = floats(wide()), part = TILE * width
  const q = scratch, dy = q + <usize> time * width, dq = dy + <usize> time * width, within = dq + <usize> time * width
  const dk = within + floats(time + 3 & ~3), dv = dk + <usize> keyTime * width, keys = dv + <usize> keyTime * width
  const values = keys + part, wideKeys = values + part
  weights = wideKeys + part
  slopes = weights + BLOCK * TILE_BYTES
  drops = slopes + BLOCK * TILE_BYTES
  // What came of powers of 2 is of e, and so is the scale.
  const scale: f32 = T.factor * <f32> 0.6931471805599453
  for (let i = first; i < first + count; i++) {
    const example = byHead ? i % examples : i / groups, group = byHead ? i / examples : i % groups
    const lead = floats((example * keyTime * groups + group) * size), stride = groups * size
    T.setExample(example)
    memory.fill(dk, 0, 2 * <usize> keyTime * width)
    for (let head = group * each; head < (group + 1) * each; head++) {
      const place = floats((example * time * heads + head) * size),
        kept = sums + floats(2 * (example * heads + head) * time)
      widen(time, query + place, heads * size, q)
      widen(time, dout + place, heads * size, dy)
      divide(dy, out + place, kept, within)
      memory.fill(dq, 0, <usize> time * width)
      const end = T.endKey(time - 1)
      for (let from = T.firstKey(0), to = 0; from < end; from = to) {
        to = min(end, (from / TILE + 1) * TILE)
        const at = lead + floats(from * stride), b = <usize> from * width
        packTransposedB(size, to - from, key + at, stride, keys)
        packTransposedB(size, to - from, value + at, stride, values)
        packB(to - from, size, key + at, stride, wideKeys)
        const last = T.endQuery(to - 1)
        for (let start = T.firstQuery(from); start < last; start += BLOCK) {
          const rows = min(BLOCK, last - start), a = <usize> start * width
          products(start, rows, from, to, q + a, keys, weights)
          products(start, rows, from, to, dy + a, values, slopes)
          for (let row = 0; row < rows; row++) {
            const greatest = load<f32>(kept + floats(2 * (start + row))), mean = load<f32>(within + floats(start + row))
            finish(example, head, start + row, from, to, <usize> row * TILE_BYTES, greatest, mean)
            if (dbias) addBias(example, head, start + row, from, to - from, slopes + <usize> row * TILE_BYTES, dbias)
          }
          addByKeys(start, rows, from, to, weights, dy + a, dv + b)
          addByKeys(start, rows, from, to, slopes, q + a, dk + b)
          addByQueries(start, rows, from, to, wideKeys, dq + a)
        }
      }
      narrow(time, scale, dq, dquery + place, heads * size)
    }
    narrow(keyTime, scale, dk, dkey + lead, stride)
    narrow(keyTime, 1, dv, dvalue + lead, stride)
  }
}

// Copies rows of a head, which are `stride` floats apart, and fills them up with zeros.
function widen(rows: i32, from: usize, stride: i32, to: usize): void {
  const size = T.size, width = wide()
  for (let row = 0; row < rows; row++, from += floats(stride), to += floats(width)) {
    let i = 0
    for (; i + 4 <= size; i += 4) v128.store(to + floats(i), v128.load(from + floats(i)))
    for (; i < width; i += 4) {
      v128.store(to + floats(i), i < size ? loadUpTo4(from + floats(i), size - i) : f32x4.splat(0))
    }
  }
}

// And back: rows times a factor, without what they were filled up with.
function narrow(rows: i32, times: f32, from: usize, to: usize, stride: i32): void {
  const by = f32x4.splat(times), size = T.size, width = wide()
  for (let row = 0; row < rows; row++, from += floats(width), to += floats(stride)) {
    let i = 0
    for (; i + 4 <= size; i += 4) v128.store(to + floats(i), f32x4.mul(by, v128.load(from + floats(i))))
    if (i < size) storeUpTo4(to + floats(i), size - i, f32x4.mul(by, v128.load(from + floats(i))))
  }
}

// Divides dy by the sums of the weights, and gives Σ dy y.
function divide(dy: usize, y: usize, kept: usize, within: usize): void {
  const size = T.size, width = floats(wide()), stride = floats(T.heads * size)
  for (let row = 0; row < T.time; row++, dy += width, y += stride) {
    const by = f32x4.splat(load<f32>(kept + floats(2 * row), 4))
    let sum = f32x4.splat(0)
    for (let i = 0; i < size; i += 4) {
      const part = f32x4.mul(v128.load(dy + floats(i)), by)
      v128.store(dy + floats(i), part)
      sum = madd(part, loadUpTo4(y + floats(i), size - i), sum)
    }
    store<f32>(within + floats(row), horizontalSum(sum))
  }
}

// The first and the last of some rows of queries that see one of the keys from `key` to `end`.
function firstRow(query: i32, key: i32): i32 {
  return max(0, T.firstQuery(key) - query)
}

function endRow(query: i32, rows: i32, end: i32): i32 {
  return min(rows, T.endQuery(end - 1) - query)
}

// Of rows and packed keys or values.
function products(query: i32, rows: i32, key: i32, end: i32, a: usize, panel: usize, c: usize): void {
  const width = floats(wide())
  for (let k = key; k < end; k += 8, panel += floats(8 * T.size), c += 32) {
    const last = endRow(query, rows, min(end, k + 8))
    for (let row = firstRow(query, k), some = 0; row < last; row += some) {
      some = rowsOf(last - row)
      const from = a + <usize> row * width, to = c + <usize> row * TILE_BYTES
      blockRows(some, 1, T.size, from, width, 0, panel, 32, 0, to, TILE_BYTES, 0)
    }
  }
}

function fill(from: usize, end: usize, value: f32): void {
  for (; from < end && (from & 15) != 0; from += 4) store<f32>(from, value)
  for (; from + 16 <= end; from += 16) v128.store(from, f32x4.splat(value))
  for (; from < end; from += 4) store<f32>(from, value)
}

// Makes of scores the weights that values have had, and of what these come to by dy the gradient of the scores.
function finish(
  example: i32,
  head: i32,
  query: i32,
  from: i32,
  end: i32,
  row: usize,
  greatest: f32,
  within: f32
): void {
  const a = weights + row, b = slopes + row, count = end - from, last = floats(count + 7 & ~7)
  const seen = floats(max(from, T.firstKey(query)) - from), unseen = floats(min(end, T.endKey(query)) - from)
  // Whole vectors; what is not seen weighs nothing.
  const start = seen & ~15, finish = min(unseen + 15 & ~15, last)
  let factor = T.factor
  if (T.isGeneral()) {
    const times = f32x4.splat(factor)
    T.addends(example, head, query, from, end, drops)
    for (let at = start; at < finish; at += 16) {
      v128.store(a + at, f32x4.add(f32x4.mul(v128.load(a + at), times), v128.load(drops + at)))
    }
    factor = 1
  }
  fill(a, a + seen, -Infinity)
  fill(a + unseen, a + finish, -Infinity)
  for (let at: usize = 0; at < start; at += 16) {
    v128.store(a + at, f32x4.splat(0))
    v128.store(b + at, f32x4.splat(0))
  }
  for (let at = finish; at < last; at += 16) {
    v128.store(a + at, f32x4.splat(0))
    v128.store(b + at, f32x4.splat(0))
  }
  const times = f32x4.splat(factor), shift = f32x4.splat(greatest), mean = f32x4.splat(within)
  if (T.kept == 0) {
    for (let at = start; at < finish; at += 16) {
      const w = T.power(v128.load(a + at), times, shift)
      v128.store(a + at, w)
      v128.store(b + at, f32x4.mul(w, f32x4.sub(v128.load(b + at), mean)))
    }
    return
  }
  const lead = from & ~15
  T.drops(example, head, query, lead, end, drops)
  for (let at = start; at < finish; at += 16) {
    const w = T.power(v128.load(a + at), times, shift), left = v128.load(drops + floats(from - lead) + at)
    v128.store(a + at, f32x4.mul(w, left))
    v128.store(b + at, f32x4.mul(w, f32x4.sub(f32x4.mul(left, v128.load(b + at)), mean)))
  }
}

// Adds to what each key has the rows of queries, times their weights or the gradients of their scores.
function addByKeys(query: i32, rows: i32, key: i32, end: i32, tile: usize, b: usize, c: usize): void {
  const width = floats(wide())
  for (let column: usize = 0; column < width; column += 32) {
    for (let k = key, some = 0; k < end; k += some) {
      some = rowsOf(end - k)
      const row = firstRow(query, k), depth = endRow(query, rows, k + some) - row
      if (depth <= 0) continue
      const a = tile + <usize> row * TILE_BYTES + floats(k - key), to = c + <usize> (k - key) * width + column
      blockColumns(some, 1, depth, a, TILE_BYTES, 0, b + <usize> row * width + column, width, 0, to, width, 1)
    }
  }
}

// Adds to what each query has the keys, times the gradients of its scores.
function addByQueries(query: i32, rows: i32, key: i32, end: i32, panel: usize, c: usize): void {
  const width = floats(wide())
  for (let column: usize = 0; column < width; column += 32, panel += floats(8 * (end - key))) {
    for (let row = 0, some = 0; row < rows; row += some) {
      some = rowsOf(rows - row)
      const from = max(key, T.firstKey(query + row)), depth = min(end, T.endKey(query + row + some - 1)) - from
      if (depth <= 0) continue
      const a = slopes + <usize> row * TILE_BYTES + floats(from - key), to = c + <usize> row * width + column
      blockRows(some, 1, depth, a, TILE_BYTES, 0, panel + floats(8 * (from - key)), 32, 0, to, width, 1)
    }
  }
}

function addBias(example: i32, head: i32, query: i32, key: i32, n: i32, row: usize, dbias: usize): void {
  let to = dbias + floats(example * T.biasBatch + head * T.biasHead + query * T.biasQuery)
  if (T.biasKey == 0) {
    let sum: f32 = 0
    for (let i = 0; i < n; i++) sum += load<f32>(row + floats(i))
    store<f32>(to, load<f32>(to) + sum)
    return
  }
  to += floats(key)
  for (let i = 0; i < n; i += 4) {
    const at = to + floats(i)
    storeUpTo4(at, n - i, f32x4.add(loadUpTo4(at, n - i), loadUpTo4(row + floats(i), n - i)))
  }
}
