// dprint-ignore-file: it drops the decorators of functions

// Gates of four floats: x times a share of it, a distribution function or a sigmoid, and their slopes. Of x above 0 a
// small part is taken off, so that what is left is exact, and below 0 that part is the result.
import * as K from "./constants"
import { bounded, expWithin, magnitude, negative } from "./exponentials"
import { madd } from "./simd"

// exp(-t^2 / 2), for t of at most 12.9, where products with it are not yet subnormal.
// @ts-ignore: decorator
@inline
export function gaussian(t: v128): v128 {
  return expWithin(f32x4.mul(f32x4.mul(t, t), K.MINUS_HALF))
}

// Φ(-t) exp(t^2 / 2) for such a t of at least 0, with the distribution function Φ of the normal distribution.
// @ts-ignore: decorator
@inline
export function millsRatio(t: v128): v128 {
  const p = madd(t, madd(t, madd(t, K.MILLS_3, K.MILLS_2), K.MILLS_1), K.HALF)
  let q = madd(t, K.MILLS_DIVISOR_4, K.MILLS_DIVISOR_3)
  q = madd(t, madd(t, madd(t, q, K.MILLS_DIVISOR_2), K.MILLS_DIVISOR_1), K.ONE)
  return f32x4.div(p, q)
}

// |x|, as far as it matters to both.
// @ts-ignore: decorator
@inline
export function deviations(x: v128): v128 {
  return f32x4.pmin(magnitude(x), K.MOST_DEVIATIONS)
}

// x Φ(x) = max(x, 0) - t Φ(-t) with t = |x|.
// @ts-ignore: decorator
@inline
export function gelu4(x: v128): v128 {
  const t = deviations(x)
  return f32x4.sub(f32x4.pmax(x, f32x4.splat(0)), f32x4.mul(f32x4.mul(t, gaussian(t)), millsRatio(t)))
}

// Φ(x) + x φ(x), with the density φ: for x below 0 k = Φ(-t) - t φ(t), and 1 - k above.
// @ts-ignore: decorator
@inline
export function geluSlope(x: v128): v128 {
  const t = deviations(x)
  const k = f32x4.mul(gaussian(t), madd(t, K.MINUS_ONE_OVER_ROOT_2PI, millsRatio(t)))
  const isAbove = f32x4.gt(x, f32x4.splat(0))
  return f32x4.sub(v128.and(K.ONE, isAbove), v128.xor(k, v128.andnot(K.SIGN_BIT, isAbove)))
}

// x sigmoid(z) = max(x, 0) - t / (1 + exp(|z|)), with t = |x|.
// @ts-ignore: decorator
@inline
function gated(x: v128, t: v128, z: v128): v128 {
  return f32x4.sub(f32x4.pmax(x, f32x4.splat(0)), f32x4.div(t, f32x4.add(K.ONE, expWithin(z))))
}

// @ts-ignore: decorator
@inline
export function swish4(x: v128): v128 {
  const t = f32x4.pmin(magnitude(x), K.EXP_MOST)
  return gated(x, t, t)
}

// With z = 2 √(2/π) (x + 0.044715 x^3), which is 85.2 for the most of |x| that is looked at.
// @ts-ignore: decorator
@inline
export function geluTanh4(x: v128): v128 {
  const t = f32x4.pmin(magnitude(x), K.GELU_MOST)
  return gated(x, t, f32x4.mul(t, madd(f32x4.mul(t, t), K.GELU_CUBIC, K.GELU_LINEAR)))
}

// The slope of x s(z): s + x z' s (1 - s), where 1 - s is the product of s and exp(-z).
// @ts-ignore: decorator
@inline
function gatedSlope(z: v128, part: v128): v128 {
  const e = expWithin(negative(z)), s = f32x4.div(K.ONE, f32x4.add(K.ONE, e))
  return f32x4.mul(s, madd(part, f32x4.mul(e, s), K.ONE))
}

// @ts-ignore: decorator
@inline
export function swishSlope(x: v128): v128 {
  const z = bounded(x)
  return gatedSlope(z, z)
}

// @ts-ignore: decorator
@inline
export function geluTanhSlope(x: v128): v128 {
  const t = f32x4.pmax(f32x4.pmin(x, K.GELU_MOST), K.GELU_LEAST), square = f32x4.mul(t, t)
  const z = f32x4.mul(t, madd(square, K.GELU_CUBIC, K.GELU_LINEAR))
  return gatedSlope(z, f32x4.mul(t, madd(square, K.GELU_CUBIC_3, K.GELU_LINEAR)))
}

