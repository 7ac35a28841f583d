import { positive } from "./epilogue"
import { tanhSlopeAt } from "./lstm"
import { tanh4 } from "./math"
import { loadUpTo4, storeUpTo4 } from "./tail"

const TANH = 0

/** A step of one row: the hyperbolic tangent of what x and the last hidden state give, or what is positive of it. */
export function rnnRow(cell: i32, units: i32, x: usize, z: usize, h: usize): void {
  for (let left = units; left > 0; left -= 4, x += 16, z += 16, h += 16) {
    const sum = f32x4.add(loadUpTo4(x, left), loadUpTo4(z, left))
    storeUpTo4(h, left, cell == TANH ? tanh4(sum) : positive(sum))
  }
}

/** The gradient of such a step, whose hidden state is h: `dh` is left as 0. */
export function rnnRowGradient(cell: i32, units: i32, h: usize, dh: usize, dz: usize): void {
  const zero = f32x4.splat(0)
  for (let left = units; left > 0; left -= 4, h += 16, dh += 16, dz += 16) {
    const y = loadUpTo4(h, left), ofHidden = loadUpTo4(dh, left)
    const slope = f32x4.mul(ofHidden, tanhSlopeAt(y))
    storeUpTo4(dz, left, cell == TANH ? slope : v128.and(ofHidden, f32x4.gt(y, zero)))
    storeUpTo4(dh, left, zero)
  }
}
