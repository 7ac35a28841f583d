// dprint-ignore-file: it drops the decorators of functions

// Kernels that work element by element on float32, exported under the names of the kernels that they serve. One loop
// serves all functions of one argument, and another all of two: `f` is a constant where the loop is inlined, so that of
// the alternatives one remains.
import * as K from "./constants"
import * as math from "./math"
import { loadUpTo4, storeUpTo4 } from "./tail"

const TANH = 0, SQRT = 1, RSQRT = 2, EXP = 3, LOG = 4, ERF = 5, SOFTPLUS = 6, SIGN = 7
const LEAKY_RELU = 8, ELU = 9, SELU = 10, CLIP = 11, GELU = 12, SWISH = 13

const RELU_GRAD = 0, LEAKY_RELU_GRAD = 1, CLIP_GRAD = 2, ELU_GRAD = 3, SELU_GRAD = 4, TANH_GRAD = 5, SIGMOID_GRAD = 6
const ERF_GRAD = 7, GELU_GRAD = 8, SWISH_GRAD = 9, MAXIMUM = 10, MINIMUM = 11, RELU6_GRAD = 12

// @ts-ignore: decorator
@inline
function expOfNegativePart(x: v128): v128 {
  return math.exp4(f32x4.pmin(x, f32x4.splat(0)))
}

// The distribution function of the normal distribution. Below 0 it is half of erfc, of which 1 + erf keeps no more than
// its absolute precision.
// @ts-ignore: decorator
@inline
function normalDistribution(x: v128): v128 {
  const half = K.HALF
  return f32x4.add(half, f32x4.mul(half, math.erf4(f32x4.mul(x, K.ROOT_HALF))))
}

// @ts-ignore: decorator
@inline
function normalDensity(x: v128): v128 {
  return f32x4.mul(K.ONE_OVER_ROOT_2PI, math.exp4(f32x4.mul(f32x4.mul(x, x), K.MINUS_HALF)))
}

// @ts-ignore: decorator
@inline
function unary(f: i32, x: v128, a: v128, b: v128): v128 {
  const zero = f32x4.splat(0), one = K.ONE
  if (f == TANH) return math.tanh4(x)
  if (f == SQRT) return f32x4.sqrt(x)
  if (f == RSQRT) return f32x4.div(one, f32x4.sqrt(x))
  if (f == EXP) return math.exp4(x)
  if (f == LOG) return math.log4(x)
  if (f == ERF) return math.erf4(x)
  if (f == SOFTPLUS) return math.softplus4(x)
  if (f == SIGN) return f32x4.sub(v128.and(one, f32x4.gt(x, zero)), v128.and(one, f32x4.lt(x, zero)))
  if (f == LEAKY_RELU) return v128.bitselect(f32x4.mul(x, a), x, f32x4.lt(x, zero))
  if (f == CLIP) return f32x4.pmin(f32x4.pmax(x, a), b)
  if (f == ELU) return v128.bitselect(math.expm1OfNegative(x), x, f32x4.lt(x, zero))
  if (f == SELU) {
    const negative = f32x4.mul(K.SELU_ALPHA, math.expm1OfNegative(x))
    return f32x4.mul(K.SELU_SCALE, v128.bitselect(negative, x, f32x4.lt(x, zero)))
  }
  if (f == GELU) return f32x4.mul(x, normalDistribution(x))
  return f32x4.mul(x, math.sigmoid4(x))
}

