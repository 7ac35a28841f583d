// Functions of four floats, to about 1e-7 of their value, subnormal results included; NaN gives NaN, and infinities
// give what they have as limits. The polynomials are minimax fits over the reduced arguments. pmin and pmax are one
// instruction on x64 where min and max are several, and keep a NaN in their first argument.
import { madd } from "./simd"

// @ts-ignore: decorator
@inline
export function splat(x: f32): v128 {
  return f32x4.splat(x)
}

// To add 1.5 * 2^23 rounds to the nearest integer, which then stands in the lowest bits.
const ROUNDING: f32 = 12582912
const ROUNDING_BITS: i32 = 0x4b400000
const LOG2_E: f32 = 1.4426950408889634

// The logarithm of 2 in two parts, of which the first has so few digits that a multiple of it is exact.
const LN2_HIGH: f32 = 0.693359375
const LN2_LOW: f32 = -2.12194440e-4

// @ts-ignore: decorator
@inline
function powerOf2(exponent: v128): v128 {
  return i32x4.shl(i32x4.add(exponent, i32x4.splat(127)), 23)
}

// x / log 2 to the nearest integer, plus ROUNDING.
// @ts-ignore: decorator
@inline
function roundedLog2(x: v128): v128 {
  return madd(x, splat(LOG2_E), splat(ROUNDING))
}

// exp(r) - 1 for r = x - n log 2, which lies within half a log 2 of 0; `rounded` is n plus ROUNDING.
// @ts-ignore: decorator
@inline
function reducedExpm1(x: v128, rounded: v128): v128 {
  const n = f32x4.sub(rounded, splat(ROUNDING))
  const r = madd(n, splat(-LN2_LOW), madd(n, splat(-LN2_HIGH), x))
  let q = madd(r, splat(0.00139475870), splat(0.00836724695))
  q = madd(r, q, splat(0.0416662656))
  q = madd(r, q, splat(0.166665375))
  q = madd(r, q, splat(0.5))
  return madd(f32x4.mul(r, r), q, r)
}

// exp(x) for x from -87 to 88, without care for others.
// @ts-ignore: decorator
@inline
export function expWithin(x: v128): v128 {
  const rounded = roundedLog2(x)
  const power = powerOf2(i32x4.sub(rounded, i32x4.splat(ROUNDING_BITS)))
  return madd(reducedExpm1(x, rounded), power, power)
}

// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const within = f32x4.pmax(f32x4.pmin(x, splat(89)), splat(-104))
  const rounded = roundedLog2(within)
  // Two factors, since 2^n is no float where exp(x) overflows or is subnormal.
  const n = i32x4.sub(rounded, i32x4.splat(ROUNDING_BITS)), half = i32x4.shr_s(n, 1)
  const factor = powerOf2(half)
  return f32x4.mul(madd(reducedExpm1(within, rounded), factor, factor), powerOf2(i32x4.sub(n, half)))
}

// exp(x) - 1 for x of at most 0.
// @ts-ignore: decorator
@inline
export function expm1OfNegative(x: v128): v128 {
  const within = f32x4.pmax(x, splat(-20))
  const rounded = roundedLog2(within)
  const power = powerOf2(i32x4.sub(rounded, i32x4.splat(ROUNDING_BITS)))
  return madd(reducedExpm1(within, rounded), power, f32x4.sub(power, splat(1)))
}

// @ts-ignore: decorator
@inline
function withSignOf(x: v128, magnitude: v128): v128 {
  return v128.or(magnitude, v128.and(x, i32x4.splat(0x80000000)))
}

// tanh |x| = -e / (2 + e) with e = exp(-2 |x|) - 1, which is exact near 0 too.
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const e = expm1OfNegative(f32x4.mul(f32x4.abs(x), splat(-2)))
  return withSignOf(x, f32x4.div(f32x4.neg(e), f32x4.add(splat(2), e)))
}

// With e = exp(-|x|), which cannot overflow: 1 / (1 + e) for x of at least 0, e / (1 + e) below.
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const e = exp4(f32x4.neg(f32x4.abs(x)))
  return f32x4.div(v128.bitselect(e, splat(1), f32x4.lt(x, splat(0))), f32x4.add(splat(1), e))
}

