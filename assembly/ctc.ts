import { rowMaximum } from "./extrema"
import { expOfNegative, log4 } from "./math"
import { horizontalSum } from "./simd"
import { exponentials, logarithm, scale } from "./softmax"

// Connectionist temporal classification: the probability of labels under all alignments with the steps of a row. States
// are the labels with blanks before, between and behind them; they hold logarithms, off by a number for each step that
// makes the largest 0, so that what counts keeps its precision however long a row is. The logarithm of 0 is NEVER,
// which can be added to and taken off.

const NEVER: f32 = -1e30, IMPOSSIBLE: f64 = -1e29
const MARGIN: usize = 16

// The bytes of so many states, whole vectors of them.
function widthOf(states: i32): usize {
  return (<usize> states << 2) + 15 & ~15
}

/** The bytes of scratch space for rows of so many steps and labels. */
export function ctcScratch(time: i32, longest: i32): i32 {
  const row = widthOf(2 * longest + 1) + 2 * MARGIN
  return <i32> (widthOf(longest) + widthOf(time) + (<usize> time + 5) * row)
}

function fillNever(at: usize, bytes: usize): void {
  for (const end = at + bytes; at < end; at += 16) v128.store(at, f32x4.splat(NEVER))
}

function largestLane(v: v128): f32 {
  const pairs = f32x4.pmax(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1))
  return f32x4.extract_lane(f32x4.pmax(pairs, v128.shuffle<i32>(pairs, pairs, 1, 0, 3, 2)), 0)
}

// Takes the largest off; returns it.
function takeOff(width: usize, largest: v128, row: usize): f32 {
  const most = largestLane(largest), shift = f32x4.splat(most)
  for (let i: usize = 0; i < width; i += 16) v128.store(row + i, f32x4.sub(v128.load(row + i), shift))
  return most
}

// log(exp(a) + exp(b) + exp(c))
function logSum(a: v128, b: v128, c: v128): v128 {
  const most = f32x4.pmax(f32x4.pmax(a, b), c)
  const sum = f32x4.add(expOfNegative(f32x4.sub(a, most)), expOfNegative(f32x4.sub(b, most)))
  return f32x4.add(most, log4(f32x4.add(sum, expOfNegative(f32x4.sub(c, most)))))
}

// The labels up to the first that is none, and 0 in `skip` for the states that may follow the label before their blank.
function labelsOf(longest: i32, classes: i32, blank: i32, labels: usize, to: usize, skip: usize): i32 {
  let count = 0
  for (; count < longest; count++) {
    const label = load<i32>(labels + (<usize> count << 2))
    if (label < 0 || label >= classes || label == blank) break
    store<i32>(to + (<usize> count << 2), label)
  }
  fillNever(skip - MARGIN, widthOf(2 * longest + 1) + 2 * MARGIN)
  for (let i = 1; i < count; i++) {
    const at = to + (<usize> i << 2)
    if (load<i32>(at) != load<i32>(at - 4)) store<f32>(skip + (<usize> (2 * i + 1) << 2), 0)
  }
  return count
}

// The logarithm of the probability of each state's class.
function emissions(count: i32, blank: i32, x: usize, norm: f32, labels: usize, to: usize): void {
  const between = max(NEVER, load<f32>(x + (<usize> blank << 2)) - norm)
  for (let i = 0; i < count; i++, to += 8) {
    store<f32>(to, between)
    const label = load<i32>(labels + (<usize> i << 2))
    store<f32>(to, max(NEVER, load<f32>(x + (<usize> label << 2)) - norm), 4)
  }
  store<f32>(to, between)
}

function isSkipped(mask: usize, step: i32): bool {
  return mask != 0 && !(load<f32>(mask + (<usize> step << 2)) > 0)
}

// The logarithm of the probability of the labels, with the states after each step in rows `stride` apart, or in two
// rows in turns where that is 0.
function forward(
  time: i32,
  classes: i32,
  blank: i32,
  count: i32,
  x: usize,
  mask: usize,
  labels: usize,
  norms: usize,
  skip: usize,
  e: usize,
  rows: usize,
  other: usize,
  stride: usize
): f64 {
  const width = widthOf(2 * count + 1)
  let at = rows, to = stride ? rows + stride : other, total: f64 = 0
  store<f32>(at, 0)
  for (let step = 0; step < time; step++, x += <usize> classes << 2) {
    if (isSkipped(mask, step)) {
      memory.copy(to, at, width)
    } else {
      const most = rowMaximum(classes, i32x4.splat(0), x)
      const norm = most + <f32> logarithm(exponentials(classes, most, x, 0))
      if (norm != norm) return NaN
      store<f32>(norms + (<usize> step << 2), norm)
      emissions(count, blank, x, norm, labels, e)
      let largest = f32x4.splat(-Infinity)
      for (let i: usize = 0; i < width; i += 16) {
        const from = at + i, skipping = f32x4.add(v128.load(from - 8), v128.load(skip + i))
        const y = f32x4.add(logSum(v128.load(from), v128.load(from - 4), skipping), v128.load(e + i))
        largest = f32x4.pmax(largest, y)
        v128.store(to + i, y)
      }
      total += <f64> takeOff(width, largest, to)
    }
    const before = at
    at = to
    to = stride ? to + stride : before
  }
  const last = at + (<usize> count << 3), a = load<f32>(last), b = count > 0 ? load<f32>(last - 4) : NEVER
  const both = logSum(f32x4.splat(a), f32x4.splat(b), f32x4.splat(NEVER))
  total += <f64> f32x4.extract_lane(both, 0)
  return total > IMPOSSIBLE ? total : -Infinity
}

