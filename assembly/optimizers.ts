// Parts of optimizers, each in one pass over memory.
// dprint-ignore-file
import * as K from "./constants"
import { madd } from "./simd"
import { loadUpTo4, storeUpTo4 } from "./tail"

// What was not zero for long and is no longer there decays until it is denormal, at which each operation takes some
// hundred cycles: a network with units that never fire any more would train at half its speed. These become 0 before,
// and so do gradients whose squares would be; NaN is kept. Magnitudes of floats are in the order of their bits.
// Inlined, as calls would cost half as much as all of Adam.
// @ts-ignore: decorator
@inline
function flushed(v: v128, magnitude: v128, smallest: v128): v128 {
  return v128.and(v, i32x4.gt_s(v128.and(v, magnitude), smallest))
}

// Adam with moments that are decayed sums: first = beta1 first + g, second = beta2 second + g^2, and the update size
// first / (√second + offset), plus shrink times the parameter; with `apply` the parameter plus the update. 28 or 32
// bytes per element.
//
// Returns 0 if all that was made is finite: zero times what is infinite or no number is no number. A first moment that
// is not finite makes an update that is not; a second one need not. Beside the division and the root it costs nothing.
export function adam(
  count: i32,
  gradient: usize,
  first: usize,
  second: usize,
  parameter: usize,
  beta1: f32,
  beta2: f32,
  offset: f32,
  size: f32,
  shrink: f32,
  apply: i32,
  update: usize,
  firstOut: usize,
  secondOut: usize
): f32 {
  const decay1 = f32x4.splat(beta1), decay2 = f32x4.splat(beta2)
  const away = f32x4.splat(offset), factor = f32x4.splat(size), shrinking = f32x4.splat(shrink)
  const magnitude = K.MAGNITUDE, smallest = K.SMALLEST, root = K.SMALLEST_ROOT, zero = f32x4.splat(0)
  let at: usize = 0, nothing = zero
  for (; count >= 4; count -= 4, at += 16) {
    const g = v128.load(gradient + at)
    const part = flushed(g, magnitude, root)
    const m = flushed(madd(v128.load(first + at), decay1, g), magnitude, smallest)
    const v = flushed(madd(v128.load(second + at), decay2, f32x4.mul(part, part)), magnitude, smallest)
    let u = f32x4.mul(f32x4.div(m, f32x4.add(f32x4.sqrt(v), away)), factor)
    if (shrink != 0) u = madd(v128.load(parameter + at), shrinking, u)
    if (apply) u = f32x4.add(v128.load(parameter + at), u)
    nothing = madd(f32x4.add(u, v), zero, nothing)
    v128.store(update + at, u)
    v128.store(firstOut + at, m)
    v128.store(secondOut + at, v)
  }
  if (count == 0) return total(nothing)
  const g = loadUpTo4(gradient + at, count), p = loadUpTo4(parameter + at, count)
  const part = flushed(g, magnitude, root)
  const m = flushed(madd(loadUpTo4(first + at, count), decay1, g), magnitude, smallest)
  const v = flushed(madd(loadUpTo4(second + at, count), decay2, f32x4.mul(part, part)), magnitude, smallest)
  let u = f32x4.mul(f32x4.div(m, f32x4.add(f32x4.sqrt(v), away)), factor)
  if (shrink != 0) u = madd(p, shrinking, u)
  if (apply) u = f32x4.add(p, u)
  storeUpTo4(update + at, count, u)
  storeUpTo4(firstOut + at, count, m)
  storeUpTo4(secondOut + at, count, v)
  return total(madd(f32x4.add(u, v), zero, nothing))
}

function total(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3)
}

// factor x + y, as for momentum, weight decay and steps downhill. Returns 0 if all that was made is finite.
export function axpy(count: i32, factor: f32, x: usize, y: usize, out: usize): f32 {
  const a = f32x4.splat(factor), magnitude = K.MAGNITUDE, smallest = K.SMALLEST, zero = f32x4.splat(0)
  // Two, for each waits for the one before it.
  let even = zero, odd = zero
  for (; count >= 16; count -= 16, x += 64, y += 64, out += 64) {
    const p = flushed(madd(v128.load(x), a, v128.load(y)), magnitude, smallest)
    const q = flushed(madd(v128.load(x, 16), a, v128.load(y, 16)), magnitude, smallest)
    const r = flushed(madd(v128.load(x, 32), a, v128.load(y, 32)), magnitude, smallest)
    const s = flushed(madd(v128.load(x, 48), a, v128.load(y, 48)), magnitude, smallest)
    v128.store(out, p)
    v128.store(out, q, 16)
    v128.store(out, r, 32)
    v128.store(out, s, 48)
    even = madd(f32x4.add(p, q), zero, even)
    odd = madd(f32x4.add(r, s), zero, odd)
  }
  for (; count > 0; count -= 4, x += 16, y += 16, out += 16) {
    const p = flushed(madd(loadUpTo4(x, count), a, loadUpTo4(y, count)), magnitude, smallest)
    even = madd(p, zero, even)
    storeUpTo4(out, count, p)
  }
  return total(f32x4.add(even, odd))
}

// factor x, as for clipping.
export function scale(count: i32, factor: f32, x: usize, out: usize): void {
  const a = f32x4.splat(factor)
  for (; count > 0; count -= 4, x += 16, out += 16) storeUpTo4(out, count, f32x4.mul(loadUpTo4(x, count), a))
}

// The sum of squares, in float32 within blocks of 1024 values and in float64 over the blocks.
export function sumOfSquares(count: i32, x: usize): f64 {
  const whole = count & ~15
  let sum: f64 = 0
  for (let done = 0; done < whole;) {
    const end = min(done + 1024, whole)
    let a = f32x4.splat(0), b = a, c = a, d = a
    for (; done < end; done += 16, x += 64) {
      const p = v128.load(x), q = v128.load(x, 16), r = v128.load(x, 32), s = v128.load(x, 48)
      a = madd(p, p, a)
      b = madd(q, q, b)
      c = madd(r, r, c)
      d = madd(s, s, d)
    }
    const sums = f64x2.add(f64x2.add(wide(a), wide(b)), f64x2.add(wide(c), wide(d)))
    sum += f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1)
  }
  for (let rest = count & 15; rest > 0; rest--, x += 4) sum += <f64> load<f32>(x) * <f64> load<f32>(x)
  return sum
}

// The four floats as two sums of two, in float64.
function wide(v: v128): v128 {
  return f64x2.add(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(i32x4.shuffle(v, v, 2, 3, 0, 1)))
}
