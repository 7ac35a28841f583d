import { accumulate, rowsTogether, sums } from "./reduce"
import { madd } from "./simd"

// Batch normalization of a [rows, columns] matrix, a channel to a column. What is added up in float32 is at most 256
// values; these partial sums are added up in float64. The forward pass reads x three times and the backward pass x and
// dy twice, both at about 3 values per nanosecond.

// Σ (x - mean)^2 over rows, for each column.
function blockSquares(rows: i32, columns: i32, x: usize, mean: usize, to: usize): void {
  const stride = <usize> columns << 2
  let column: usize = 0
  for (; column + 64 <= stride; column += 64) {
    const p = v128.load(mean + column), q = v128.load(mean + column, 16)
    const r = v128.load(mean + column, 32), s = v128.load(mean + column, 48)
    let a = f32x4.splat(0), b = a, c = a, d = a
    for (let row = 0, at = x + column; row < rows; row++, at += stride) {
      const t = f32x4.sub(v128.load(at), p), u = f32x4.sub(v128.load(at, 16), q)
      const v = f32x4.sub(v128.load(at, 32), r), w = f32x4.sub(v128.load(at, 48), s)
      a = madd(t, t, a)
      b = madd(u, u, b)
      c = madd(v, v, c)
      d = madd(w, w, d)
    }
    v128.store(to + column, a)
    v128.store(to + column, b, 16)
    v128.store(to + column, c, 32)
    v128.store(to + column, d, 48)
  }
  for (; column + 16 <= stride; column += 16) {
    const p = v128.load(mean + column)
    let a = f32x4.splat(0)
    for (let row = 0, at = x + column; row < rows; row++, at += stride) {
      const t = f32x4.sub(v128.load(at), p)
      a = madd(t, t, a)
    }
    v128.store(to + column, a)
  }
  for (; column < stride; column += 4) {
    const p = load<f32>(mean + column)
    let a: f32 = 0
    for (let row = 0, at = x + column; row < rows; row++, at += stride) {
      const t = load<f32>(at) - p
      a += t * t
    }
    store<f32>(to + column, a)
  }
}

// Σ dy and Σ dy (x - mean) over rows, for each column.
function blockProducts(rows: i32, columns: i32, dy: usize, x: usize, mean: usize, to: usize, products: usize): void {
  const stride = <usize> columns << 2
  let column: usize = 0
  for (; column + 32 <= stride; column += 32) {
    const p = v128.load(mean + column), q = v128.load(mean + column, 16)
    let a = f32x4.splat(0), b = a, c = a, d = a
    for (let row = 0, at = column; row < rows; row++, at += stride) {
      const u = v128.load(dy + at), v = v128.load(dy + at, 16)
      a = f32x4.add(a, u)
      b = f32x4.add(b, v)
      c = madd(u, f32x4.sub(v128.load(x + at), p), c)
      d = madd(v, f32x4.sub(v128.load(x + at, 16), q), d)
    }
    v128.store(to + column, a)
    v128.store(to + column, b, 16)
    v128.store(products + column, c)
    v128.store(products + column, d, 16)
  }
  for (; column + 16 <= stride; column += 16) {
    const p = v128.load(mean + column)
    let a = f32x4.splat(0), c = a
    for (let row = 0, at = column; row < rows; row++, at += stride) {
      const u = v128.load(dy + at)
      a = f32x4.add(a, u)
      c = madd(u, f32x4.sub(v128.load(x + at), p), c)
    }
    v128.store(to + column, a)
    v128.store(products + column, c)
  }
  for (; column < stride; column += 4) {
    const p = load<f32>(mean + column)
    let a: f32 = 0, c: f32 = 0
    for (let row = 0, at = column; row < rows; row++, at += stride) {
      const u = load<f32>(dy + at)
      a += u
      c += u * (load<f32>(x + at) - p)
    }
    store<f32>(to + column, a)
    store<f32>(products + column, c)
  }
}

// (x - mean) factor + offset.
function shiftAndScale(rows: i32, columns: i32, x: usize, mean: usize, factors: usize, offset: usize, y: usize): void {
  const stride = <usize> columns << 2
  for (let row = 0; row < rows; row++, x += stride, y += stride) {
    let column: usize = 0
    for (; column + 16 <= stride; column += 16) {
      const centered = f32x4.sub(v128.load(x + column), v128.load(mean + column))
      v128.store(y + column, madd(centered, v128.load(factors + column), v128.load(offset + column)))
    }
    for (; column < stride; column += 4) {
      const centered = load<f32>(x + column) - load<f32>(mean + column)
      store<f32>(y + column, centered * load<f32>(factors + column) + load<f32>(offset + column))
    }
  }
}

