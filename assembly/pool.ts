// Pooling of NHWC images over windows of any size, stride and padding. Windows are clipped to the image; a window is
// visited for four channels at a time, and channels that are left over one at a time.

// Where the windows of an axis begin: at `index * stride - before`.
function first(index: i32, stride: i32, before: i32): i32 {
  return max(index * stride - before, 0)
}

function last(index: i32, stride: i32, before: i32, size: i32, length: i32): i32 {
  return min(index * stride - before + size, length)
}

// The maximum of each window, NaN where it holds one.
export function maxPool(
  batch: i32, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, filterHeight: i32,
  filterWidth: i32, strideHeight: i32, strideWidth: i32, top: i32, left: i32, x: usize, y: usize
): void {
  const pixel = <usize> channels << 2, row = pixel * <usize> width
  let to = y
  for (let n = 0; n < batch; n++, x += row * <usize> height) {
    for (let i = 0; i < outHeight; i++) {
      const begin = first(i, strideHeight, top), rows = last(i, strideHeight, top, filterHeight, height) - begin
      for (let j = 0; j < outWidth; j++, to += pixel) {
        const start = first(j, strideWidth, left), columns = last(j, strideWidth, left, filterWidth, width) - start
        windowMaximum(rows, columns, channels, row, x + <usize> begin * row + <usize> start * pixel, to)
      }
    }
  }
}

function windowMaximum(rows: i32, columns: i32, channels: i32, row: usize, x: usize, y: usize): void {
  const pixel = <usize> channels << 2
  let channel: usize = 0
  for (; channel + 32 <= pixel; channel += 32) {
    let a = f32x4.splat(-Infinity), b = a, nanA = i32x4.splat(0), nanB = nanA
    let line = x + channel
    for (let i = 0; i < rows; i++, line += row) {
      let at = line
      for (let j = 0; j < columns; j++, at += pixel) {
        const v = v128.load(at), w = v128.load(at, 16)
        a = f32x4.pmax(a, v)
        b = f32x4.pmax(b, w)
        nanA = v128.or(nanA, f32x4.ne(v, v))
        nanB = v128.or(nanB, f32x4.ne(w, w))
      }
    }
    v128.store(y + channel, v128.or(a, nanA))
    v128.store(y + channel, v128.or(b, nanB), 16)
  }
  for (; channel + 16 <= pixel; channel += 16) {
    let a = f32x4.splat(-Infinity), nan = i32x4.splat(0), line = x + channel
    for (let i = 0; i < rows; i++, line += row) {
      let at = line
      for (let j = 0; j < columns; j++, at += pixel) {
        const v = v128.load(at)
        a = f32x4.pmax(a, v)
        nan = v128.or(nan, f32x4.ne(v, v))
      }
    }
    v128.store(y + channel, v128.or(a, nan))
  }
  for (; channel < pixel; channel += 4) {
    let a: f32 = -Infinity, line = x + channel
    for (let i = 0; i < rows; i++, line += row) {
      let at = line
      for (let j = 0; j < columns; j++, at += pixel) a = max(a, load<f32>(at))
    }
    store<f32>(y + channel, a)
  }
}

// The mean of the part of each window that lies inside the image.
export function avgPool(
  batch: i32, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, filterHeight: i32,
  filterWidth: i32, strideHeight: i32, strideWidth: i32, top: i32, left: i32, x: usize, y: usize
): void {
  const pixel = <usize> channels << 2, row = pixel * <usize> width
  let to = y
  for (let n = 0; n < batch; n++, x += row * <usize> height) {
    for (let i = 0; i < outHeight; i++) {
      const begin = first(i, strideHeight, top), rows = last(i, strideHeight, top, filterHeight, height) - begin
      for (let j = 0; j < outWidth; j++, to += pixel) {
        const start = first(j, strideWidth, left), columns = last(j, strideWidth, left, filterWidth, width) - start
        windowMean(rows, columns, channels, row, x + <usize> begin * row + <usize> start * pixel, to)
      }
    }
  }
}

