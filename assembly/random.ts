// dprint-ignore-file: it drops the decorators of functions

// Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", 2011): the
// words of Random.bits, four counters at a time. What is made of them is a constant where the loop is inlined.

import * as K from "./constants"
import { cosineOfQuarter, log4, sineOfQuarter } from "./math"
import { madd } from "./simd"
import { storeUpTo4 } from "./tail"

const DROPOUT = 0, UNIFORM = 1, NORMAL = 2

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

// Four values, of which at least one belongs to the tensor, or none.
// @ts-ignore: decorator
@inline
function storeQuarter(out: usize, count: i32, part: i32, v: v128): void {
  storeUpTo4(out + (part << 4), count - (part << 2), v)
}

// An element is `kept` where its draw is at least `threshold`, else 0. A draw is a half of a word, the low one first; a
// counter gives two words, hence four draws.
// @ts-ignore: decorator
@inline
function storeDropout(x: v128, y: v128, count: i32, limit: v128, value: v128, out: usize): void {
  // The words in order, two counters to a vector.
  const early = i16x8.ge_u(i32x4.shuffle(x, y, 0, 4, 1, 5), limit)
  const late = i16x8.ge_u(i32x4.shuffle(x, y, 2, 6, 3, 7), limit)
  storeQuarter(out, count, 0, v128.and(value, i32x4.extend_low_i16x8_s(early)))
  storeQuarter(out, count, 1, v128.and(value, i32x4.extend_high_i16x8_s(early)))
  storeQuarter(out, count, 2, v128.and(value, i32x4.extend_low_i16x8_s(late)))
  storeQuarter(out, count, 3, v128.and(value, i32x4.extend_high_i16x8_s(late)))
}

// low + word >>> 8 times the step, in float64, rounded once: the bits of the path without the module.
// @ts-ignore: decorator
@inline
function evenly(words: v128, low: v128, step: v128): v128 {
  const k = i32x4.shr_u(words, 8), high = v128.shuffle<i32>(k, k, 2, 3, 0, 1)
  const a = f64x2.add(low, f64x2.mul(f64x2.convert_low_i32x4_u(k), step))
  const b = f64x2.add(low, f64x2.mul(f64x2.convert_low_i32x4_u(high), step))
  return v128.shuffle<i32>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 1, 4, 5)
}

// The radius of Box and Muller from one word, the angle from the other: 24 bits of a turn, of which the first two are a
// quarter. 1 - u and the part of the quarter are exact.
// @ts-ignore: decorator
@inline
function storeNormal(x: v128, y: v128, count: i32, mean: v128, deviation: v128, out: usize): void {
  const rest = f32x4.convert_i32x4_s(i32x4.sub(K.TWO_TO_24_INTEGER, i32x4.shr_u(x, 8)))
  const log = log4(f32x4.mul(rest, K.TWO_TO_MINUS_24))
  const radius = f32x4.mul(deviation, f32x4.sqrt(f32x4.mul(log, K.MINUS_TWO)))

  const turn = i32x4.shr_u(y, 8), quarter = i32x4.shr_u(i32x4.add(turn, K.EIGHTH_OF_TURN), 22)
  const s = f32x4.mul(f32x4.convert_i32x4_s(i32x4.sub(turn, i32x4.shl(quarter, 22))), K.TWO_TO_MINUS_22)
  const sine = sineOfQuarter(s), cosine = cosineOfQuarter(s), second = i32x4.shl(quarter, 30)
  const isOdd = i32x4.shr_s(i32x4.shl(quarter, 31), 31)
  // The sine is negative in the second half of a turn, the cosine between the first and the third quarter.
  const high = v128.xor(v128.bitselect(cosine, sine, isOdd), v128.and(second, K.SIGN_BIT))
  const ahead = v128.xor(second, i32x4.shl(quarter, 31))
  const wide = v128.xor(v128.bitselect(sine, cosine, isOdd), v128.and(ahead, K.SIGN_BIT))
  const a = madd(radius, wide, mean), b = madd(radius, high, mean)
  storeQuarter(out, count, 0, v128.shuffle<i32>(a, b, 0, 4, 1, 5))
  storeQuarter(out, count, 1, v128.shuffle<i32>(a, b, 2, 6, 3, 7))
}

// @ts-ignore: decorator
@inline
function draw(kind: i32, from: i32, count: i32, high: i32, low: i32, a: v128, b: v128, out: usize): void {
  const third = 0x1bd11bda ^ high ^ low
  const k0 = i32x4.splat(high), k1 = i32x4.splat(low), k2 = i32x4.splat(third)
  const k2Plus1 = i32x4.splat(third + 1), k0Plus2 = i32x4.splat(high + 2)
  const k1Plus3 = i32x4.splat(low + 3), k2Plus4 = i32x4.splat(third + 4)
  const k0Plus5 = i32x4.splat(high + 5), next = i32x4.splat(4), each = kind == DROPOUT ? 16 : 8
  for (let counters = i32x4.add(i32x4.splat(from), i32x4(0, 1, 2, 3)); count > 0; count -= each, out += <usize> each << 2) {
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

    if (kind == DROPOUT) storeDropout(x, y, count, a, b, out)
    else if (kind == NORMAL) storeNormal(x, y, count, a, b, out)
    else {
      storeQuarter(out, count, 0, evenly(i32x4.shuffle(x, y, 0, 4, 1, 5), a, b))
      storeQuarter(out, count, 1, evenly(i32x4.shuffle(x, y, 2, 6, 3, 7), a, b))
    }
    counters = i32x4.add(counters, next)
  }
}

export function dropoutMask(count: i32, high: i32, low: i32, threshold: i32, kept: f32, out: usize): void {
  draw(DROPOUT, 0, count, high, low, i16x8.splat(<i16> threshold), f32x4.splat(kept), out)
}

/** Those of a mask from the fourfold of `from` on. */
export function dropoutFrom(from: i32, count: i32, high: i32, low: i32, threshold: i32, kept: f32, out: usize): void {
  draw(DROPOUT, from, count, high, low, i16x8.splat(<i16> threshold), f32x4.splat(kept), out)
}

export function uniform(count: i32, high: i32, low: i32, from: f64, step: f64, out: usize): void {
  draw(UNIFORM, 0, count, high, low, f64x2.splat(from), f64x2.splat(step), out)
}

export function normal(count: i32, high: i32, low: i32, mean: f32, deviation: f32, out: usize): void {
  draw(NORMAL, 0, count, high, low, f32x4.splat(mean), f32x4.splat(deviation), out)
}
