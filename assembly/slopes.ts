// dprint-ignore-file: it drops the decorators of functions

// Gradients of functions of one float32: `dy` times the slope at x, exported under the names of the kernels that they
// serve, and made of one loop as those of elementwise.ts.
import * as K from "./constants"
import * as math from "./math"
import { loadUpTo4, storeUpTo4 } from "./tail"

const RELU_GRAD = 0, LEAKY_RELU_GRAD = 1, CLIP_GRAD = 2, ELU_GRAD = 3, SELU_GRAD = 4, TANH_GRAD = 5, SIGMOID_GRAD = 6
const ERF_GRAD = 7, GELU_GRAD = 8, SWISH_GRAD = 9, RELU6_GRAD = 10, GELU_TANH_GRAD = 11

// @ts-ignore: decorator
@inline
function expOfNegativePart(x: v128): v128 {
  return math.expOfNegative(f32x4.pmin(x, f32x4.splat(0)))
}

// The gradients of activations leave out dy where the slope is 0, whatever dy is.
// @ts-ignore: decorator
@inline
function slope(f: i32, y: v128, x: v128, a: v128, b: v128): v128 {
  const zero = f32x4.splat(0), one = K.ONE
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
    const slope = f32x4.mul(K.TWO_OVER_ROOT_PI, math.expOfNegative(v128.or(f32x4.mul(x, x), K.SIGN_BIT)))
    return f32x4.mul(y, slope)
  }
  if (f == GELU_GRAD) return f32x4.mul(y, math.geluSlope(x))
  if (f == GELU_TANH_GRAD) return f32x4.mul(y, math.geluTanhSlope(x))
  return f32x4.mul(y, math.swishSlope(x))
}

// Two vectors at a time, so that the processor has two chains of operations to work on.
// @ts-ignore: decorator
@inline
function zip(f: i32, count: i32, y: usize, x: usize, out: usize, a: f32 = 0, b: f32 = 0): void {
  const va = f32x4.splat(a), vb = f32x4.splat(b)
  for (; count >= 8; count -= 8, y += 32, x += 32, out += 32) {
    const first = slope(f, v128.load(y), v128.load(x), va, vb)
    const second = slope(f, v128.load(y, 16), v128.load(x, 16), va, vb)
    v128.store(out, first)
    v128.store(out, second, 16)
  }
  for (; count > 0; count -= 4, y += 16, x += 16, out += 16) {
    const z = slope(f, loadUpTo4(y, count), loadUpTo4(x, count), va, vb)
    storeUpTo4(out, count, z)
  }
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

export function GeluTanhGradient(count: i32, dy: usize, x: usize, out: usize): void {
  zip(GELU_TANH_GRAD, count, dy, x, out)
}
