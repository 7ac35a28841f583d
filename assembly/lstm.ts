// dprint-ignore-file: it drops the decorators of functions
import * as K from "./constants"
import { sigmoid4, tanh4 } from "./math"
import { madd } from "./simd"
import { faded, sigmoidSlopeAt, tanhSlopeAt } from "./slopesOfCells"
import { loadUpTo4, storeUpTo4 } from "./tail"

// Up to four units of a step.
// @ts-ignore: decorator
@inline
function step(left: i32, part: usize, bias: usize, z: usize, c: usize, h: usize, kept: usize, out: usize): void {
  const i = sigmoid4(f32x4.add(loadUpTo4(bias, left), loadUpTo4(z, left)))
  const f = sigmoid4(f32x4.add(loadUpTo4(bias + part, left), loadUpTo4(z + part, left)))
  const g = tanh4(f32x4.add(loadUpTo4(bias + 2 * part, left), loadUpTo4(z + 2 * part, left)))
  const o = sigmoid4(f32x4.add(loadUpTo4(bias + 3 * part, left), loadUpTo4(z + 3 * part, left)))
  const cell = madd(f, loadUpTo4(c, left), f32x4.mul(i, g)), hidden = f32x4.mul(o, tanh4(cell))
  storeUpTo4(kept, left, i)
  storeUpTo4(kept + part, left, f)
  storeUpTo4(kept + 2 * part, left, g)
  storeUpTo4(kept + 3 * part, left, o)
  storeUpTo4(kept + 4 * part, left, cell)
  storeUpTo4(c, left, cell)
  storeUpTo4(h, left, hidden)
  storeUpTo4(out, left, hidden)
}

/**
 * A step of one row: from what x and the last hidden state give for the input, forget, candidate and output gates, to
 * which a bias is added, to the next cells and hidden state, in place, and to `out`. Keeps the gates and the cells.
 */
export function lstmRow(units: i32, bias: usize, z: usize, c: usize, h: usize, kept: usize, out: usize): void {
  const part = <usize> units << 2
  let left = units
  for (; left >= 4; left -= 4, bias += 16, z += 16, c += 16, h += 16, kept += 16, out += 16) {
    step(4, part, bias, z, c, h, kept, out)
  }
  if (left > 0) step(left, part, bias, z, c, h, kept, out)
}

// @ts-ignore: decorator
@inline
function stepGradient(
  left: i32, part: usize, kept: usize, before: usize, dout: usize, dh: usize, past: usize, dc: usize, z: usize, dx: usize
): void {
  const i = loadUpTo4(kept, left), f = loadUpTo4(kept + part, left), g = loadUpTo4(kept + 2 * part, left)
  const o = loadUpTo4(kept + 3 * part, left), c = tanh4(loadUpTo4(kept + 4 * part, left))
  const ofHidden = faded(f32x4.add(f32x4.add(loadUpTo4(past, left), loadUpTo4(dh, left)), loadUpTo4(dout, left)))
  const ofCell = madd(f32x4.mul(ofHidden, o), tanhSlopeAt(c), loadUpTo4(dc, left))
  const di = f32x4.mul(f32x4.mul(ofCell, g), sigmoidSlopeAt(i))
  const df = f32x4.mul(f32x4.mul(ofCell, loadUpTo4(before, left)), sigmoidSlopeAt(f))
  const dg = f32x4.mul(f32x4.mul(ofCell, i), tanhSlopeAt(g))
  const ofOutput = f32x4.mul(f32x4.mul(ofHidden, c), sigmoidSlopeAt(o))
  storeUpTo4(z, left, di)
  storeUpTo4(z + part, left, df)
  storeUpTo4(z + 2 * part, left, dg)
  storeUpTo4(z + 3 * part, left, ofOutput)
  storeUpTo4(dx, left, di)
  storeUpTo4(dx + part, left, df)
  storeUpTo4(dx + 2 * part, left, dg)
  storeUpTo4(dx + 3 * part, left, ofOutput)
  storeUpTo4(dc, left, faded(f32x4.mul(ofCell, f)))
  storeUpTo4(past, left, f32x4.splat(0))
}

/**
 * The gradient of such a step: from that by its hidden state, which comes of the output, of later steps through their
 * products and past them, and by its cells, in `dc`, to that by the gates, in `z` and `dx`, and by the cells before, in
 * `dc`. Nothing goes past the product: `past` is left as 0.
 */
export function lstmRowGradient(
  units: i32, kept: usize, before: usize, dout: usize, dh: usize, past: usize, dc: usize, z: usize, dx: usize
): void {
  const part = <usize> units << 2
  let left = units
  for (; left >= 4; left -= 4) {
    stepGradient(4, part, kept, before, dout, dh, past, dc, z, dx)
    kept += 16
    before += 16
    dout += 16
    dh += 16
    past += 16
    dc += 16
    z += 16
    dx += 16
  }
  if (left > 0) stepGradient(left, part, kept, before, dout, dh, past, dc, z, dx)
}
