// dprint-ignore-file: it drops the decorators of functions

// Functions of four floats, to about 1e-7 of their value, subnormal results included; NaN gives NaN, and infinities
// give what they have as limits. The polynomials are minimax fits over the reduced arguments. pmin and pmax are one
// instruction on x64 where min and max are several, and keep a NaN in their first argument.
import * as K from "./constants"
import { madd } from "./simd"

// @ts-ignore: decorator
@inline
function powerOf2(exponent: v128): v128 {
  return i32x4.shl(i32x4.add(exponent, K.EXPONENT_BIAS), 23)
}

// x / log 2 to the nearest integer, plus K.ROUNDING.
// @ts-ignore: decorator
@inline
function roundedLog2(x: v128): v128 {
  return madd(x, K.LOG2_E, K.ROUNDING)
}

// exp(r) - 1 for r = x - n log 2, which lies within half a log 2 of 0; `rounded` is n plus K.ROUNDING.
// @ts-ignore: decorator
@inline
function reducedExpm1(x: v128, rounded: v128): v128 {
  const n = f32x4.sub(rounded, K.ROUNDING)
  const r = madd(n, K.MINUS_LN2_LOW, madd(n, K.MINUS_LN2_HIGH, x))
  let q = madd(r, K.EXP_4, K.EXP_3)
  q = madd(r, q, K.EXP_2)
  q = madd(r, q, K.EXP_1)
  q = madd(r, q, K.EXP_0)
  return madd(f32x4.mul(r, r), q, r)
}

// exp(x) for x from -87 to 88, without care for others.
// @ts-ignore: decorator
@inline
export function expWithin(x: v128): v128 {
  const rounded = roundedLog2(x)
  const power = powerOf2(i32x4.sub(rounded, K.ROUNDING))
  return madd(reducedExpm1(x, rounded), power, power)
}

// exp(x) for x of at most 0; 0 where it would be subnormal.
// @ts-ignore: decorator
@inline
export function expOfNegative(x: v128): v128 {
  return v128.andnot(expWithin(f32x4.pmax(x, K.EXP_LEAST)), f32x4.lt(x, K.EXP_LEAST))
}

// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const within = f32x4.pmax(f32x4.pmin(x, K.EXP_MAX), K.EXP_MIN)
  const rounded = roundedLog2(within)
  // Two factors, since 2^n is no float where exp(x) overflows or is subnormal.
  const n = i32x4.sub(rounded, K.ROUNDING), half = i32x4.shr_s(n, 1)
  const factor = powerOf2(half)
  return f32x4.mul(madd(reducedExpm1(within, rounded), factor, factor), powerOf2(i32x4.sub(n, half)))
}

// exp(x) - 1 for x of at most 0.
// @ts-ignore: decorator
@inline
export function expm1OfNegative(x: v128): v128 {
  const within = f32x4.pmax(x, K.EXPM1_MIN)
  const rounded = roundedLog2(within)
  const power = powerOf2(i32x4.sub(rounded, K.ROUNDING))
  return madd(reducedExpm1(within, rounded), power, f32x4.sub(power, K.ONE))
}

// @ts-ignore: decorator
@inline
function withSignOf(x: v128, magnitude: v128): v128 {
  return v128.or(magnitude, v128.and(x, K.SIGN_BIT))
}

// tanh |x| = |e| / (2 + e) with e = exp(-2 |x|) - 1, which is exact near 0 too.
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const e = expm1OfNegative(f32x4.mul(f32x4.abs(x), K.MINUS_TWO))
  return withSignOf(x, f32x4.div(f32x4.abs(e), f32x4.add(K.TWO, e)))
}

// With e = exp(-|x|), which cannot overflow: 1 / (1 + e) for x of at least 0, e / (1 + e) below.
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const e = exp4(f32x4.neg(f32x4.abs(x)))
  return f32x4.div(v128.bitselect(e, K.ONE, f32x4.lt(x, f32x4.splat(0))), f32x4.add(K.ONE, e))
}

// sigmoid(x) (1 - sigmoid(x)) = e / (1 + e)^2 with e = exp(-|x|): no difference of numbers that are nearly equal.
// @ts-ignore: decorator
@inline
export function sigmoidSlope(x: v128): v128 {
  const e = exp4(f32x4.neg(f32x4.abs(x))), sum = f32x4.add(K.ONE, e)
  return f32x4.div(e, f32x4.mul(sum, sum))
}

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

// log(1 + exp(x)) = max(x, 0) + log(1 + e) with e = exp(-|x|). What 1 + e loses of e is added back, divided by the
// slope.
// @ts-ignore: decorator
@inline
export function softplus4(x: v128): v128 {
  const e = exp4(f32x4.neg(f32x4.abs(x))), sum = f32x4.add(K.ONE, e)
  const lost = f32x4.sub(e, f32x4.sub(sum, K.ONE))
  const log = f32x4.add(logOfNormal(sum, f32x4.splat(0)), f32x4.div(lost, sum))
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), log)
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

// The distribution function of the normal distribution. Below 0 it is half of erfc, of which 1 + erf keeps no more than
// its absolute precision.
// @ts-ignore: decorator
@inline
export function normalDistribution(x: v128): v128 {
  const half = K.HALF
  return f32x4.add(half, f32x4.mul(half, erf4(f32x4.mul(x, K.ROOT_HALF))))
}

// The argument of the sigmoid in the approximation of gelu: 2 √(2/π) (x + 0.044715 x^3).
// @ts-ignore: decorator
@inline
export function geluArgument(x: v128): v128 {
  return f32x4.mul(x, madd(f32x4.mul(x, x), K.GELU_CUBIC, K.GELU_LINEAR))
}

// @ts-ignore: decorator
@inline
export function geluArgumentSlope(x: v128): v128 {
  return madd(f32x4.mul(x, x), K.GELU_CUBIC_3, K.GELU_LINEAR)
}

// exp(x) - 1, exact near 0. With half of 2^n, which is a float where exp(x) nearly overflows.
// @ts-ignore: decorator
@inline
export function expm1(x: v128): v128 {
  const within = f32x4.pmax(f32x4.pmin(x, K.EXP_MAX), K.EXPM1_MIN)
  const rounded = roundedLog2(within)
  const half = powerOf2(i32x4.sub(i32x4.sub(rounded, K.ROUNDING), K.ONE_INTEGER))
  const y = madd(reducedExpm1(within, rounded), half, f32x4.sub(half, K.HALF))
  return withSignOf(x, f32x4.add(y, y))
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
