// dprint-ignore-file: it drops the decorators of functions
import * as K from "./constants"
import { sigmoid4, tanh4 } from "./math"
import { madd } from "./simd"
import { faded, sigmoidSlopeAt, tanhSlopeAt } from "./slopesOfCells"
import { loadUpTo4, storeUpTo4 } from "./tail"

// Up to four units of a step.
// @ts-ignore: decorator
@inline
function step(left: i32, part: usize, bias: usize, z: usize, innerBias: usize, h: usize, kept: usize, out: usize): void {
  const reset = sigmoid4(f32x4.add(loadUpTo4(bias, left), loadUpTo4(z, left)))
  const update = sigmoid4(f32x4.add(loadUpTo4(bias + part, left), loadUpTo4(z + part, left)))
  const ofInput = f32x4.add(loadUpTo4(bias + 2 * part, left), loadUpTo4(z + 2 * part, left))
  const inner = f32x4.add(loadUpTo4(z + 3 * part, left), loadUpTo4(innerBias, left))
  const candidate = tanh4(madd(reset, inner, ofInput))
  const hidden = madd(update, f32x4.sub(loadUpTo4(h, left), candidate), candidate)
  storeUpTo4(kept, left, reset)
  storeUpTo4(kept + part, left, update)
  storeUpTo4(kept + 2 * part, left, candidate)
  storeUpTo4(kept + 3 * part, left, inner)
  storeUpTo4(h, left, hidden)
  storeUpTo4(out, left, hidden)
}

/**
 * A step of one row: from what x and the last hidden state give for the reset and update gates, from what x gives for
 * the candidate and from what the state does, to the next hidden state, in place, and to `out`. A bias is added to the
 * first three, and one of its own to the last, before it is reset. Keeps the gates, the candidate and what was reset.
 */
export function gruRow(units: i32, bias: usize, z: usize, innerBias: usize, h: usize, kept: usize, out: usize): void {
  const part = <usize> units << 2
  let left = units
  for (; left >= 4; left -= 4, bias += 16, z += 16, innerBias += 16, h += 16, kept += 16, out += 16) {
    step(4, part, bias, z, innerBias, h, kept, out)
  }
  if (left > 0) step(left, part, bias, z, innerBias, h, kept, out)
}

// @ts-ignore: decorator
@inline
function stepGradient(
  left: i32, part: usize, kept: usize, before: usize, dout: usize, dh: usize, past: usize, z: usize, dx: usize, dz: usize
): void {
  const reset = loadUpTo4(kept, left), update = loadUpTo4(kept + part, left)
  const candidate = loadUpTo4(kept + 2 * part, left), inner = loadUpTo4(kept + 3 * part, left)
  const ofHidden = faded(f32x4.add(f32x4.add(loadUpTo4(past, left), loadUpTo4(dh, left)), loadUpTo4(dout, left)))
  const difference = f32x4.sub(loadUpTo4(before, left), candidate)
  const ofCandidate = f32x4.mul(f32x4.mul(ofHidden, f32x4.sub(K.ONE, update)), tanhSlopeAt(candidate))
  const ofReset = f32x4.mul(f32x4.mul(ofCandidate, inner), sigmoidSlopeAt(reset))
  const ofUpdate = f32x4.mul(f32x4.mul(ofHidden, difference), sigmoidSlopeAt(update))
  const ofInner = f32x4.mul(ofCandidate, reset)
  storeUpTo4(dx, left, ofReset)
  storeUpTo4(dx + part, left, ofUpdate)
  storeUpTo4(dx + 2 * part, left, ofCandidate)
  storeUpTo4(z, left, ofReset)
  storeUpTo4(z + part, left, ofUpdate)
  storeUpTo4(z + 2 * part, left, ofInner)
  storeUpTo4(dz, left, ofReset)
  storeUpTo4(dz + part, left, ofUpdate)
  storeUpTo4(dz + 2 * part, left, ofInner)
  storeUpTo4(past, left, f32x4.mul(ofHidden, update))
}

/**
 * The gradient of such a step: from that by its hidden state, which comes of the output, of later steps through their
 * products and past them, to those by what x gives, in `dx`, by what the hidden state before gives, in `z` and `dz`, and
 * to what goes past both, in `past`.
 */
export function gruRowGradient(
  units: i32, kept: usize, before: usize, dout: usize, dh: usize, past: usize, z: usize, dx: usize, dz: usize
): void {
  const part = <usize> units << 2
  let left = units
  for (; left >= 4; left -= 4) {
    stepGradient(4, part, kept, before, dout, dh, past, z, dx, dz)
    kept += 16
    before += 16
    dout += 16
    dh += 16
    past += 16
    z += 16
    dx += 16
    dz += 16
  }
  if (left > 0) stepGradient(left, part, kept, before, dout, dh, past, z, dx, dz)
}
