// Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", 2011): the
// words of Random.bits, four counters at a time.

import { storeUpTo4 } from "./tail"

// @ts-ignore: decorator

function rotate(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shl(x, bits), i32x4.shr_u(x, 32 - bits))
}

// The mask of dropout: element i is `kept` where draw i is at least `threshold`, else 0. A draw is a half of a word,
// the low one first; a counter gives two words, hence four draws.
export function dropoutMask(count: i32, high: i32, low: i32, threshold: i32, kept: f32, out: usize): void {
  const value = f32x4.splat(kept), limit = i16x8.splat(<i16> threshold)
  for (let counters = i32x4(0, 1, 2, 3); count > 0; count -= 16, out += 64) {
    let k0 = i32x4.splat(high), k1 = i32x4.splat(low), k2 = i32x4.splat(0x1bd11bda ^ high ^ low)
    let x = k0, y = i32x4.add(counters, k1)
    // Five groups of four rounds; the rotations alternate between two sets and a key word is injected after each group.
    for (let group = 1; group <= 5; group++) {
      if (group & 1) {
        x = i32x4.add(x, y)
        y = v128.xor(rotate(y, 13), x)
        x = i32x4.add(x, y)
        y = v128.xor(rotate(y, 15), x)
        x = i32x4.add(x, y)
        y = v128.xor(rotate(y, 26), x)
        x = i32x4.add(x, y)
        y = v128.xor(rotate(y, 6), x)
      } else {
        x = i32x4.add(x, y)
        y = v128.xor(rotate(y, 17), x)
        x = i32x4.add(x, y)
        y = v128.xor(rotate(y, 29), x)
        x = i32x4.add(x, y)
        y = v128.xor(rotate(y, 16), x)
        x = i32x4.add(x, y)
        y = v128.xor(rotate(y, 24), x)
      }
      x = i32x4.add(x, k1)
      y = i32x4.add(y, i32x4.add(k2, i32x4.splat(group)))
      const next = k0
      k0 = k1
      k1 = k2
      k2 = next
    }
    // The words in order, two counters to a vector.
    const early = i16x8.ge_u(i32x4.shuffle(x, y, 0, 4, 1, 5), limit)
    const late = i16x8.ge_u(i32x4.shuffle(x, y, 2, 6, 3, 7), limit)
    storeUpTo4(out, count, v128.and(value, i32x4.extend_low_i16x8_s(early)))
    storeUpTo4(out + 16, count - 4, v128.and(value, i32x4.extend_high_i16x8_s(early)))
    storeUpTo4(out + 32, count - 8, v128.and(value, i32x4.extend_low_i16x8_s(late)))
    storeUpTo4(out + 48, count - 12, v128.and(value, i32x4.extend_high_i16x8_s(late)))
    counters = i32x4.add(counters, i32x4.splat(4))
  }
}
