// Means of windows for pool.ts. What is added up in float32 is a run of one row, of at most RUN values; of larger
// windows these partial sums are added up in float64, as a sum of millions of values would lose three digits otherwise.

const RUN = 64

export function mean(rows: i32, columns: i32, pixel: usize, row: usize, x: usize, y: usize): void {
  if (rows * columns > RUN) meanOfMany(rows, columns, pixel, row, x, y)
  else meanOfFew(rows, columns, pixel, row, x, y)
}

function meanOfFew(rows: i32, columns: i32, pixel: usize, row: usize, x: usize, y: usize): void {
  const share = <f32> 1 / <f32> (max(rows, 0) * max(columns, 0))
  const shares = f32x4.splat(share)
  let channel: usize = 0
  for (; channel + 32 <= pixel; channel += 32) {
    let a = f32x4.splat(0), b = a, line = x + channel
    for (let i = 0; i < rows; i++, line += row) {
      let at = line
      for (let j = 0; j < columns; j++, at += pixel) {
        a = f32x4.add(a, v128.load(at))
        b = f32x4.add(b, v128.load(at, 16))
      }
    }
    v128.store(y + channel, f32x4.mul(a, shares))
    v128.store(y + channel, f32x4.mul(b, shares), 16)
  }
  for (; channel + 16 <= pixel; channel += 16) {
    let a = f32x4.splat(0), line = x + channel
    for (let i = 0; i < rows; i++, line += row) {
      let at = line
      for (let j = 0; j < columns; j++, at += pixel) a = f32x4.add(a, v128.load(at))
    }
    v128.store(y + channel, f32x4.mul(a, shares))
  }
  for (; channel < pixel; channel += 4) {
    let a: f32 = 0, line = x + channel
    for (let i = 0; i < rows; i++, line += row) {
      let at = line
      for (let j = 0; j < columns; j++, at += pixel) a += load<f32>(at)
    }
    store<f32>(y + channel, a * share)
  }
}

function meanOfMany(rows: i32, columns: i32, pixel: usize, row: usize, x: usize, y: usize): void {
  const count = <f64> rows * <f64> columns, counts = f64x2.splat(count)
  let channel: usize = 0
  for (; channel + 16 <= pixel; channel += 16) {
    let low = f64x2.splat(0), high = low, line = x + channel
    for (let i = 0; i < rows; i++, line += row) {
      let at = line
      for (let j = 0; j < columns;) {
        const end = min(j + RUN, columns)
        let a = f32x4.splat(0)
        for (; j < end; j++, at += pixel) a = f32x4.add(a, v128.load(at))
        low = f64x2.add(low, f64x2.promote_low_f32x4(a))
        high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<i32>(a, a, 2, 3, 0, 1)))
      }
    }
    const first = f32x4.demote_f64x2_zero(f64x2.div(low, counts))
    v128.store(y + channel, v128.shuffle<i32>(first, f32x4.demote_f64x2_zero(f64x2.div(high, counts)), 0, 1, 4, 5))
  }
  for (; channel < pixel; channel += 4) {
    let sum: f64 = 0, line = x + channel
    for (let i = 0; i < rows; i++, line += row) {
      let at = line
      for (let j = 0; j < columns; j++, at += pixel) sum += <f64> load<f32>(at)
    }
    store<f32>(y + channel, <f32> (sum / count))
  }
}