function windowMean(rows: i32, columns: i32, channels: i32, row: usize, x: usize, y: usize): void {
  const pixel = <usize> channels << 2, share = <f32> 1 / <f32> (max(rows, 0) * max(columns, 0))
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

// Zeros an image that gradients are then added to, so that both happen in a cache; where windows do not overlap and cover
// all of it, each value is written once and nothing needs to be there.
function prepare(
  height: i32, width: i32, pixel: usize, outHeight: i32, outWidth: i32, filterHeight: i32, filterWidth: i32,
  strideHeight: i32, strideWidth: i32, top: i32, left: i32, dx: usize
): void {
  const covered = strideHeight == filterHeight && strideWidth == filterWidth && top == 0 && left == 0 &&
    outHeight * strideHeight >= height && outWidth * strideWidth >= width
  if (!covered) memory.fill(dx, 0, pixel * <usize> width * <usize> height)
}

// dx, where the first largest value of each window takes the window's gradient; NaN is larger than any number, and of
// several the last one takes it.
export function maxPoolGrad(
  batch: i32, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, filterHeight: i32,
  filterWidth: i32, strideHeight: i32, strideWidth: i32, top: i32, left: i32, x: usize, dy: usize, dx: usize
): void {
  const pixel = <usize> channels << 2, row = pixel * <usize> width, overlap = strideHeight < filterHeight ||
    strideWidth < filterWidth
  let from = dy
  for (let n = 0; n < batch; n++, x += row * <usize> height, dx += row * <usize> height) {
    prepare(
      height, width, pixel, outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth, top, left, dx
    )
    for (let i = 0; i < outHeight; i++) {
      const begin = first(i, strideHeight, top), rows = last(i, strideHeight, top, filterHeight, height) - begin
      for (let j = 0; j < outWidth; j++, from += pixel) {
        const start = first(j, strideWidth, left), columns = last(j, strideWidth, left, filterWidth, width) - start
        if (rows <= 0 || columns <= 0) continue
        const at = <usize> begin * row + <usize> start * pixel
        if (rows == 2 && columns == 2 && !overlap) pairsMaximumGrad(channels, row, x + at, from, dx + at)
        else windowMaximumGrad(rows, columns, channels, row, overlap, x + at, from, dx + at)
      }
    }
  }
}

// A window of two by two that no other overlaps: each of its gradients is written, most of them zero.
function pairsMaximumGrad(channels: i32, row: usize, x: usize, dy: usize, dx: usize): void {
  const pixel = <usize> channels << 2
  let channel: usize = 0
  for (; channel + 16 <= pixel; channel += 16) {
    const at = x + channel, to = dx + channel, d = v128.load(dy + channel)
    const p = v128.load(at), q = v128.load(at + pixel), r = v128.load(at + row), s = v128.load(at + row + pixel)
    // Which of p and q, of r and s, and of these two; a comparison with NaN is false.
    const second = v128.or(f32x4.gt(q, p), f32x4.ne(q, q)), fourth = v128.or(f32x4.gt(s, r), f32x4.ne(s, s))
    const upper = v128.bitselect(q, p, second), lower = v128.bitselect(s, r, fourth)
    const below = v128.or(f32x4.gt(lower, upper), f32x4.ne(lower, lower))
    const up = v128.andnot(d, below), down = v128.and(d, below)
    v128.store(to, v128.andnot(up, second))
    v128.store(to + pixel, v128.and(up, second))
    v128.store(to + row, v128.andnot(down, fourth))
    v128.store(to + row + pixel, v128.and(down, fourth))
  }
  if (channel < pixel) remainingMaximumGrad(2, 2, channel, pixel, row, false, x, dy, dx)
}

function windowMaximumGrad(
  rows: i32, columns: i32, channels: i32, row: usize, overlap: bool, x: usize, dy: usize, dx: usize
): void {
  const pixel = <usize> channels << 2
  let channel: usize = 0
  for (; channel + 16 <= pixel; channel += 16) {
    let best = f32x4.splat(-Infinity), place = i32x4.splat(0), tap = place, line = x + channel
    const one = i32x4.splat(1)
    for (let i = 0; i < rows; i++, line += row) {
      let at = line
      for (let j = 0; j < columns; j++, at += pixel) {
        const v = v128.load(at), better = v128.or(f32x4.gt(v, best), f32x4.ne(v, v))
        best = v128.bitselect(v, best, better)
        place = v128.bitselect(tap, place, better)
        tap = i32x4.add(tap, one)
      }
    }
    const d = v128.load(dy + channel)
    tap = i32x4.splat(0)
    line = dx + channel
    for (let i = 0; i < rows; i++, line += row) {
      let to = line
      for (let j = 0; j < columns; j++, to += pixel) {
        const part = v128.and(d, i32x4.eq(tap, place))
        v128.store(to, overlap ? f32x4.add(v128.load(to), part) : part)
        tap = i32x4.add(tap, one)
      }
    }
  }
  if (channel < pixel) remainingMaximumGrad(rows, columns, channel, pixel, row, overlap, x, dy, dx)
}

function remainingMaximumGrad(
  rows: i32, columns: i32, from: usize, pixel: usize, row: usize, overlap: bool, x: usize, dy: usize, dx: usize
): void {
  for (let channel = from; channel < pixel; channel += 4) {
    let best: f32 = -Infinity, place = channel, line = channel
    for (let i = 0; i < rows; i++, line += row) {
      let at = line
      for (let j = 0; j < columns; j++, at += pixel) {
        const v = load<f32>(x + at)
        if (v > best || v != v) {
          best = v
          place = at
        }
        if (!overlap) store<f32>(dx + at, 0)
      }
    }
    store<f32>(dx + place, load<f32>(dx + place) + load<f32>(dy + channel))
  }
}

// dx, where each value of a window takes the same share of the window's gradient: one over the size of a whole window.
export function avgPoolGrad(
  batch: i32, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, filterHeight: i32,
  filterWidth: i32, strideHeight: i32, strideWidth: i32, top: i32, left: i32, dy: usize, dx: usize
): void {
  const pixel = <usize> channels << 2, row = pixel * <usize> width, overlap = strideHeight < filterHeight ||
    strideWidth < filterWidth
  const share = <f32> 1 / <f32> (filterHeight * filterWidth)
  let from = dy
  for (let n = 0; n < batch; n++, dx += row * <usize> height) {
    prepare(
      height, width, pixel, outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth, top, left, dx
    )
    for (let i = 0; i < outHeight; i++) {
      const begin = first(i, strideHeight, top), rows = last(i, strideHeight, top, filterHeight, height) - begin
      for (let j = 0; j < outWidth; j++, from += pixel) {
        const start = first(j, strideWidth, left), columns = last(j, strideWidth, left, filterWidth, width) - start
        windowMeanGrad(rows, columns, pixel, row, share, overlap, from, dx + <usize> begin * row + <usize> start * pixel)
      }
    }
  }
}

function windowMeanGrad(
  rows: i32, columns: i32, pixel: usize, row: usize, share: f32, overlap: bool, dy: usize, dx: usize
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

// The values of `x` at the places whose values are the maxima: the gradient of `maxPoolGrad` by dy.
export function maxPoolGather(
  batch: i32, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, filterHeight: i32,
  filterWidth: i32, strideHeight: i32, strideWidth: i32, top: i32, left: i32, values: usize, x: usize, y: usize
): void {
  const pixel = <usize> channels << 2, row = pixel * <usize> width
  let to = y
  for (let n = 0; n < batch; n++, x += row * <usize> height, values += row * <usize> height) {
    for (let i = 0; i < outHeight; i++) {
      const begin = first(i, strideHeight, top), rows = last(i, strideHeight, top, filterHeight, height) - begin
      for (let j = 0; j < outWidth; j++, to += pixel) {
        const start = first(j, strideWidth, left), columns = last(j, strideWidth, left, filterWidth, width) - start
        const at = <usize> begin * row + <usize> start * pixel
        windowGather(rows, columns, pixel, row, values + at, x + at, to)
      }
    }
  }
}

function windowGather(
  rows: i32, columns: i32, pixel: usize, row: usize, values: usize, x: usize, y: usize
): void {
  let channel: usize = 0
  for (; channel + 16 <= pixel; channel += 16) {
    let best = f32x4.splat(-Infinity), line = channel, taken = rows > 0 && columns > 0 ? v128.load(x + channel) : i32x4.splat(0)
    taken = rows > 0 && columns > 0 ? v128.load(values + channel) : i32x4.splat(0)
    for (let i = 0; i < rows; i++, line += row) {
      let at = line
      for (let j = 0; j < columns; j++, at += pixel) {
        const v = v128.load(x + at), better = v128.or(f32x4.gt(v, best), f32x4.ne(v, v))
        best = v128.bitselect(v, best, better)
        taken = v128.bitselect(v128.load(values + at), taken, better)
      }
    }
    v128.store(y + channel, taken)
  }
  for (; channel < pixel; channel += 4) {
    let best: f32 = -Infinity, place = channel, line = channel
    for (let i = 0; i < rows; i++, line += row) {
      let at = line
      for (let j = 0; j < columns; j++, at += pixel) {
        const v = load<f32>(x + at)
        if (v > best || v != v) {
          best = v
          place = at
        }
      }
    }
    store<f32>(y + channel, rows > 0 && columns > 0 ? load<f32>(values + place) : 0)
  }
}
