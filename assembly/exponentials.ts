// dprint-ignore-file: it drops the decorators of functions

// Exponentials of four floats, and what is made of them, to about 1e-7 of their value; NaN gives NaN, and infinities
// give what they have as limits. Subnormal results are 0 where nothing else is said. The polynomials are minimax fits
// over the reduced arguments. pmin and pmax are one instruction on x64 where min and max are several, and keep a NaN in
// their first argument.
import * as K from "./constants"
import { madd } from "./simd"

// @ts-ignore: decorator
@inline
function powerOf2(exponent: v128): v128 {
  return i32x4.shl(i32x4.add(exponent, K.EXPONENT_BIAS), 23)
}

// x / log 2 to the nearest integer, plus K.ROUNDING, of whose bits the lowest are the integer's.
// @ts-ignore: decorator
@inline
function roundedLog2(x: v128): v128 {
  return madd(x, K.LOG2_E, K.ROUNDING)
}

// y 2^n, for floats that are not subnormal; `rounded` is n plus K.ROUNDING.
// @ts-ignore: decorator
@inline
function timesPower(y: v128, rounded: v128): v128 {
  return i32x4.add(y, i32x4.shl(rounded, 23))
}

// What is left of x: r = x - n log 2, which lies within half a log 2 of 0.
// @ts-ignore: decorator
@inline
function reduced(x: v128, rounded: v128): v128 {
  const n = f32x4.sub(rounded, K.ROUNDING)
  return madd(n, K.MINUS_LN2_LOW, madd(n, K.MINUS_LN2_HIGH, x))
}

// (exp(r) - 1 - r) / r^2.
// @ts-ignore: decorator
@inline
function remainder(r: v128): v128 {
  let q = madd(r, K.EXP_4, K.EXP_3)
  q = madd(r, q, K.EXP_2)
  q = madd(r, q, K.EXP_1)
  return madd(r, q, K.EXP_0)
}

// @ts-ignore: decorator
@inline
function reducedExp(x: v128, rounded: v128): v128 {
  const r = reduced(x, rounded)
  return madd(r, madd(r, remainder(r), K.ONE), K.ONE)
}

// @ts-ignore: decorator
@inline
function reducedExpm1(x: v128, rounded: v128): v128 {
  const r = reduced(x, rounded)
  return madd(f32x4.mul(r, r), remainder(r), r)
}

// exp(x) for x from -87.3 to 88, and NaN, without care for others.
// @ts-ignore: decorator
@inline
export function expWithin(x: v128): v128 {
  const rounded = roundedLog2(x)
  return timesPower(reducedExp(x, rounded), rounded)
}

// Whether two vectors are within that range.
// @ts-ignore: decorator
@inline
export function areWithin(x: v128, y: v128): bool {
  // Bits of floats without their sign are in the order of what they stand for.
  const larger = i32x4.max_s(v128.and(x, K.MAGNITUDE), v128.and(y, K.MAGNITUDE))
  return !v128.any_true(i32x4.gt_s(larger, K.EXP_RANGE))
}

// exp(x) for x of at most 0; 0 where it would be subnormal.
// @ts-ignore: decorator
@inline
export function expOfNegative(x: v128): v128 {
  return v128.andnot(expWithin(f32x4.pmax(x, K.EXP_LEAST)), f32x4.lt(x, K.EXP_LEAST))
}

// 2^x for x of at most 0, within an ulp; 0 for x of at most -127. The first coefficient is 1, so that 2^0 is.
// @ts-ignore: decorator
@inline
export function exp2OfNegative(x: v128): v128 {
  const within = f32x4.pmax(x, K.EXP2_LEAST), rounded = f32x4.add(within, K.ROUNDING)
  const r = f32x4.sub(within, f32x4.sub(rounded, K.ROUNDING))
  let p = madd(r, K.EXP2_6, K.EXP2_5)
  p = madd(r, p, K.EXP2_4)
  p = madd(r, p, K.EXP2_3)
  p = madd(r, p, K.EXP2_2)
  p = madd(r, p, K.EXP2_1)
  return timesPower(madd(r, p, K.ONE), rounded)
}

// exp(x) of any x; the same bits as within that range.
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const within = f32x4.pmax(f32x4.pmin(x, K.EXP_MAX), K.EXP_MIN)
  const rounded = roundedLog2(within)
  // Two factors, since 2^n is no float where exp(x) overflows or is subnormal.
  const n = i32x4.sub(rounded, K.ROUNDING), half = i32x4.shr_s(n, 1)
  return f32x4.mul(f32x4.mul(reducedExp(within, rounded), powerOf2(half)), powerOf2(i32x4.sub(n, half)))
}

