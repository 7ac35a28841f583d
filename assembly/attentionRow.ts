import * as T from "./attentionTile"
import { floats, TILE, TILE_BYTES } from "./attentionTile"
import { exp2OfNegative } from "./math"
import { madd } from "./simd"
import { loadUpTo4, storeUpTo4 } from "./tail"

// The attention of one query, as a step of generation has it: what a block gives for it, to the bit, without the work for
// seven others.

/** As `attend`, with room for two rows of a tile in `scratch`. */
export function attendRow(
  example: i32,
  head: i32,
  query: i32,
  at: usize,
  key: usize,
  value: usize,
  out: usize,
  kept: usize,
  scratch: usize
): void {
  const size = T.size, stride = floats(T.keyHeads * size), last = T.endKey(query), others = scratch + TILE_BYTES
  const isGeneral = T.isGeneral(), factor: f32 = isGeneral ? 1 : T.factor
  let greatest: f32 = -1e30, total: f32 = 0
  for (let i = 0; i < size; i += 4) storeUpTo4(out + floats(i), size - i, f32x4.splat(0))
  for (let tile = T.firstKey(query) / TILE * TILE; tile < last; tile += TILE) {
    const from = max(tile, T.firstKey(query)), end = min(last, tile + TILE), count = end - from
    score(count, at, key + <usize> from * stride, stride, scratch)
    if (isGeneral) {
      T.addends(example, head, query, from, end, others)
      const times = f32x4.splat(T.factor)
      for (let i = 0; i < count; i += 4) {
        const to = scratch + floats(i), more = loadUpTo4(others + floats(i), count - i)
        storeUpTo4(to, count - i, f32x4.add(f32x4.mul(loadUpTo4(to, count - i), times), more))
      }
    }
    let most: f32 = -Infinity
    for (let i = 0; i < count; i++) {
      const one = load<f32>(scratch + floats(i))
      if (one > most) most = one
    }
    most *= factor
    if (most > greatest) {
      const scale = exp2OfNegative(f32x4.splat(greatest - most))
      greatest = most
      total *= f32x4.extract_lane(scale, 0)
      for (let i = 0; i < size; i += 4) {
        const to = out + floats(i)
        storeUpTo4(to, size - i, f32x4.mul(loadUpTo4(to, size - i), scale))
      }
    }
    const times = f32x4.splat(factor), shift = f32x4.splat(greatest)
    for (let i = 0; i < count; i += 4) {
      const to = scratch + floats(i)
      storeUpTo4(to, count - i, T.power(loadUpTo4(to, count - i), times, shift))
    }
    for (let i = 0; i < count; i++) total += load<f32>(scratch + floats(i))
    if (T.kept != 0) {
      const start = from & ~15, dropped = others + floats(from - start)
      T.drops(example, head, query, start, end, others)
      for (let i = 0; i < count; i += 4) {
        const to = scratch + floats(i), left = count - i
        storeUpTo4(to, left, f32x4.mul(loadUpTo4(to, left), loadUpTo4(dropped + floats(i), left)))
      }
    }
    addValues(count, scratch, value + <usize> from * stride, stride, out)
  }
  const inverse: f32 = total == 0 ? 0 : 1 / total, by = f32x4.splat(inverse)
  for (let i = 0; i < size; i += 4) {
    const to = out + floats(i)
    storeUpTo4(to, size - i, f32x4.mul(loadUpTo4(to, size - i), by))
  }
  store<f32>(kept, inverse == 0 ? Infinity : greatest)
  store<f32>(kept, inverse, 4)
}

// The products of a query with so many keys: four keys at a time, each summed up in the order of a block.
function score(count: i32, query: usize, key: usize, stride: usize, to: usize): void {
  const size = T.size
  let i = 0
  for (; i + 4 <= count; i += 4, key += 4 * stride, to += 16) {
    let sum = f32x4.splat(0), d = 0
    for (; d + 4 <= size; d += 4) {
      const at = key + floats(d), q = query + floats(d)
      const a = v128.load(at),
        b = v128.load(at + stride),
        c = v128.load(at + 2 * stride),
        e = v128.load(at + 3 * stride)
      const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), ce = v128.shuffle<f32>(c, e, 0, 4, 1, 5)
      const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7), ce2 = v128.shuffle<f32>(c, e, 2, 6, 3, 7)
      sum = madd(v128.load32_splat(q), v128.shuffle<f32>(ab, ce, 0, 1, 4, 5), sum)
      sum = madd(v128.load32_splat(q, 4), v128.shuffle<f32>(ab, ce, 2, 3, 6, 7), sum)
      sum = madd(v128.load32_splat(q, 8), v128.shuffle<f32>(ab2, ce2, 0, 1, 4, 5), sum)
      sum = madd(v128.load32_splat(q, 12), v128.shuffle<f32>(ab2, ce2, 2, 3, 6, 7), sum)
    }
    for (; d < size; d++) {
      const at = key + floats(d)
      let v = v128.load32_zero(at)
      v = v128.load32_lane(at + stride, v, 1)
      v = v128.load32_lane(at + 2 * stride, v, 2)
      v = v128.load32_lane(at + 3 * stride, v, 3)
      sum = madd(v128.load32_splat(query + floats(d)), v, sum)
    }
    v128.store(to, sum)
  }
  for (; i < count; i++, key += stride, to += 4) {
    let sum = f32x4.splat(0)
    for (let d = 0; d < size; d++) {
      sum = madd(v128.load32_splat(query + floats(d)), v128.load32_splat(key + floats(d)), sum)
    }
    v128.store32_lane(to, sum, 0)
  }
}

// Adds so many values, times their weights.
function addValues(count: i32, weights: usize, value: usize, stride: usize, out: usize): void {
  const size = T.size
  let d = 0
  for (; d + 16 <= size; d += 16) {
    const to = out + floats(d)
    let a = v128.load(to), b = v128.load(to, 16), c = v128.load(to, 32), e = v128.load(to, 48)
    for (let i = 0, at = value + floats(d); i < count; i++, at += stride) {
      const weight = v128.load32_splat(weights + floats(i))
      a = madd(weight, v128.load(at), a)
      b = madd(weight, v128.load(at, 16), b)
      c = madd(weight, v128.load(at, 32), c)
      e = madd(weight, v128.load(at, 48), e)
    }
    v128.store(to, a)
    v128.store(to, b, 16)
    v128.store(to, c, 32)
    v128.store(to, e, 48)
  }
  for (; d < size; d += 4) {
    const to = out + floats(d), left = size - d
    let sum = loadUpTo4(to, left)
    for (let i = 0, at = value + floats(d); i < count; i++, at += stride) {
      sum = madd(v128.load32_splat(weights + floats(i)), loadUpTo4(at, left), sum)
    }
    storeUpTo4(to, left, sum)
  }
}
