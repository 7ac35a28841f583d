// dprint-ignore-file: it drops the decorators of functions

// Losses of [rows, n] values against targets of the same shape: the mean of each row, and its gradient, in one pass
// each. One loop serves all of them: `f` is a constant where it is inlined.
import * as K from "./constants"
import { sigmoid4, softplus4 } from "./math"
import { horizontalSum } from "./simd"
import { loadUpTo4, storeUpTo4 } from "./tail"

const SIGMOID_CROSS_ENTROPY = 0, SQUARED_ERROR = 1
const LONGEST = 256

// @ts-ignore: decorator
@inline
function loss(f: i32, x: v128, t: v128): v128 {
  if (f == SIGMOID_CROSS_ENTROPY) return f32x4.sub(softplus4(x), f32x4.mul(x, t))
  const difference = f32x4.sub(x, t)
  return f32x4.mul(difference, difference)
}

// @ts-ignore: decorator
@inline
function slope(f: i32, x: v128, t: v128): v128 {
  if (f == SIGMOID_CROSS_ENTROPY) return f32x4.sub(sigmoid4(x), t)
  return f32x4.mul(K.TWO, f32x4.sub(x, t))
}

// The first lanes of a vector, the others zero.
function firstLanes(v: v128, count: i32): v128 {
  return v128.and(v, i32x4.gt_s(i32x4.splat(count), i32x4(0, 1, 2, 3)))
}

// @ts-ignore: decorator
@inline
function meanLoss(f: i32, rows: i32, n: i32, x: usize, t: usize, out: usize): void {
  if (n == 1) {
    for (; rows > 0; rows -= 4, x += 16, t += 16, out += 16) {
      storeUpTo4(out, rows, loss(f, loadUpTo4(x, rows), loadUpTo4(t, rows)))
    }
    return
  }
  for (; rows > 0; rows--, out += 4) {
    let sum: f64 = 0, left = n
    while (left >= 4) {
      let a = f32x4.splat(0)
      const some = min(left >> 2, LONGEST)
      for (let i = 0; i < some; i++, x += 16, t += 16) a = f32x4.add(a, loss(f, v128.load(x), v128.load(t)))
      sum += <f64> horizontalSum(a)
      left -= some << 2
    }
    if (left > 0) {
      sum += <f64> horizontalSum(firstLanes(loss(f, loadUpTo4(x, left), loadUpTo4(t, left)), left))
      x += <usize> left << 2
      t += <usize> left << 2
    }
    store<f32>(out, <f32> (sum / <f64> n))
  }
}

// @ts-ignore: decorator
@inline
function meanLossGradient(f: i32, rows: i32, n: i32, x: usize, t: usize, dy: usize, dx: usize): void {
  if (n == 1) {
    for (; rows > 0; rows -= 4, x += 16, t += 16, dy += 16, dx += 16) {
      const s = slope(f, loadUpTo4(x, rows), loadUpTo4(t, rows))
      storeUpTo4(dx, rows, f32x4.mul(loadUpTo4(dy, rows), s))
    }
    return
  }
  for (; rows > 0; rows--, dy += 4) {
    const factor = f32x4.splat(load<f32>(dy) / <f32> n)
    let left = n
    for (; left >= 4; left -= 4, x += 16, t += 16, dx += 16) {
      v128.store(dx, f32x4.mul(factor, slope(f, v128.load(x), v128.load(t))))
    }
    if (left > 0) {
      storeUpTo4(dx, left, f32x4.mul(factor, slope(f, loadUpTo4(x, left), loadUpTo4(t, left))))
      x += <usize> left << 2
      t += <usize> left << 2
      dx += <usize> left << 2
    }
  }
}

// softplus(x) - x t, the cross entropy of sigmoid(x) and t.
export function sigmoidCrossEntropy(rows: i32, n: i32, x: usize, t: usize, out: usize): void {
  meanLoss(SIGMOID_CROSS_ENTROPY, rows, n, x, t, out)
}

export function sigmoidCrossEntropyGradient(rows: i32, n: i32, x: usize, t: usize, dy: usize, dx: usize): void {
  meanLossGradient(SIGMOID_CROSS_ENTROPY, rows, n, x, t, dy, dx)
}

export function squaredError(rows: i32, n: i32, x: usize, t: usize, out: usize): void {
  meanLoss(SQUARED_ERROR, rows, n, x, t, out)
}

export function squaredErrorGradient(rows: i32, n: i32, x: usize, t: usize, dy: usize, dx: usize): void {
  meanLossGradient(SQUARED_ERROR, rows, n, x, t, dy, dx)
}
