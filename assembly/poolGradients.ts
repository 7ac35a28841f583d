// What pool.ts does with a window for its gradients: dx is written where windows do not overlap, and added to where
// they do.

export function meanGradient(
  rows: i32,
  columns: i32,
  pixel: usize,
  row: usize,
  share: f32,
  overlap: bool,
  dy: usize,
  dx: usize
): void {
  const shares = f32x4.splat(share)
  let channel: usize = 0
  for (; channel + 16 <= pixel; channel += 16) {
    const d = f32x4.mul(v128.load(dy + channel), shares)
    let line = dx + channel
    for (let i = 0; i < rows; i++, line += row) {
      let to = line
      for (let j = 0; j < columns; j++, to += pixel) v128.store(to, overlap ? f32x4.add(v128.load(to), d) : d)
    }
  }
  for (; channel < pixel; channel += 4) {
    const d = load<f32>(dy + channel) * share
    let line = dx + channel
    for (let i = 0; i < rows; i++, line += row) {
      let to = line
      for (let j = 0; j < columns; j++, to += pixel) store<f32>(to, overlap ? load<f32>(to) + d : d)
    }
  }
}

// A window of two by two that no other overlaps: each of its gradients is written, most of them zero.
export function pairsGradient(pixel: usize, row: usize, x: usize, dy: usize, dx: usize): void {
  let channel: usize = 0
  for (; channel + 16 <= pixel; channel += 16) {
    const at = x + channel, to = dx + channel, d = v128.load(dy + channel)
    const p = v128.load(at), q = v128.load(at + pixel), r = v128.load(at + row), s = v128.load(at + row + pixel)
    // Which of p and q, of r and s, and of these two.
    const second = largerThan(q, p), fourth = largerThan(s, r)
    const upper = v128.bitselect(q, p, second), lower = v128.bitselect(s, r, fourth)
    const below = largerThan(lower, upper)
    const up = v128.andnot(d, below), down = v128.and(d, below)
    v128.store(to, v128.andnot(up, second))
    v128.store(to + pixel, v128.and(up, second))
    v128.store(to + row, v128.andnot(down, fourth))
    v128.store(to + row + pixel, v128.and(down, fourth))
  }
  if (channel < pixel) maximumGradient(channel, 2, 2, pixel, row, false, x, dy, dx)
}

