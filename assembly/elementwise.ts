// dprint-ignore-file: it drops the decorators of functions

// Functions of one float32, element by element, exported under the names of the kernels that they serve. One loop
// serves all of them: `f` is a constant where the loop is inlined, so that of the alternatives one remains.
import * as K from "./constants"
import * as math from "./math"
import { loadUpTo4, storeUpTo4 } from "./tail"

const TANH = 0, SQRT = 1, RSQRT = 2, EXP = 3, LOG = 4, ERF = 5, SOFTPLUS = 6, SIGN = 7
const LEAKY_RELU = 8, ELU = 9, SELU = 10, CLIP = 11, GELU = 12, SWISH = 13, EXPM1 = 14, LOG1P = 15, GELU_TANH = 16
const SIGMOID = 17, RELU = 18

// `within` says that exponentials of x, and of -x, are neither infinite nor subnormal; the bits are the same.
// @ts-ignore: decorator
@inline
function unary(f: i32, x: v128, a: v128, b: v128, within: bool = false): v128 {
  const zero = f32x4.splat(0), one = K.ONE
  if (f == TANH) return math.tanh4(x)
  if (f == SQRT) return f32x4.sqrt(x)
  if (f == RSQRT) return f32x4.div(one, f32x4.sqrt(x))
  if (f == EXP) return within ? math.expWithin(x) : math.exp4(x)
  if (f == LOG) return math.log4(x)
  if (f == ERF) return math.erf4(x)
  if (f == SOFTPLUS) return within ? math.softplusWithin(x) : math.softplusOfAny(x)
  if (f == SIGN) return f32x4.sub(v128.and(one, f32x4.gt(x, zero)), v128.and(one, f32x4.lt(x, zero)))
  if (f == SIGMOID) return within ? math.sigmoidWithin(x) : math.sigmoidOfAny(x)
  if (f == RELU) return f32x4.add(f32x4.pmax(x, zero), zero) // the sum makes 0 of -0
  if (f == LEAKY_RELU) return v128.bitselect(f32x4.mul(x, a), x, f32x4.lt(x, zero))
  if (f == CLIP) return f32x4.pmin(f32x4.pmax(x, a), b)
  if (f == ELU) return v128.bitselect(math.expm1OfNegative(x), x, f32x4.lt(x, zero))
  if (f == SELU) {
    const negative = f32x4.mul(K.SELU_ALPHA, math.expm1OfNegative(x))
    return f32x4.mul(K.SELU_SCALE, v128.bitselect(negative, x, f32x4.lt(x, zero)))
  }
  if (f == GELU) return math.gelu4(x)
  if (f == EXPM1) return math.expm1(x)
  if (f == LOG1P) return math.log1p(x)
  if (f == GELU_TANH) return math.geluTanh4(x)
  return math.swish4(x)
}

// Two vectors at a time, so that the processor has two chains of operations to work on.
// @ts-ignore: decorator
@inline
function map(f: i32, count: i32, x: usize, out: usize, a: f32 = 0, b: f32 = 0): void {
  const va = f32x4.splat(a), vb = f32x4.splat(b)
  for (; count >= 8; count -= 8, x += 32, out += 32) {
    const p = v128.load(x), q = v128.load(x, 16)
    if ((f == EXP || f == SIGMOID || f == SOFTPLUS) && math.areWithin(p, q)) {
      v128.store(out, unary(f, p, va, vb, true))
      v128.store(out, unary(f, q, va, vb, true), 16)
      continue
    }
    const first = unary(f, p, va, vb), second = unary(f, q, va, vb)
    v128.store(out, first)
    v128.store(out, second, 16)
  }
  for (; count > 0; count -= 4, x += 16, out += 16) {
    const y = unary(f, loadUpTo4(x, count), va, vb)
    storeUpTo4(out, count, y)
  }
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

export function Expm1(count: i32, x: usize, out: usize): void {
  map(EXPM1, count, x, out)
}

export function Log1p(count: i32, x: usize, out: usize): void {
  map(LOG1P, count, x, out)
}

export function GeluTanh(count: i32, x: usize, out: usize): void {
  map(GELU_TANH, count, x, out)
}

export function Sigmoid(count: i32, x: usize, out: usize): void {
  map(SIGMOID, count, x, out)
}

export function Relu(count: i32, x: usize, out: usize): void {
  map(RELU, count, x, out)
}

// A power from 1 to 4.
export function power(count: i32, x: usize, out: usize, n: i32): void {
  for (; count > 0; count -= 4, x += 16, out += 16) {
    const v = loadUpTo4(x, count)
    let y = v
    for (let i = n; i > 1; i--) y = f32x4.mul(y, v)
    storeUpTo4(out, count, y)
  }
}