// exp(x) - 1 for x of at most 0.
// @ts-ignore: decorator
@inline
export function expm1OfNegative(x: v128): v128 {
  const within = f32x4.pmax(x, K.EXPM1_MIN)
  const rounded = roundedLog2(within), power = timesPower(K.ONE, rounded)
  return madd(reducedExpm1(within, rounded), power, f32x4.sub(power, K.ONE))
}

// @ts-ignore: decorator
@inline
export function magnitude(x: v128): v128 {
  return v128.and(x, K.MAGNITUDE)
}

// @ts-ignore: decorator
@inline
export function negative(x: v128): v128 {
  return v128.xor(x, K.SIGN_BIT)
}

// @ts-ignore: decorator
@inline
export function withSignOf(x: v128, magnitude: v128): v128 {
  return v128.or(magnitude, v128.and(x, K.SIGN_BIT))
}

// tanh |x| = -e / (2 + e) with e = exp(-2 |x|) - 1, which is exact near 0 too.
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const y = f32x4.mul(f32x4.pmin(magnitude(x), K.TEN), K.MINUS_TWO)
  const rounded = roundedLog2(y), power = timesPower(K.ONE, rounded)
  const e = madd(reducedExpm1(y, rounded), power, f32x4.sub(power, K.ONE))
  return withSignOf(x, f32x4.div(magnitude(e), f32x4.add(K.TWO, e)))
}

// @ts-ignore: decorator
@inline
export function bounded(x: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, K.EXP_LEAST), K.EXP_MOST)
}

// 1 / (1 + exp(-x)) within the range of the exponential.
// @ts-ignore: decorator
@inline
export function sigmoidWithin(x: v128): v128 {
  return f32x4.div(K.ONE, f32x4.add(K.ONE, expWithin(negative(x))))
}

// Of any x; 0 where it would be subnormal.
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  return v128.andnot(sigmoidWithin(bounded(x)), f32x4.lt(x, K.EXP_LEAST))
}

// What is exp(x) where that is subnormal.
// @ts-ignore: decorator
@inline
function withSubnormals(x: v128, y: v128): v128 {
  return v128.bitselect(exp4(x), y, f32x4.lt(x, K.EXP_LEAST))
}

// @ts-ignore: decorator
@inline
export function sigmoidOfAny(x: v128): v128 {
  return withSubnormals(x, sigmoidWithin(bounded(x)))
}

// sigmoid(x) (1 - sigmoid(x)) = e / (1 + e)^2 with e = exp(-|x|): no difference of numbers that are nearly equal.
// @ts-ignore: decorator
@inline
export function sigmoidSlope(x: v128): v128 {
  const e = expOfNegative(v128.or(x, K.SIGN_BIT)), sum = f32x4.add(K.ONE, e)
  return f32x4.div(e, f32x4.mul(sum, sum))
}

// log(1 + exp(x)) = max(x, 0) + log(1 + e) with e = exp(-|x|), and log(1 + e) = 2 artanh(z) with z = e / (2 + e), of
// which 2 z is e - e z, so that e itself is exact.
// @ts-ignore: decorator
@inline
function softplusOf(x: v128, e: v128): v128 {
  const z = f32x4.div(e, f32x4.add(K.TWO, e)), square = f32x4.mul(z, z)
  let p = madd(square, K.ARTANH_4, K.ARTANH_3)
  p = madd(square, p, K.ARTANH_2)
  p = madd(square, p, K.ARTANH_1)
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), madd(z, f32x4.sub(f32x4.mul(square, p), e), e))
}

// @ts-ignore: decorator
@inline
export function softplusWithin(x: v128): v128 {
  return softplusOf(x, expWithin(v128.or(x, K.SIGN_BIT)))
}

// 0 where it would be subnormal.
// @ts-ignore: decorator
@inline
export function softplus4(x: v128): v128 {
  return softplusOf(x, expOfNegative(v128.or(x, K.SIGN_BIT)))
}

// @ts-ignore: decorator
@inline
export function softplusOfAny(x: v128): v128 {
  return withSubnormals(x, softplus4(x))
}

// exp(x) - 1, exact near 0. With half of 2^n, which is a float where exp(x) nearly overflows.
// @ts-ignore: decorator
@inline
export function expm1(x: v128): v128 {
  const within = f32x4.pmax(f32x4.pmin(x, K.EXP_MAX), K.EXPM1_MIN)
  const rounded = roundedLog2(within), half = timesPower(K.HALF, rounded)
  const y = madd(reducedExpm1(within, rounded), half, f32x4.sub(half, K.HALF))
  return withSignOf(x, f32x4.add(y, y))
}