/** -log p of the labels of each row, from [rows, time, classes] and [rows, longest], Infinity where there is no way. */
export function ctc(
  rows: i32,
  time: i32,
  classes: i32,
  longest: i32,
  blank: i32,
  x: usize,
  mask: usize,
  labels: usize,
  out: usize,
  scratch: usize
): void {
  const row = widthOf(2 * longest + 1) + 2 * MARGIN, own = scratch, norms = own + widthOf(longest)
  const skip = norms + widthOf(time) + MARGIN, e = skip + row, states = e + row
  for (let i = 0; i < rows; i++, out += 4) {
    const count = labelsOf(longest, classes, blank, labels, own, skip)
    fillNever(e - MARGIN, 3 * row)
    const found = forward(time, classes, blank, count, x, mask, own, norms, skip, e, states, states + row, 0)
    store<f32>(out, <f32> -found)
    x += <usize> time * <usize> classes << 2
    labels += <usize> longest << 2
    if (mask) mask += <usize> time << 2
  }
}

// The shares of the states of a step into `to`; returns their sum.
function occupancy(width: usize, a: usize, b: usize, to: usize): f32 {
  let largest = f32x4.splat(-Infinity), sum = f32x4.splat(0)
  for (let i: usize = 0; i < width; i += 16) {
    const both = f32x4.add(v128.load(a + i), v128.load(b + i))
    largest = f32x4.pmax(largest, both)
    v128.store(to + i, both)
  }
  const shift = f32x4.splat(largestLane(largest))
  for (let i: usize = 0; i < width; i += 16) {
    const share = expOfNegative(f32x4.sub(v128.load(to + i), shift))
    sum = f32x4.add(sum, share)
    v128.store(to + i, share)
  }
  return horizontalSum(sum)
}

function takeFrom(dx: usize, label: i32, share: f32): void {
  const at = dx + (<usize> label << 2)
  store<f32>(at, load<f32>(at) - share)
}

/** dy · (softmax(x) - the share of the alignments in which a step has that class); 0 where there is no way. */
export function ctcGradient(
  rows: i32,
  time: i32,
  classes: i32,
  longest: i32,
  blank: i32,
  x: usize,
  mask: usize,
  labels: usize,
  dy: usize,
  dx: usize,
  scratch: usize
): void {
  const row = widthOf(2 * longest + 1) + 2 * MARGIN, own = scratch, norms = own + widthOf(longest)
  const skip = norms + widthOf(time) + MARGIN, e = skip + row, after = e + row, part = after + row, states = part + row
  const size = <usize> classes << 2, all = <usize> time * size
  for (let i = 0; i < rows; i++, dy += 4, x += all, dx += all, labels += <usize> longest << 2) {
    const count = labelsOf(longest, classes, blank, labels, own, skip), width = widthOf(2 * count + 1)
    fillNever(e - MARGIN, (<usize> time + 4) * row)
    const found = forward(time, classes, blank, count, x, mask, own, norms, skip, e, states, 0, row), d = load<f32>(dy)
    const isPossible = found > IMPOSSIBLE
    const last = after + (<usize> count << 3)
    store<f32>(last, 0)
    if (count > 0) store<f32>(last - 4, 0)
    for (let step = time - 1; step >= 0; step--) {
      const from = x + <usize> step * size, to = dx + <usize> step * size
      if (isSkipped(mask, step) || !isPossible) {
        memory.fill(to, 0, size)
        if (found != found) scale(classes, 0, NaN, to, to)
        continue
      }
      const sum = exponentials(classes, rowMaximum(classes, i32x4.splat(0), from), from, to)
      scale(classes, <f32> (<f64> d / sum), 0, to, to)
      const factor = d / occupancy(width, states + <usize> (step + 1) * row, after, part)
      for (let s = 0; s <= 2 * count; s++) {
        const label = s & 1 ? load<i32>(own + (<usize> (s >> 1) << 2)) : blank
        takeFrom(to, label, factor * load<f32>(part + (<usize> s << 2)))
      }
      emissions(count, blank, from, load<f32>(norms + (<usize> step << 2)), own, e)
      for (let i: usize = 0; i < width; i += 16) {
        v128.store(part + i, f32x4.add(v128.load(after + i), v128.load(e + i)))
      }
      let largest = f32x4.splat(-Infinity)
      for (let i: usize = 0; i < width; i += 16) {
        const at = part + i, skipping = f32x4.add(v128.load(at, 8), v128.load(skip + i, 8))
        const y = logSum(v128.load(at), v128.load(at, 4), skipping)
        largest = f32x4.pmax(largest, y)
        v128.store(after + i, y)
      }
      takeOff(width, largest, after)
    }
    if (mask) mask += <usize> time << 2
  }
}
