import { rowMaximum } from "./extrema"
import { gemmScratch, product } from "./gemm"
import { expOfNegative } from "./math"
import { rowSum } from "./reduce"
import { exponentials, logarithm, scale } from "./softmax"

// The cross entropy of the softmax of hidden · tableᵀ + bias, of [rows, features] and [classes, features], of which only
// blocks are ever in memory: as many rows and classes as a cache holds.

const HEIGHT = 256, WIDTH = 256

// Of each row of a block: what was added up, float64, and float32 what is largest, and the logit of its class.
const STATE = 24

/** The bytes of scratch space that a part of the rows, or of the classes, needs. */
export function linearCrossEntropyScratch(rows: i32, features: i32, classes: i32): i32 {
  const width = min(classes, WIDTH)
  const forward = gemmScratch(HEIGHT, width, features) + HEIGHT * (width * 4 + STATE)
  const backward = max(gemmScratch(width, features, rows), gemmScratch(rows, features, width))
  return max(forward, max(gemmScratch(rows, width, features), backward))
}

/**
 * The loss of each row, and what is kept of it for the gradient: its largest logit, and the inverse of the sum of
 * exponentials of what logits are below it. All logits are kept too, unless `logits` is 0. There may be no bias, 0. The
 * target is as that of `crossEntropy`.
 */
export function linearCrossEntropy(
  rows: i32,
  features: i32,
  classes: i32,
  smoothing: f32,
  hidden: usize,
  table: usize,
  bias: usize,
  labels: usize,
  losses: usize,
  kept: usize,
  logits: usize,
  scratch: usize
): void {
  const width = min(classes, WIDTH), state = (scratch + 7) & ~7
  const tile = state + STATE * HEIGHT,
    space = tile + (<usize> HEIGHT * <usize> width << 2),
    line = <usize> features << 2
  for (; rows > 0; rows -= HEIGHT) {
    const height = min(rows, HEIGHT)
    for (let first = 0; first < classes; first += WIDTH) {
      const some = min(WIDTH, classes - first), from = <usize> first << 2
      const to = logits ? logits + from : tile, stride = logits ? classes : width
      const offsets = bias ? bias + from : 0
      const right = table + <usize> first * line
      product(0, 1, height, some, features, hidden, features, right, features, to, stride, 0, offsets, 1, space)
      for (let row = 0; row < height; row++) {
        const x = to + (<usize> row * <usize> stride << 2)
        const label = load<i32>(labels + (<usize> row << 2)) - first
        include(some, first == 0, smoothing != 0, x, label, state + STATE * row)
      }
    }
    for (let row = 0; row < height; row++, losses += 4, kept += 8, labels += 4) {
      const at = state + STATE * row, label = load<i32>(labels)
      store<f32>(losses, lossOf(classes, smoothing, label >= 0 && label < classes, at))
      store<f32>(kept, load<f32>(at, 16))
      store<f32>(kept, <f32> (1 / load<f64>(at)), 4)
    }
    hidden += <usize> height * line
    if (logits) logits += <usize> height * <usize> classes << 2
  }
}

// Adds the logits of some classes to the state of a row: Σ exp(x - largest), Σ x, the largest, and that of the label.
function include(n: i32, isFirst: bool, total: bool, x: usize, label: i32, at: usize): void {
  if (isFirst) {
    store<f64>(at, 0)
    store<f64>(at, 0, 8)
    store<f32>(at, -Infinity, 16)
    store<f32>(at, 0, 20)
  }
  const before = load<f32>(at, 16), largest = max(before, rowMaximum(n, i32x4.splat(0), x))
  if (largest != -Infinity) {
    const shrink = f32x4.extract_lane(expOfNegative(f32x4.splat(before - largest)), 0)
    store<f64>(at, load<f64>(at) * <f64> shrink + exponentials(n, largest, x, 0))
    store<f32>(at, largest, 16)
  }
  if (total) store<f64>(at, load<f64>(at, 8) + rowSum(n, x), 8)
  if (label >= 0 && label < n) store<f32>(at, load<f32>(x + (<usize> label << 2)), 20)
}

