// dprint-ignore-file: it drops the decorators of functions

// Sines and cosines of floats up to 2^22, to 1.5e-7 of their value: the part of a quarter of a turn is found in
// float64, with π/2 in two parts, of which the first has so few digits that its multiples are exact. 0.9 values per
// nanosecond.
import * as K from "./constants"
import { sineOfQuarters } from "./math"
import { loadUpTo4, storeUpTo4 } from "./tail"

// @ts-ignore: decorator
@inline
function nearestQuarter(x: v128): v128 {
  return f64x2.nearest(f64x2.mul(x, K.TWO_OVER_PI))
}

// @ts-ignore: decorator
@inline
function partOfQuarter(x: v128, quarter: v128): v128 {
  const high = f64x2.sub(x, f64x2.mul(quarter, K.HALF_PI_HIGH))
  return f64x2.mul(f64x2.sub(high, f64x2.mul(quarter, K.HALF_PI_LOW)), K.TWO_OVER_PI)
}

// @ts-ignore: decorator
@inline
function sine(x: v128, ahead: i32): v128 {
  const a = f64x2.promote_low_f32x4(x), b = f64x2.promote_low_f32x4(v128.shuffle<i32>(x, x, 2, 3, 0, 1))
  const p = nearestQuarter(a), q = nearestQuarter(b)
  const s = v128.shuffle<i32>(
    f32x4.demote_f64x2_zero(partOfQuarter(a, p)),
    f32x4.demote_f64x2_zero(partOfQuarter(b, q)),
    0, 1, 4, 5
  )
  const quarters = v128.shuffle<i32>(i32x4.trunc_sat_f64x2_s_zero(p), i32x4.trunc_sat_f64x2_s_zero(q), 0, 1, 4, 5)
  const y = sineOfQuarters(i32x4.add(quarters, i32x4.splat(ahead)), s)
  // Of tiny numbers the part has fewer digits, and they are their sine.
  return ahead == 1 ? y : v128.bitselect(x, y, f32x4.lt(f32x4.abs(x), K.TWO_TO_MINUS_12))
}

// Whether all values were within the range, or not finite.
// @ts-ignore: decorator
@inline
function map(ahead: i32, count: i32, x: usize, out: usize): i32 {
  let beyond = i32x4.splat(0)
  for (; count > 0; count -= 4, x += 16, out += 16) {
    const v = loadUpTo4(x, count), size = f32x4.abs(v)
    beyond = v128.or(beyond, v128.and(f32x4.gt(size, K.TWO_TO_22), f32x4.lt(size, K.INFINITE)))
    storeUpTo4(out, count, sine(v, ahead))
  }
  return v128.any_true(beyond) ? 0 : 1
}

export function Sin(count: i32, x: usize, out: usize): i32 {
  return map(0, count, x, out)
}

// A quarter of a turn ahead of the sine.
export function Cos(count: i32, x: usize, out: usize): i32 {
  return map(1, count, x, out)
}
