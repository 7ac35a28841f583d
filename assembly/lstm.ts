import * as K from "./constants"
import { sigmoid4, tanh4 } from "./math"
import { madd } from "./simd"
import { loadUpTo4, storeUpTo4 } from "./tail"

/**
 * A step of one row: from what x and the last hidden state give for the input, forget, candidate and output gates to
 * the next cells and hidden state, in place. Keeps the gates and the cells.
 */
export function lstmRow(units: i32, x: usize, z: usize, c: usize, h: usize, kept: usize): void {
  const part = <usize> units << 2
  for (let left = units; left > 0; left -= 4, x += 16, z += 16, c += 16, h += 16, kept += 16) {
    const i = sigmoid4(f32x4.add(loadUpTo4(x, left), loadUpTo4(z, left)))
    const f = sigmoid4(f32x4.add(loadUpTo4(x + part, left), loadUpTo4(z + part, left)))
    const g = tanh4(f32x4.add(loadUpTo4(x + 2 * part, left), loadUpTo4(z + 2 * part, left)))
    const o = sigmoid4(f32x4.add(loadUpTo4(x + 3 * part, left), loadUpTo4(z + 3 * part, left)))
    const cell = madd(f, loadUpTo4(c, left), f32x4.mul(i, g))
    storeUpTo4(kept, left, i)
    storeUpTo4(kept + part, left, f)
    storeUpTo4(kept + 2 * part, left, g)
    storeUpTo4(kept + 3 * part, left, o)
    storeUpTo4(kept + 4 * part, left, cell)
    storeUpTo4(c, left, cell)
    storeUpTo4(h, left, f32x4.mul(o, tanh4(cell)))
  }
}

// y (1 - y), the slope of a sigmoid that is y.
// @ts-ignore: decorator

export function sigmoidSlopeAt(y: v128): v128 {
  return f32x4.mul(y, f32x4.sub(K.ONE, y))
}

// 1 - y², that of a hyperbolic tangent.
// @ts-ignore: decorator

export function tanhSlopeAt(y: v128): v128 {
  return f32x4.sub(K.ONE, f32x4.mul(y, y))
}

/**
 * The gradient of such a step: from that by its hidden state, in `dh`, and its cells, in `dc`, to that by the gates, in
 * `dz`, and by the cells before, in `dc`. What comes of the hidden state before is all in `dz`: `dh` is left as 0.
 */
export function lstmRowGradient(units: i32, kept: usize, before: usize, dh: usize, dc: usize, dz: usize): void {
  const part = <usize> units << 2
  for (let left = units; left > 0; left -= 4, kept += 16, before += 16, dh += 16, dc += 16, dz += 16) {
    const i = loadUpTo4(kept, left), f = loadUpTo4(kept + part, left), g = loadUpTo4(kept + 2 * part, left)
    const o = loadUpTo4(kept + 3 * part, left), c = tanh4(loadUpTo4(kept + 4 * part, left))
    const ofHidden = loadUpTo4(dh, left)
    const ofCell = madd(f32x4.mul(ofHidden, o), tanhSlopeAt(c), loadUpTo4(dc, left))
    storeUpTo4(dz, left, f32x4.mul(f32x4.mul(ofCell, g), sigmoidSlopeAt(i)))
    storeUpTo4(dz + part, left, f32x4.mul(f32x4.mul(ofCell, loadUpTo4(before, left)), sigmoidSlopeAt(f)))
    storeUpTo4(dz + 2 * part, left, f32x4.mul(f32x4.mul(ofCell, i), tanhSlopeAt(g)))
    storeUpTo4(dz + 3 * part, left, f32x4.mul(f32x4.mul(ofHidden, c), sigmoidSlopeAt(o)))
    storeUpTo4(dc, left, f32x4.mul(ofCell, f))
    storeUpTo4(dh, left, f32x4.splat(0))
  }
}