// sigmoid(x) (1 - sigmoid(x)) = e / (1 + e)^2 with e = exp(-|x|): no difference of numbers that are nearly equal.
// @ts-ignore: decorator
@inline
export function sigmoidSlope(x: v128): v128 {
  const e = exp4(f32x4.neg(f32x4.abs(x))), sum = f32x4.add(splat(1), e)
  return f32x4.div(e, f32x4.mul(sum, sum))
}

// log(1 + f) for 1 + f from √½ to √2, plus exponent times log 2.
// @ts-ignore: decorator
@inline
function reducedLog(f: v128, exponent: v128): v128 {
  let p = madd(f, splat(-0.0763422996), splat(0.127614692))
  p = madd(f, p, splat(-0.131602332))
  p = madd(f, p, splat(0.142017767))
  p = madd(f, p, splat(-0.166233540))
  p = madd(f, p, splat(0.200012267))
  p = madd(f, p, splat(-0.250008225))
  p = madd(f, p, splat(0.333333313))
  const square = f32x4.mul(f, f)
  let y = madd(exponent, splat(LN2_LOW), f32x4.mul(f32x4.mul(f, square), p))
  y = f32x4.add(f, madd(square, splat(-0.5), y))
  return madd(exponent, splat(LN2_HIGH), y)
}

// log(x) for a finite x > 0 that is not subnormal, plus offset times log 2.
// @ts-ignore: decorator
@inline
function logOfNormal(x: v128, offset: v128): v128 {
  const exponent = i32x4.shr_s(i32x4.sub(x, i32x4.splat(0x3f3504f3)), 23) // counted from √½
  const mantissa = i32x4.sub(x, i32x4.shl(exponent, 23))
  return reducedLog(f32x4.sub(mantissa, splat(1)), f32x4.add(f32x4.convert_i32x4_s(exponent), offset))
}

// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  const subnormal = f32x4.lt(x, splat(1.17549435e-38))
  const normal = v128.bitselect(f32x4.mul(x, splat(8388608)), x, subnormal)
  let y = logOfNormal(normal, v128.and(subnormal, splat(-23)))
  y = v128.bitselect(splat(-Infinity), y, f32x4.eq(x, splat(0)))
  y = v128.or(y, f32x4.lt(x, splat(0))) // all bits set are a NaN
  return v128.bitselect(y, x, f32x4.lt(x, splat(Infinity)))
}

// log(1 + exp(x)) = max(x, 0) + log(1 + e) with e = exp(-|x|). What 1 + e loses of e is added back, divided by the slope.
// @ts-ignore: decorator
@inline
export function softplus4(x: v128): v128 {
  const e = exp4(f32x4.neg(f32x4.abs(x))), sum = f32x4.add(splat(1), e)
  const lost = f32x4.sub(e, f32x4.sub(sum, splat(1)))
  const log = f32x4.add(logOfNormal(sum, splat(0)), f32x4.div(lost, sum))
  return f32x4.add(f32x4.pmax(x, splat(0)), log)
}

// A polynomial in x^2 near 0; beyond, 1 - exp(p(|x|)), with a polynomial p for the logarithm of erfc, which is at most
// 0.2 there, so that its error hardly counts.
// @ts-ignore: decorator
@inline
export function erf4(x: v128): v128 {
  const square = f32x4.mul(x, x), size = f32x4.abs(x)
  let near = madd(square, splat(-0.000599048100), splat(0.00499310810))
  near = madd(square, near, splat(-0.0267665666))
  near = madd(square, near, splat(0.112818152))
  near = madd(square, near, splat(-0.376124948))
  near = madd(square, near, splat(1.12837911))
  const t = f32x4.pmin(size, splat(4))
  let far = madd(t, splat(0.000195941248), splat(-0.00304325414))
  far = madd(t, far, splat(0.0222270563))
  far = madd(t, far, splat(-0.103931859))
  far = madd(t, far, splat(-0.637181938))
  far = madd(t, far, splat(-1.12767577))
  far = madd(t, far, splat(-0.000195640023))
  far = f32x4.sub(splat(1), expWithin(far))
  return v128.bitselect(withSignOf(x, far), f32x4.mul(x, near), f32x4.gt(size, splat(0.92)))
}
