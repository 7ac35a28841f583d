// Maxima and minima over the middle axis of [outer, rows, columns], as the sums of reduce.ts: 30 to 55 GB/s.
//
// Maxima are found with signs turned by `flip` and turned back, which makes minima of them. f32x4.pmax is one
// instruction where f32x4.max is eight; it forgets a NaN that is its second operand, so that NaN is looked for beside
// it.

// All bits set where a value is NaN.
function isNaN4(v: v128): v128 {
  return f32x4.ne(v, v)
}

// NaN for a lane in which there was one.
function finish(best: v128, nan: v128, flip: v128): v128 {
  return v128.or(v128.xor(best, flip), nan)
}

export function rowMaximum(n: i32, flip: v128, x: usize): f32 {
  let a = f32x4.splat(-Infinity), nan = i32x4.splat(0), left = n, at = x
  if (left >= 16) {
    let b = a, c = a, d = a
    for (; left >= 16; left -= 16, at += 64) {
      const p = v128.load(at), q = v128.load(at, 16), r = v128.load(at, 32), s = v128.load(at, 48)
      a = f32x4.pmax(a, v128.xor(p, flip))
      b = f32x4.pmax(b, v128.xor(q, flip))
      c = f32x4.pmax(c, v128.xor(r, flip))
      d = f32x4.pmax(d, v128.xor(s, flip))
      nan = v128.or(nan, v128.or(f32x4.ne(p, p), v128.or(f32x4.ne(q, q), v128.or(f32x4.ne(r, r), f32x4.ne(s, s)))))
    }
    a = f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(c, d))
  }
  for (; left >= 4; left -= 4, at += 16) {
    const v = v128.load(at)
    a = f32x4.pmax(a, v128.xor(v, flip))
    nan = v128.or(nan, isNaN4(v))
  }
  for (; left > 0; left--, at += 4) {
    const v = v128.load32_splat(at)
    a = f32x4.pmax(a, v128.xor(v, flip))
    nan = v128.or(nan, isNaN4(v))
  }
  a = f32x4.pmax(a, v128.shuffle<i32>(a, a, 2, 3, 0, 1))
  a = f32x4.pmax(a, v128.shuffle<i32>(a, a, 1, 0, 3, 2))
  return v128.any_true(nan) ? NaN : f32x4.extract_lane(v128.xor(a, flip), 0)
}

function columnMaxima(rows: i32, columns: i32, flip: v128, x: usize, out: usize): void {
  const stride = <usize> columns << 2
  let column = 0
  for (; column + 16 <= columns; column += 16) {
    let a = f32x4.splat(-Infinity), b = a, c = a, d = a, e = i32x4.splat(0), f = e, g = e, h = e
    let at = x + (<usize> column << 2)
    for (let row = 0; row < rows; row++, at += stride) {
      const p = v128.load(at), q = v128.load(at, 16), r = v128.load(at, 32), s = v128.load(at, 48)
      a = f32x4.pmax(a, v128.xor(p, flip))
      b = f32x4.pmax(b, v128.xor(q, flip))
      c = f32x4.pmax(c, v128.xor(r, flip))
      d = f32x4.pmax(d, v128.xor(s, flip))
      e = v128.or(e, f32x4.ne(p, p))
      f = v128.or(f, f32x4.ne(q, q))
      g = v128.or(g, f32x4.ne(r, r))
      h = v128.or(h, f32x4.ne(s, s))
    }
    const into = out + (<usize> column << 2)
    v128.store(into, finish(a, e, flip))
    v128.store(into, finish(b, f, flip), 16)
    v128.store(into, finish(c, g, flip), 32)
    v128.store(into, finish(d, h, flip), 48)
  }
  for (; column + 4 <= columns; column += 4) {
    let a = f32x4.splat(-Infinity), nan = i32x4.splat(0), at = x + (<usize> column << 2)
    for (let row = 0; row < rows; row++, at += stride) {
      const v = v128.load(at)
      a = f32x4.pmax(a, v128.xor(v, flip))
      nan = v128.or(nan, isNaN4(v))
    }
    v128.store(out + (<usize> column << 2), finish(a, nan, flip))
  }
  for (; column < columns; column++) {
    let a = f32x4.splat(-Infinity), nan = i32x4.splat(0), at = x + (<usize> column << 2)
    for (let row = 0; row < rows; row++, at += stride) {
      const v = v128.load32_splat(at)
      a = f32x4.pmax(a, v128.xor(v, flip))
      nan = v128.or(nan, isNaN4(v))
    }
    store<f32>(out + (<usize> column << 2), f32x4.extract_lane(finish(a, nan, flip), 0))
  }
}

// Maxima, or minima where `minima` is 1: these are the maxima of the opposites. NaN is passed on.
export function maxima(outer: i32, rows: i32, columns: i32, minima: i32, x: usize, out: usize): void {
  const flip = i32x4.splat(minima << 31), size = <usize> rows * <usize> columns << 2
  for (let i = 0; i < outer; i++, x += size, out += <usize> columns << 2) {
    if (columns == 1) store<f32>(out, rowMaximum(rows, flip, x))
    else columnMaxima(rows, columns, flip, x, out)
  }
}