// The gradients of activations leave out dy where the slope is 0, whatever dy is.
// @ts-ignore: decorator
@inline
function binary(f: i32, y: v128, x: v128, a: v128, b: v128): v128 {
  const zero = f32x4.splat(0), one = K.ONE
  if (f == MAXIMUM) return f32x4.max(y, x)
  if (f == MINIMUM) return f32x4.min(y, x)
  if (f == RELU_GRAD) return v128.andnot(y, f32x4.le(x, zero))
  if (f == LEAKY_RELU_GRAD) return v128.bitselect(f32x4.mul(y, a), y, f32x4.le(x, zero))
  if (f == RELU6_GRAD) return v128.andnot(y, v128.or(f32x4.le(x, zero), f32x4.ge(x, f32x4.splat(6))))
  if (f == CLIP_GRAD) return v128.andnot(y, v128.or(f32x4.lt(x, a), f32x4.gt(x, b)))
  if (f == ELU_GRAD) return f32x4.mul(y, expOfNegativePart(x))
  if (f == SELU_GRAD) {
    const negative = f32x4.mul(K.SELU_ALPHA, expOfNegativePart(x))
    return f32x4.mul(y, f32x4.mul(K.SELU_SCALE, v128.bitselect(negative, one, f32x4.le(x, zero))))
  }
  // 1 - tanh(x)^2 is four times the slope of the sigmoid at 2 x.
  if (f == TANH_GRAD) return f32x4.mul(f32x4.mul(y, K.FOUR), math.sigmoidSlope(f32x4.add(x, x)))
  if (f == SIGMOID_GRAD) return f32x4.mul(y, math.sigmoidSlope(x))
  if (f == ERF_GRAD) {
    const slope = f32x4.mul(K.TWO_OVER_ROOT_PI, math.exp4(f32x4.neg(f32x4.mul(x, x))))
    return f32x4.mul(y, slope)
  }
  if (f == GELU_GRAD) return f32x4.mul(y, f32x4.add(normalDistribution(x), f32x4.mul(x, normalDensity(x))))
  // The slope of x s(x) is s + x s (1 - s).
  return f32x4.mul(y, f32x4.add(math.sigmoid4(x), f32x4.mul(x, math.sigmoidSlope(x))))
}

// Two vectors at a time, so that the processor has two chains of operations to work on.
// @ts-ignore: decorator
@inline
function map(f: i32, count: i32, x: usize, out: usize, a: f32 = 0, b: f32 = 0): void {
  const va = f32x4.splat(a), vb = f32x4.splat(b)
  for (; count >= 8; count -= 8, x += 32, out += 32) {
    const first = unary(f, v128.load(x), va, vb), second = unary(f, v128.load(x, 16), va, vb)
    v128.store(out, first)
    v128.store(out, second, 16)
  }
  for (; count > 0; count -= 4, x += 16, out += 16) {
    const y = unary(f, loadUpTo4(x, count), va, vb)
    storeUpTo4(out, count, y)
  }
}

// @ts-ignore: decorator
@inline
function zip(f: i32, count: i32, y: usize, x: usize, out: usize, a: f32 = 0, b: f32 = 0): void {
  const va = f32x4.splat(a), vb = f32x4.splat(b)
  for (; count >= 8; count -= 8, y += 32, x += 32, out += 32) {
    const first = binary(f, v128.load(y), v128.load(x), va, vb)
    const second = binary(f, v128.load(y, 16), v128.load(x, 16), va, vb)
    v128.store(out, first)
    v128.store(out, second, 16)
  }
  for (; count > 0; count -= 4, y += 16, x += 16, out += 16) {
    const z = binary(f, loadUpTo4(y, count), loadUpTo4(x, count), va, vb)
    storeUpTo4(out, count, z)
  }
}

// A row of operands with the same scalar.
// @ts-ignore: decorator
@inline
function zipScalar(f: i32, count: i32, y: usize, x: f32, out: usize): void {
  const vx = f32x4.splat(x), zero = f32x4.splat(0)
  for (; count > 0; count -= 4, y += 16, out += 16) {
    storeUpTo4(out, count, binary(f, loadUpTo4(y, count), vx, zero, zero))
  }
}

// Both operands of one size, or the second one, of `columns` values, repeated for every row of the first.
// @ts-ignore: decorator
@inline
function zipRows(f: i32, rows: i32, columns: i32, y: usize, x: usize, out: usize): void {
  if (columns == 1) {
    zipScalar(f, rows, y, load<f32>(x), out)
    return
  }
  const stride = <usize> columns << 2
  for (; rows > 0; rows--, y += stride, out += stride) zip(f, columns, y, x, out)
}

