// dprint-ignore-file: it drops the decorators of functions

// Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", 2011): the
// words of Random.bits, four counters at a time.

import { storeUpTo4 } from "./tail"

// @ts-ignore: decorator
@inline
function rotate(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shl(x, bits), i32x4.shr_u(x, 32 - bits))
}

// Half a round: y for the sum of both.
// @ts-ignore: decorator
@inline
function turned(y: v128, sum: v128, bits: i32): v128 {
  return v128.xor(rotate(y, bits), sum)
}

// The mask of dropout: element i is `kept` where draw i is at least `threshold`, else 0. A draw is a half of a word,
// the low one first; a counter gives two words, hence four draws.
export function dropoutMask(count: i32, high: i32, low: i32, threshold: i32, kept: f32, out: usize): void {
  const third = 0x1bd11bda ^ high ^ low
  const k0 = i32x4.splat(high), k1 = i32x4.splat(low), k2 = i32x4.splat(third)
  const k2Plus1 = i32x4.splat(third + 1), k0Plus2 = i32x4.splat(high + 2)
  const k1Plus3 = i32x4.splat(low + 3), k2Plus4 = i32x4.splat(third + 4)
  const k0Plus5 = i32x4.splat(high + 5), next = i32x4.splat(4)
  const value = f32x4.splat(kept), limit = i16x8.splat(<i16> threshold)
  for (let counters = i32x4(0, 1, 2, 3); count > 0; count -= 16, out += 64) {
    let x = k0, y = i32x4.add(counters, k1)
    // Five groups of four rounds; the rotations alternate between two sets and a key word is injected after each group.
    y = turned(y, x = i32x4.add(x, y), 13)
    y = turned(y, x = i32x4.add(x, y), 15)
    y = turned(y, x = i32x4.add(x, y), 26)
    y = turned(y, x = i32x4.add(x, y), 6)
    x = i32x4.add(x, k1)
    y = i32x4.add(y, k2Plus1)
    y = turned(y, x = i32x4.add(x, y), 17)
    y = turned(y, x = i32x4.add(x, y), 29)
    y = turned(y, x = i32x4.add(x, y), 16)
    y = turned(y, x = i32x4.add(x, y), 24)
    x = i32x4.add(x, k2)
    y = i32x4.add(y, k0Plus2)
    y = turned(y, x = i32x4.add(x, y), 13)
    y = turned(y, x = i32x4.add(x, y), 15)
    y = turned(y, x = i32x4.add(x, y), 26)
    y = turned(y, x = i32x4.add(x, y), 6)
    x = i32x4.add(x, k0)
    y = i32x4.add(y, k1Plus3)
    y = turned(y, x = i32x4.add(x, y), 17)
    y = turned(y, x = i32x4.add(x, y), 29)
    y = turned(y, x = i32x4.add(x, y), 16)
    y = turned(y, x = i32x4.add(x, y), 24)
    x = i32x4.add(x, k1)
    y = i32x4.add(y, k2Plus4)
    y = turned(y, x = i32x4.add(x, y), 13)
    y = turned(y, x = i32x4.add(x, y), 15)
    y = turned(y, x = i32x4.add(x, y), 26)
    y = turned(y, x = i32x4.add(x, y), 6)
    x = i32x4.add(x, k2)
    y = i32x4.add(y, k0Plus5)

    // The words in order, two counters to a vector.
    const early = i16x8.ge_u(i32x4.shuffle(x, y, 0, 4, 1, 5), limit)
    const late = i16x8.ge_u(i32x4.shuffle(x, y, 2, 6, 3, 7), limit)
    const a = v128.and(value, i32x4.extend_low_i16x8_s(early)), b = v128.and(value, i32x4.extend_high_i16x8_s(early))
    const c = v128.and(value, i32x4.extend_low_i16x8_s(late)), d = v128.and(value, i32x4.extend_high_i16x8_s(late))
    if (count >= 16) {
      v128.store(out, a)
      v128.store(out, b, 16)
      v128.store(out, c, 32)
      v128.store(out, d, 48)
    } else {
      storeUpTo4(out, count, a)
      storeUpTo4(out + 16, count - 4, b)
      storeUpTo4(out + 32, count - 8, c)
      storeUpTo4(out + 48, count - 12, d)
    }
    counters = i32x4.add(counters, next)
  }
}
