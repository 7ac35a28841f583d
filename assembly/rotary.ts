// Turns pairs of values, one of the first and one of the second half of a head, by the angles of their time step: x cos
// - y sin and y cos + x sin. Of a row there are so many heads of 2 * half values, of which the first are turned and the
// others copied; a step has its cosines and then its sines.
export function rotary(
  count: i32,
  first: i32,
  time: i32,
  heads: i32,
  turned: i32,
  half: i32,
  x: usize,
  angles: usize,
  y: usize,
  sign: f32
): void {
  const bytes = <usize> half << 2, whole = 2 * bytes, left = <usize> (heads - turned) * whole, s = f32x4.splat(sign)
  for (let row = first; row < first + count; row++) {
    const cosines = angles + <usize> (row % time) * whole
    for (let head = 0; head < turned; head++, x += whole, y += whole) {
      let i: usize = 0
      for (; i + 16 <= bytes; i += 16) {
        const a = v128.load(x + i), b = v128.load(x + bytes + i)
        const cos = v128.load(cosines + i), sin = f32x4.mul(v128.load(cosines + bytes + i), s)
        v128.store(y + i, f32x4.sub(f32x4.mul(a, cos), f32x4.mul(b, sin)))
        v128.store(y + bytes + i, f32x4.add(f32x4.mul(b, cos), f32x4.mul(a, sin)))
      }
      for (; i < bytes; i += 4) {
        const a = load<f32>(x + i), b = load<f32>(x + bytes + i)
        const cos = load<f32>(cosines + i), sin = load<f32>(cosines + bytes + i) * sign
        store<f32>(y + i, a * cos - b * sin)
        store<f32>(y + bytes + i, b * cos + a * sin)
      }
    }
    memory.copy(y, x, left)
    x += left
    y += left
  }
}