function lossOf(classes: i32, smoothing: f32, exists: bool, at: usize): f32 {
  const largest = <f64> load<f32>(at, 16), sum = load<f64>(at), log = sum == 0 ? NaN : logarithm(sum)
  let loss: f64 = 0
  if (exists) loss = (1 - <f64> smoothing) * (log - (<f64> load<f32>(at, 20) - largest))
  else if (log != log) loss = log
  if (smoothing != 0) loss += <f64> smoothing * (log - (load<f64>(at, 8) / <f64> classes - largest))
  return <f32> loss
}

/**
 * For `count` classes from `first` on, a multiple of WIDTH, to where `table` and `bias` and the outputs point: the
 * gradients by the logits of a block of rows, one tile of [rows, WIDTH] behind the other, and what they add to those by
 * the table and by the bias, to which they are added unless this is the first block. Logits, [rows, classes], are
 * computed again where they are not there, 0.
 */
export function linearCrossEntropyGradient(
  rows: i32,
  features: i32,
  classes: i32,
  first: i32,
  count: i32,
  smoothing: f32,
  accumulate: i32,
  hidden: usize,
  table: usize,
  bias: usize,
  labels: usize,
  kept: usize,
  dy: usize,
  logits: usize,
  slopes: usize,
  dtable: usize,
  dbias: usize,
  scratch: usize
): void {
  const line = <usize> features << 2
  for (let left = count; left > 0; left -= WIDTH, first += WIDTH) {
    const width = min(WIDTH, left), stride = <usize> (logits ? classes : width) << 2
    let x = logits ? logits : slopes, to = slopes
    if (!logits) {
      product(0, 1, rows, width, features, hidden, features, table, features, slopes, width, 0, bias, 1, scratch)
    }
    if (dbias && !accumulate) memory.fill(dbias, 0, <usize> width << 2)
    for (let row = 0; row < rows; row++, x += stride, to += <usize> width << 2) {
      const own = <usize> row << 2, label = load<i32>(labels + own), exists = label >= 0 && label < classes
      const largest = load<f32>(kept + (own << 1)), inverse = load<f32>(kept + (own << 1), 4), d = load<f32>(dy + own)
      const weight: f32 = exists ? 1 : smoothing
      exponentials(width, largest, x, to)
      scale(width, d * weight * inverse, -d * smoothing / <f32> classes, to, to)
      if (exists && label >= first && label < first + width) {
        const into = to + (<usize> (label - first) << 2)
        store<f32>(into, load<f32>(into) - d * (1 - smoothing))
      }
      if (dbias) add(width, to, dbias)
    }
    product(1, 0, width, features, rows, slopes, width, hidden, features, dtable, features, accumulate, 0, 1, scratch)
    const next = <usize> width << 2
    table += <usize> width * line
    dtable += <usize> width * line
    slopes += <usize> rows * next
    if (logits) logits += next
    if (bias) bias += next
    if (dbias) dbias += next
  }
}

/** The gradients by some of the hidden states, of tiles that have `height` rows. */
export function linearCrossEntropyHidden(
  rows: i32,
  height: i32,
  features: i32,
  classes: i32,
  first: i32,
  slopes: usize,
  table: usize,
  dhidden: usize,
  scratch: usize
): void {
  for (let from = 0; from < classes; from += WIDTH) {
    const width = min(WIDTH, classes - from), before = <usize> height * <usize> from + <usize> first * <usize> width
    const right = table + (<usize> from * <usize> features << 2)
    product(
      0,
      0,
      rows,
      features,
      width,
      slopes + (before << 2),
      width,
      right,
      features,
      dhidden,
      features,
      i32(from > 0),
      0,
      1,
      scratch
    )
  }
}

function add(n: i32, x: usize, to: usize): void {
  for (; n >= 4; n -= 4, x += 16, to += 16) v128.store(to, f32x4.add(v128.load(to), v128.load(x)))
  for (; n > 0; n--, x += 4, to += 4) store<f32>(to, load<f32>(to) + load<f32>(x))
}