export function maximumGradient(
  from: usize,
  rows: i32,
  columns: i32,
  pixel: usize,
  row: usize,
  overlap: bool,
  x: usize,
  dy: usize,
  dx: usize
): void {
  let channel = from
  for (; channel + 32 <= pixel; channel += 32) {
    let a = f32x4.splat(-Infinity),
      b = a,
      nanA = i32x4.splat(0),
      nanB = nanA,
      doneA = nanA,
      doneB = nanA,
      line = channel
    for (let i = 0; i < rows; i++, line += row) {
      let at = x + line
      for (let j = 0; j < columns; j++, at += pixel) {
        const v = v128.load(at), w = v128.load(at, 16)
        a = f32x4.pmax(a, v)
        b = f32x4.pmax(b, w)
        nanA = v128.or(nanA, f32x4.ne(v, v))
        nanB = v128.or(nanB, f32x4.ne(w, w))
      }
    }
    a = v128.or(a, nanA)
    b = v128.or(b, nanB)
    const d = v128.load(dy + channel), e = v128.load(dy + channel, 16)
    line = channel
    for (let i = 0; i < rows; i++, line += row) {
      let at = line
      for (let j = 0; j < columns; j++, at += pixel) {
        const v = v128.load(x + at), w = v128.load(x + at, 16), to = dx + at
        const hitA = v128.andnot(v128.or(f32x4.eq(v, a), f32x4.ne(v, v)), doneA)
        const hitB = v128.andnot(v128.or(f32x4.eq(w, b), f32x4.ne(w, w)), doneB)
        doneA = v128.or(doneA, hitA)
        doneB = v128.or(doneB, hitB)
        v128.store(to, overlap ? f32x4.add(v128.load(to), v128.and(d, hitA)) : v128.and(d, hitA))
        v128.store(to, overlap ? f32x4.add(v128.load(to, 16), v128.and(e, hitB)) : v128.and(e, hitB), 16)
      }
    }
  }
  for (; channel + 16 <= pixel; channel += 16) {
    let a = f32x4.splat(-Infinity), nan = i32x4.splat(0), done = nan, line = channel
    for (let i = 0; i < rows; i++, line += row) {
      let at = x + line
      for (let j = 0; j < columns; j++, at += pixel) {
        const v = v128.load(at)
        a = f32x4.pmax(a, v)
        nan = v128.or(nan, f32x4.ne(v, v))
      }
    }
    a = v128.or(a, nan)
    const d = v128.load(dy + channel)
    line = channel
    for (let i = 0; i < rows; i++, line += row) {
      let at = line
      for (let j = 0; j < columns; j++, at += pixel) {
        const v = v128.load(x + at), hit = v128.andnot(v128.or(f32x4.eq(v, a), f32x4.ne(v, v)), done)
        done = v128.or(done, hit)
        v128.store(dx + at, overlap ? f32x4.add(v128.load(dx + at), v128.and(d, hit)) : v128.and(d, hit))
      }
    }
  }
  for (; channel < pixel; channel += 4) {
    if (!overlap) clear(rows, columns, pixel, row, dx + channel)
    const place = channel + placeOfMaximum(rows, columns, pixel, row, x + channel)
    store<f32>(dx + place, load<f32>(dx + place) + load<f32>(dy + channel))
  }
}

function clear(rows: i32, columns: i32, pixel: usize, row: usize, dx: usize): void {
  for (let i = 0; i < rows; i++, dx += row) {
    let at = dx
    for (let j = 0; j < columns; j++, at += pixel) store<f32>(at, 0)
  }
}

// Where v is larger than all before, NaN being larger than any number.
function largerThan(v: v128, best: v128): v128 {
  return v128.and(v128.not(f32x4.le(v, best)), f32x4.eq(best, best))
}

// In vectors of which one lane counts: they have no branches, which would go wrong half of the time.
function placeOfMaximum(rows: i32, columns: i32, pixel: usize, row: usize, x: usize): usize {
  let best = f32x4.splat(-Infinity), place = i32x4.splat(0), line: usize = 0
  for (let i = 0; i < rows; i++, line += row) {
    let at = line
    for (let j = 0; j < columns; j++, at += pixel) {
      const v = v128.load32_zero(x + at), better = largerThan(v, best)
      best = v128.bitselect(v, best, better)
      place = v128.bitselect(i32x4.splat(<i32> at), place, better)
    }
  }
  return <usize> i32x4.extract_lane(place, 0)
}

export function gather(rows: i32, columns: i32, pixel: usize, row: usize, x: usize, values: usize, y: usize): void {
  const any = rows > 0 && columns > 0
  let channel: usize = 0
  for (; channel + 16 <= pixel; channel += 16) {
    let best = f32x4.splat(-Infinity), taken = any ? v128.load(values + channel) : best, line = channel
    for (let i = 0; i < rows; i++, line += row) {
      let at = line
      for (let j = 0; j < columns; j++, at += pixel) {
        const v = v128.load(x + at), better = largerThan(v, best)
        best = v128.bitselect(v, best, better)
        taken = v128.bitselect(v128.load(values + at), taken, better)
      }
    }
    v128.store(y + channel, any ? taken : f32x4.splat(0))
  }
  for (; channel < pixel; channel += 4) {
    const place = channel + placeOfMaximum(rows, columns, pixel, row, x + channel)
    store<f32>(y + channel, any ? load<f32>(values + place) : 0)
  }
}
