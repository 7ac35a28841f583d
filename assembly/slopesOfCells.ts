// dprint-ignore-file: it drops the decorators of functions
import * as K from "./constants"

// What the gradients of recurrent cells have in common.

/** A gradient, or 0 where it has faded. */
// @ts-ignore: decorator
@inline
export function faded(x: v128): v128 {
  return v128.andnot(x, f32x4.lt(f32x4.abs(x), K.FADED))
}

/** y (1 - y), the slope of a sigmoid that is y. */
// @ts-ignore: decorator
@inline
export function sigmoidSlopeAt(y: v128): v128 {
  return f32x4.mul(y, f32x4.sub(K.ONE, y))
}

/** 1 - y², that of a hyperbolic tangent. */
// @ts-ignore: decorator
@inline
export function tanhSlopeAt(y: v128): v128 {
  return f32x4.sub(K.ONE, f32x4.mul(y, y))
}
