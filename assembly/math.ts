// dprint-ignore-file: it drops the decorators of functions

// Functions of four floats, to about 1e-7 of their value, subnormal results included; NaN gives NaN, and infinities
// give what they have as limits. The polynomials are minimax fits over the reduced arguments.
import * as K from "./constants"
import { expWithin, withSignOf } from "./exponentials"
import { madd } from "./simd"

export * from "./exponentials"
export * from "./gates"

// log(1 + f) for 1 + f from √½ to √2, plus exponent times log 2.
// @ts-ignore: decorator
@inline
function reducedLog(f: v128, exponent: v128): v128 {
  let p = madd(f, K.LOG_7, K.LOG_6)
  p = madd(f, p, K.LOG_5)
  p = madd(f, p, K.LOG_4)
  p = madd(f, p, K.LOG_3)
  p = madd(f, p, K.LOG_2)
  p = madd(f, p, K.LOG_1)
  p = madd(f, p, K.LOG_0)
  const square = f32x4.mul(f, f)
  let y = madd(exponent, K.LN2_LOW, f32x4.mul(f32x4.mul(f, square), p))
  y = f32x4.add(f, madd(square, K.MINUS_HALF, y))
  return madd(exponent, K.LN2_HIGH, y)
}

// log(x) for a finite x > 0 that is not subnormal, plus offset times log 2.
// @ts-ignore: decorator
@inline
function logOfNormal(x: v128, offset: v128): v128 {
  const exponent = i32x4.shr_s(i32x4.sub(x, K.ROOT_HALF_BITS), 23) // counted from √½
  const mantissa = i32x4.sub(x, i32x4.shl(exponent, 23))
  return reducedLog(f32x4.sub(mantissa, K.ONE), f32x4.add(f32x4.convert_i32x4_s(exponent), offset))
}

// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  const subnormal = f32x4.lt(x, K.MIN_NORMAL)
  const normal = v128.bitselect(f32x4.mul(x, K.TWO_TO_23), x, subnormal)
  let y = logOfNormal(normal, v128.and(subnormal, K.MINUS_23))
  y = v128.bitselect(K.MINUS_INFINITE, y, f32x4.eq(x, f32x4.splat(0)))
  y = v128.or(y, f32x4.lt(x, f32x4.splat(0))) // all bits set are a NaN
  return v128.bitselect(y, x, f32x4.lt(x, K.INFINITE))
}

// A polynomial in x^2 near 0; beyond, 1 - exp(p(|x|)), with a polynomial p for the logarithm of erfc, which is at most
// 0.2 there, so that its error hardly counts.
// @ts-ignore: decorator
@inline
export function erf4(x: v128): v128 {
  const square = f32x4.mul(x, x), size = f32x4.abs(x)
  let near = madd(square, K.ERF_5, K.ERF_4)
  near = madd(square, near, K.ERF_3)
  near = madd(square, near, K.ERF_2)
  near = madd(square, near, K.ERF_1)
  near = madd(square, near, K.ERF_0)
  const t = f32x4.pmin(size, K.ERF_MAX)
  let far = madd(t, K.ERFC_6, K.ERFC_5)
  far = madd(t, far, K.ERFC_4)
  far = madd(t, far, K.ERFC_3)
  far = madd(t, far, K.ERFC_2)
  far = madd(t, far, K.ERFC_1)
  far = madd(t, far, K.ERFC_0)
  far = f32x4.sub(K.ONE, expWithin(far))
  return v128.bitselect(withSignOf(x, far), f32x4.mul(x, near), f32x4.gt(size, K.ERF_NEAR))
}

// sin(π/2 s) for |s| up to ½.
// @ts-ignore: decorator
@inline
export function sineOfQuarter(s: v128): v128 {
  const square = f32x4.mul(s, s)
  let p = madd(square, K.SIN_3, K.SIN_2)
  p = madd(square, p, K.SIN_1)
  return f32x4.mul(s, madd(square, p, K.SIN_0))
}

// cos(π/2 s) for |s| up to ½.
// @ts-ignore: decorator
@inline
export function cosineOfQuarter(s: v128): v128 {
  const square = f32x4.mul(s, s)
  let p = madd(square, K.COS_3, K.COS_2)
  p = madd(square, p, K.COS_1)
  return madd(square, madd(square, p, K.COS_0), K.ONE)
}

// log(1 + x). What 1 + x loses of x is added back, divided by the slope.
// @ts-ignore: decorator
@inline
export function log1p(x: v128): v128 {
  const sum = f32x4.add(K.ONE, x)
  const lost = f32x4.div(f32x4.sub(x, f32x4.sub(sum, K.ONE)), sum)
  const isUsual = v128.and(f32x4.gt(sum, f32x4.splat(0)), f32x4.lt(sum, K.INFINITE))
  return withSignOf(x, f32x4.add(log4(sum), v128.and(lost, isUsual)))
}

// The sine of so many quarters of a turn and a part s of one, |s| up to ½.
// @ts-ignore: decorator
@inline
export function sineOfQuarters(quarters: v128, s: v128): v128 {
  const isOdd = i32x4.shr_s(i32x4.shl(quarters, 31), 31), second = i32x4.shl(quarters, 30)
  const size = v128.bitselect(cosineOfQuarter(s), sineOfQuarter(s), isOdd)
  return v128.xor(size, v128.and(second, K.SIGN_BIT)) // it is negative in the second half of a turn
}