// With moments that are given; the scale may be 0, for ones, and the offset 0, for zeros. The scratch space is 8 bytes
// per column.
export function batchNormInference(
  rows: i32,
  columns: i32,
  epsilon: f32,
  x: usize,
  mean: usize,
  variance: usize,
  scale: usize,
  offset: usize,
  y: usize,
  scratch: usize
): void {
  const stride = <usize> columns << 2, zeros = scratch + stride
  for (let column: usize = 0; column < stride; column += 4) {
    const size: f64 = scale == 0 ? 1 : <f64> load<f32>(scale + column)
    store<f32>(scratch + column, <f32> (size / sqrt<f64>(<f64> load<f32>(variance + column) + <f64> epsilon)))
  }
  if (offset == 0) memory.fill(zeros, 0, stride)
  shiftAndScale(rows, columns, x, mean, scratch, offset == 0 ? zeros : offset, y)
}

// y, with the mean and the variance of each column. The scratch space is that of `sums`, and 16 bytes per column.
export function batchNorm(
  rows: i32,
  columns: i32,
  epsilon: f32,
  x: usize,
  scale: usize,
  offset: usize,
  y: usize,
  mean: usize,
  variance: usize,
  scratch: usize
): void {
  const stride = <usize> columns << 2, together = rowsTogether(columns)
  sums(1, rows, columns, <f32> rows, x, mean, scratch)
  const squares = scratch, partial = scratch + (stride << 1), factors = partial
  memory.fill(squares, 0, stride << 1)
  for (let row = 0; row < rows; row += together) {
    blockSquares(min(together, rows - row), columns, x + <usize> row * stride, mean, partial)
    accumulate(columns, partial, squares)
  }
  for (let column: usize = 0; column < stride; column += 4) {
    const v = load<f64>(squares + (column << 1)) / <f64> rows
    store<f32>(variance + column, <f32> v)
    store<f32>(factors + column, <f32> (<f64> load<f32>(scale + column) / sqrt<f64>(v + <f64> epsilon)))
  }
  shiftAndScale(rows, columns, x, mean, factors, offset, y)
}

// The gradients by x, scale and offset, given those by y, mean and variance. With r = 1 / sqrt(variance + epsilon) and
// n rows, dx = scale r dy + (2 dvariance - scale r^3 Σ dy (x - mean)) / n (x - mean) + (dmean - scale r Σ dy) / n. The
// scratch space is 36 bytes per column.
export function batchNormGradient(
  rows: i32,
  columns: i32,
  epsilon: f32,
  x: usize,
  scale: usize,
  mean: usize,
  variance: usize,
  dy: usize,
  dmean: usize,
  dvariance: usize,
  dx: usize,
  dscale: usize,
  doffset: usize,
  scratch: usize
): void {
  const stride = <usize> columns << 2, together = rowsTogether(columns)
  const dySums = scratch, products = dySums + (stride << 1), factors = products + (stride << 1)
  const slopes = factors + stride, shifts = slopes + stride
  memory.fill(dySums, 0, stride << 2)
  for (let row = 0; row < rows; row += together) {
    const at = <usize> row * stride
    blockProducts(min(together, rows - row), columns, dy + at, x + at, mean, factors, slopes)
    accumulate(columns, factors, dySums)
    accumulate(columns, slopes, products)
  }
  const n = <f64> rows
  for (let column: usize = 0; column < stride; column += 4) {
    const sum = load<f64>(dySums + (column << 1)), product = load<f64>(products + (column << 1))
    const r = 1 / sqrt<f64>(<f64> load<f32>(variance + column) + <f64> epsilon),
      factor = <f64> load<f32>(scale + column) * r
    store<f32>(doffset + column, <f32> sum)
    store<f32>(dscale + column, <f32> (product * r))
    store<f32>(factors + column, <f32> factor)
    store<f32>(slopes + column, <f32> ((2 * <f64> load<f32>(dvariance + column) - factor * r * r * product) / n))
    store<f32>(shifts + column, <f32> ((<f64> load<f32>(dmean + column) - factor * sum) / n))
  }
  for (let row = 0; row < rows; row++, x += stride, dy += stride, dx += stride) {
    let column: usize = 0
    for (; column + 16 <= stride; column += 16) {
      const centered = f32x4.sub(v128.load(x + column), v128.load(mean + column))
      const part = madd(centered, v128.load(slopes + column), v128.load(shifts + column))
      v128.store(dx + column, madd(v128.load(dy + column), v128.load(factors + column), part))
    }
    for (; column < stride; column += 4) {
      const part = (load<f32>(x + column) - load<f32>(mean + column)) * load<f32>(slopes + column)
      store<f32>(dx + column, load<f32>(dy + column) * load<f32>(factors + column) + part + load<f32>(shifts + column))
    }
  }
}
