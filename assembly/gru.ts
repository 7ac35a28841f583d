import * as K from "./constants"
import { sigmoidSlopeAt, tanhSlopeAt } from "./lstm"
import { sigmoid4, tanh4 } from "./math"
import { madd } from "./simd"
import { loadUpTo4, storeUpTo4 } from "./tail"

/**
 * A step of one row: from what x and the last hidden state give for the reset and update gates and the candidate to the
 * next hidden state, in place; the candidate has a bias of its own before it is reset. Keeps the gates, the candidate
 * and what was reset.
 */
export function gruRow(units: i32, x: usize, z: usize, bias: usize, h: usize, kept: usize): void {
  const part = <usize> units << 2
  for (let left = units; left > 0; left -= 4, x += 16, z += 16, bias += 16, h += 16, kept += 16) {
    const reset = sigmoid4(f32x4.add(loadUpTo4(x, left), loadUpTo4(z, left)))
    const update = sigmoid4(f32x4.add(loadUpTo4(x + part, left), loadUpTo4(z + part, left)))
    const inner = f32x4.add(loadUpTo4(z + 2 * part, left), loadUpTo4(bias, left))
    const candidate = tanh4(madd(reset, inner, loadUpTo4(x + 2 * part, left)))
    storeUpTo4(kept, left, reset)
    storeUpTo4(kept + part, left, update)
    storeUpTo4(kept + 2 * part, left, candidate)
    storeUpTo4(kept + 3 * part, left, inner)
    storeUpTo4(h, left, madd(update, f32x4.sub(loadUpTo4(h, left), candidate), candidate))
  }
}

/**
 * The gradient of such a step: from that by its hidden state, in `dh`, to those by what x gives and by what the hidden
 * state before gives, and to what comes past both, in `dh`.
 */
export function gruRowGradient(units: i32, kept: usize, before: usize, dh: usize, dx: usize, dz: usize): void {
  const part = <usize> units << 2
  for (let left = units; left > 0; left -= 4, kept += 16, before += 16, dh += 16, dx += 16, dz += 16) {
    const reset = loadUpTo4(kept, left), update = loadUpTo4(kept + part, left)
    const candidate = loadUpTo4(kept + 2 * part, left), inner = loadUpTo4(kept + 3 * part, left)
    const ofHidden = loadUpTo4(dh, left), difference = f32x4.sub(loadUpTo4(before, left), candidate)
    const ofCandidate = f32x4.mul(f32x4.mul(ofHidden, f32x4.sub(K.ONE, update)), tanhSlopeAt(candidate))
    const ofReset = f32x4.mul(f32x4.mul(ofCandidate, inner), sigmoidSlopeAt(reset))
    const ofUpdate = f32x4.mul(f32x4.mul(ofHidden, difference), sigmoidSlopeAt(update))
    storeUpTo4(dx, left, ofReset)
    storeUpTo4(dx + part, left, ofUpdate)
    storeUpTo4(dx + 2 * part, left, ofCandidate)
    storeUpTo4(dz, left, ofReset)
    storeUpTo4(dz + part, left, ofUpdate)
    storeUpTo4(dz + 2 * part, left, f32x4.mul(ofCandidate, reset))
    storeUpTo4(dh, left, f32x4.mul(ofHidden, update))
  }
}
