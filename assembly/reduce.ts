import { madd } from "./simd"

// Sums over the rows of a [rows, columns] matrix, into [columns]. Reads each value once, in the order of memory; a block
// of 16 columns is kept in registers.
export function columnSums(rows: i32, columns: i32, x: usize, out: usize): void {
  const stride = <usize> columns << 2
  const one = f32x4.splat(1)
  let column = 0
  for (; column + 16 <= columns; column += 16) {
    let a = f32x4.splat(0), b = a, c = a, d = a
    let at = x + (<usize> column << 2)
    for (let row = 0; row < rows; row++, at += stride) {
      a = madd(v128.load(at), one, a)
      b = madd(v128.load(at, 16), one, b)
      c = madd(v128.load(at, 32), one, c)
      d = madd(v128.load(at, 48), one, d)
    }
    const to = out + (<usize> column << 2)
    v128.store(to, a)
    v128.store(to, b, 16)
    v128.store(to, c, 32)
    v128.store(to, d, 48)
  }
  for (; column < columns; column++) {
    let sum: f32 = 0
    for (let row = 0, at = x + (<usize> column << 2); row < rows; row++, at += stride) sum += load<f32>(at)
    store<f32>(out + (<usize> column << 2), sum)
  }
}
