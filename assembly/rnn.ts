import { positive } from "./epilogue"
import { tanh4 } from "./math"
import { faded, tanhSlopeAt } from "./slopesOfCells"
import { loadUpTo4, storeUpTo4 } from "./tail"

const TANH = 0

/**
 * A step of one row: the hyperbolic tangent of what x and the last hidden state give and a bias, or what is positive of
 * it, to the next hidden state and to `out`.
 */
export function rnnRow(cell: i32, units: i32, bias: usize, z: usize, h: usize, out: usize): void {
  for (let left = units; left > 0; left -= 4, bias += 16, z += 16, h += 16, out += 16) {
    const sum = f32x4.add(loadUpTo4(bias, left), loadUpTo4(z, left))
    const hidden = cell == TANH ? tanh4(sum) : positive(sum)
    storeUpTo4(h, left, hidden)
    storeUpTo4(out, left, hidden)
  }
}

/**
 * The gradient of such a step, whose hidden state is h, in `z` and `dx`, from that by h, which comes of the output, of
 * later steps through their products and past them. Nothing goes past the product: `past` is left as 0.
 */
export function rnnRowGradient(
  cell: i32,
  units: i32,
  h: usize,
  dout: usize,
  dh: usize,
  past: usize,
  z: usize,
  dx: usize
): void {
  const zero = f32x4.splat(0)
  for (let left = units; left > 0; left -= 4, h += 16, dout += 16, dh += 16, past += 16, z += 16, dx += 16) {
    const y = loadUpTo4(h, left)
    const ofHidden = faded(f32x4.add(f32x4.add(loadUpTo4(past, left), loadUpTo4(dh, left)), loadUpTo4(dout, left)))
    const slope = cell == TANH ? f32x4.mul(ofHidden, tanhSlopeAt(y)) : v128.and(ofHidden, f32x4.gt(y, zero))
    storeUpTo4(z, left, slope)
    storeUpTo4(dx, left, slope)
    storeUpTo4(past, left, zero)
  }
}