export function Tanh(count: i32, x: usize, out: usize): void {
  map(TANH, count, x, out)
}

export function Sqrt(count: i32, x: usize, out: usize): void {
  map(SQRT, count, x, out)
}

export function Rsqrt(count: i32, x: usize, out: usize): void {
  map(RSQRT, count, x, out)
}

export function Exp(count: i32, x: usize, out: usize): void {
  map(EXP, count, x, out)
}

export function Log(count: i32, x: usize, out: usize): void {
  map(LOG, count, x, out)
}

export function Erf(count: i32, x: usize, out: usize): void {
  map(ERF, count, x, out)
}

export function Softplus(count: i32, x: usize, out: usize): void {
  map(SOFTPLUS, count, x, out)
}

export function Sign(count: i32, x: usize, out: usize): void {
  map(SIGN, count, x, out)
}

export function LeakyRelu(count: i32, x: usize, out: usize, alpha: f32): void {
  map(LEAKY_RELU, count, x, out, alpha)
}

export function Elu(count: i32, x: usize, out: usize): void {
  map(ELU, count, x, out)
}

export function Selu(count: i32, x: usize, out: usize): void {
  map(SELU, count, x, out)
}

export function ClipByValue(count: i32, x: usize, out: usize, low: f32, high: f32): void {
  map(CLIP, count, x, out, low, high)
}

export function Relu6(count: i32, x: usize, out: usize): void {
  map(CLIP, count, x, out, 0, 6)
}

export function Gelu(count: i32, x: usize, out: usize): void {
  map(GELU, count, x, out)
}

export function Swish(count: i32, x: usize, out: usize): void {
  map(SWISH, count, x, out)
}

export function Maximum(rows: i32, columns: i32, a: usize, b: usize, out: usize): void {
  zipRows(MAXIMUM, rows, columns, a, b, out)
}

export function Minimum(rows: i32, columns: i32, a: usize, b: usize, out: usize): void {
  zipRows(MINIMUM, rows, columns, a, b, out)
}

export function ReluGradient(count: i32, dy: usize, x: usize, out: usize): void {
  zip(RELU_GRAD, count, dy, x, out)
}

export function LeakyReluGradient(count: i32, dy: usize, x: usize, out: usize, alpha: f32): void {
  zip(LEAKY_RELU_GRAD, count, dy, x, out, alpha)
}

export function ClipByValueGradient(count: i32, dy: usize, x: usize, out: usize, low: f32, high: f32): void {
  zip(CLIP_GRAD, count, dy, x, out, low, high)
}

export function Relu6Gradient(count: i32, dy: usize, x: usize, out: usize): void {
  zip(RELU6_GRAD, count, dy, x, out)
}

export function EluGradient(count: i32, dy: usize, x: usize, out: usize): void {
  zip(ELU_GRAD, count, dy, x, out)
}

export function SeluGradient(count: i32, dy: usize, x: usize, out: usize): void {
  zip(SELU_GRAD, count, dy, x, out)
}

export function TanhGradient(count: i32, dy: usize, x: usize, out: usize): void {
  zip(TANH_GRAD, count, dy, x, out)
}

export function SigmoidGradient(count: i32, dy: usize, x: usize, out: usize): void {
  zip(SIGMOID_GRAD, count, dy, x, out)
}

export function ErfGradient(count: i32, dy: usize, x: usize, out: usize): void {
  zip(ERF_GRAD, count, dy, x, out)
}

export function GeluGradient(count: i32, dy: usize, x: usize, out: usize): void {
  zip(GELU_GRAD, count, dy, x, out)
}

export function SwishGradient(count: i32, dy: usize, x: usize, out: usize): void {
  zip(SWISH_GRAD, count, dy, x, out)
}
