import { rowMaximum } from "./extrema"
import { rowSum } from "./reduce"
import { horizontalSum, madd } from "./simd"
import { exponentials, logarithm, scale } from "./softmax"

// The cross entropy of the softmax of the rows of a [rows, n] matrix, with one class for each row or with a
// distribution over the classes.

// -Σ target · log softmax(x) of each row, where the target is 1 - smoothing for the class, if there is such a class,
// and smoothing / n more for each.
export function crossEntropy(rows: i32, n: i32, smoothing: f32, x: usize, classes: usize, out: usize): void {
  const size = <usize> n << 2
  for (let row = 0; row < rows; row++, x += size, classes += 4, out += 4) {
    const largest = rowMaximum(n, i32x4.splat(0), x), log = logarithm(exponentials(n, largest, x, 0))
    const target = load<i32>(classes)
    let loss: f64 = 0
    if (target >= 0 && target < n) {
      loss = (1 - <f64> smoothing) * (log - (<f64> load<f32>(x + (<usize> target << 2)) - <f64> largest))
    } else if (log != log) loss = log
    if (smoothing != 0) {
      let sum: f64 = 0
      for (let i = 0, at = x; i < n; i++, at += 4) sum += <f64> load<f32>(at) - <f64> largest
      loss += <f64> smoothing * (log - sum / <f64> n)
    }
    store<f32>(out, <f32> loss)
  }
}

// dy · (Σ target · softmax(x) - target) for each row.
export function crossEntropyGradient(
  rows: i32,
  n: i32,
  smoothing: f32,
  x: usize,
  classes: usize,
  dy: usize,
  dx: usize
): void {
  const size = <usize> n << 2
  for (let row = 0; row < rows; row++, x += size, dx += size, classes += 4, dy += 4) {
    const sum = exponentials(n, rowMaximum(n, i32x4.splat(0), x), x, dx)
    const target = load<i32>(classes), exists = target >= 0 && target < n, d = load<f32>(dy)
    const weight: f32 = exists ? 1 : smoothing
    scale(n, <f32> (<f64> d * <f64> weight / sum), -d * smoothing / <f32> n, dx, dx)
    if (exists) {
      const at = dx + (<usize> target << 2)
      store<f32>(at, load<f32>(at) - d * (1 - smoothing))
    }
  }
}

// -Σ target · log softmax(x) of each row, for targets of [rows, n], of which `smoothing` is spread over all classes.
export function distributionCrossEntropy(rows: i32, n: i32, smoothing: f32, x: usize, target: usize, out: usize): void {
  const kept: f32 = 1 - smoothing, spread: f32 = smoothing / <f32> n
  for (let row = 0; row < rows; row++, out += 4) {
    const largest = rowMaximum(n, i32x4.splat(0), x), log = <f32> logarithm(exponentials(n, largest, x, 0))
    let sum: f64 = 0, left = n
    while (left >= 4) {
      let a = f32x4.splat(0)
      const some = min(left >> 2, 256)
      for (let i = 0; i < some; i++, x += 16, target += 16) {
        const below = f32x4.sub(f32x4.splat(log), f32x4.sub(v128.load(x), f32x4.splat(largest)))
        a = madd(madd(v128.load(target), f32x4.splat(kept), f32x4.splat(spread)), below, a)
      }
      sum += <f64> horizontalSum(a)
      left -= some << 2
    }
    for (; left > 0; left--, x += 4, target += 4) {
      sum += <f64> ((load<f32>(target) * kept + spread) * (log - (load<f32>(x) - largest)))
    }
    store<f32>(out, <f32> sum)
  }
}

// dy · (Σ target · softmax(x) - target) for each row.
export function distributionCrossEntropyGradient(
  rows: i32,
  n: i32,
  smoothing: f32,
  x: usize,
  target: usize,
  dy: usize,
  dx: usize
): void {
  const size = <usize> n << 2
  for (let row = 0; row < rows; row++, x += size, target += size, dx += size, dy += 4) {
    const sum = exponentials(n, rowMaximum(n, i32x4.splat(0), x), x, dx), d = load<f32>(dy)
    const kept: f32 = 1 - smoothing, weight = <f64> kept * rowSum(n, target) + <f64> smoothing
    scale(n, <f32> (<f64> d * weight / sum), -d * smoothing / <f32> n, dx, dx)
    const factor: f32 = -d * kept
    let left = n, at = target, to = dx
    for (; left >= 4; left -= 4, at += 16, to += 16) {
      v128.store(to, madd(v128.load(at), f32x4.splat(factor), v128.load(to)))
    }
    for (; left > 0; left--, at += 4, to += 4) store<f32>(to, load<f32>(to) + load<f32>(at) * factor)
  }
}
