import {
  add,
  cast,
  concat,
  cumsum,
  equal,
  expandDims,
  fill,
  greater,
  less,
  logicalAnd,
  logicalOr,
  logSumExp,
  matMul,
  maximum,
  mul,
  neg,
  notEqual,
  oneHot,
  range,
  reshape,
  slice,
  softmax,
  stack,
  sub,
  sum,
  tensor2d,
  unstack,
  where,
  zerosLike
} from "@tensorflow/tfjs-core"
import type { Tensor, Tensor3D } from "@tensorflow/tfjs-core"
import { logSoftmax } from "./softmax.ts"

// Connectionist temporal classification step by step, of operations that can be differentiated: for other backends than
// WebAssembly, and for gradients of gradients. The states are the labels with blanks before, between and behind them.

/** What the kernels take; a mask that is not there is empty. */
export interface Inputs {
  readonly logits: Tensor
  readonly labels: Tensor
  readonly mask: Tensor
}

/** The attributes of the kernels. */
export interface Attrs {
  readonly blank: number
}

/** The logarithm of 0, which can be added to and taken off. */
const NEVER = -1e30, IMPOSSIBLE = 1e29

const never = (...shape: ReadonlyArray<number>): Tensor => fill([...shape], NEVER)

/** What the states are of each example, up to the first label that is none. */
const statesOf = ({ labels, logits }: Inputs, { blank }: Attrs) => {
  const [batch, longest] = labels.shape as [number, number], classes = logits.shape[2]!
  const isNone = logicalOr(logicalOr(less(labels, 0), greater(labels, classes - 1)), equal(labels, blank))
  const counts = equal(cumsum(cast(isNone, "int32"), 1), 0),
    own = where(counts, labels, fill([batch, longest], blank, "int32"))
  const blanks = fill([batch, longest], blank, "int32"), first = fill([batch, 1], blank, "int32")
  const between = (x: Tensor, y: Tensor) => reshape(stack([x, y], 2), [batch, 2 * longest])
  const classOf = concat([first, between(own, blanks)], 1)
  // A label may follow the one before it without a blank, unless it is the same.
  const before = concat([fill([batch, 1], -1, "int32"), slice(own, [0, 0], [batch, Math.max(0, longest - 1)])], 1)
  const isOther = logicalAnd(counts, notEqual(own, slice(before, [0, 0], [batch, longest])))
  const isSkip = concat([cast(zerosLike(first), "bool"), between(isOther, cast(zerosLike(isOther), "bool"))], 1)
  const last = mul(sum(cast(counts, "int32"), 1, true), 2),
    place = reshape(range(0, 2 * longest + 1, 1, "int32"), [1, -1])
  const isEnd = logicalOr(equal(place, last), equal(place, sub(last, 1)))
  return {
    hot: cast(oneHot(cast(classOf, "int32"), Math.max(2, classes)), "float32"),
    skip: where(isSkip, zerosLike(cast(isSkip, "float32")), never(batch, 2 * longest + 1)),
    end: where(isEnd, zerosLike(cast(isEnd, "float32")), never(batch, 2 * longest + 1))
  }
}

/** The states moved by some places, up or down. */
const moved = (x: Tensor, by: number): Tensor => {
  const [batch, states] = x.shape as [number, number], n = Math.min(Math.abs(by), states), rest = states - n
  return by > 0
    ? concat([never(batch, n), slice(x, [0, 0], [batch, rest])], 1)
    : concat([slice(x, [0, n], [batch, rest]), never(batch, n)], 1)
}

const logSum = (...parts: ReadonlyArray<Tensor>): Tensor => logSumExp(stack([...parts], 0), 0)

/** The logarithms of the probabilities of the states' classes at each step, and which steps count. */
const emissionsOf = ({ logits, mask }: Inputs, hot: Tensor) => {
  const [batch, time, classes] = logits.shape as [number, number, number]
  const logs = maximum(logSoftmax(logits), NEVER)
  const whole = classes > 1 ? logs : concat([logs, never(batch, time, 1)], 2)
  const e = unstack(matMul(whole as Tensor3D, hot as Tensor3D, false, true), 1)
  const counts = mask.size === 0 ? undefined : unstack(greater(mask, 0), 1).map((row) => expandDims(row, 1))
  return { e, counts }
}

/** The states after each step, the first of them before all. */
const forward = (e: ReadonlyArray<Tensor>, counts: ReadonlyArray<Tensor> | undefined, skip: Tensor) => {
  const [batch, states] = skip.shape as [number, number]
  const start = add(
    never(batch, states),
    mul(tensor2d(Float32Array.from({ length: states }, (_, i) => i === 0 ? 1 : 0), [1, states]), -NEVER)
  )
  const all = [start]
  e.forEach((e, step) => {
    const x = all.at(-1)!, y = add(logSum(x, moved(x, 1), add(moved(x, 2), skip)), e)
    all.push(counts === undefined ? y : where(counts[step]!, y, x))
  })
  return all
}

const lossOf = (last: Tensor, end: Tensor): Tensor => {
  const loss = neg(logSumExp(add(last, end), 1))
  return where(greater(loss, IMPOSSIBLE), fill(loss.shape, Infinity), loss)
}

/** The loss of each example. */
export const composedLoss = (inputs: Inputs, attrs: Attrs): Tensor => {
  const { end, hot, skip } = statesOf(inputs, attrs), { counts, e } = emissionsOf(inputs, hot)
  return lossOf(forward(e, counts, skip).at(-1)!, end)
}

/** The gradient by the logits. */
export const composedGradient = (inputs: Inputs, dy: Tensor, attrs: Attrs): Tensor => {
  const { logits, mask } = inputs, [batch, time, classes] = logits.shape as [number, number, number]
  const { end, hot, skip } = statesOf(inputs, attrs), { counts, e } = emissionsOf(inputs, hot)
  const before = forward(e, counts, skip), ahead = moved(skip, -2)
  let after = end
  const shares = e.toReversed().map((e, i) => {
    const step = time - 1 - i, share = softmax(add(before[step + 1]!, after)), part = add(after, e)
    const y = logSum(part, moved(part, -1), add(moved(part, -2), ahead))
    after = counts === undefined ? y : where(counts[step]!, y, after)
    return share
  })
  const ways = slice(matMul(stack(shares.toReversed(), 1) as Tensor3D, hot as Tensor3D), [0, 0, 0], [
    batch,
    time,
    classes
  ])
  const slope = mul(reshape(dy, [batch, 1, 1]), sub(softmax(logits), ways))
  const isPossible = reshape(less(neg(logSumExp(add(before.at(-1)!, end), 1)), IMPOSSIBLE), [batch, 1, 1])
  const isCounted = mask.size === 0 ? isPossible : logicalAnd(isPossible, expandDims(greater(mask, 0), 2))
  return where(isCounted, slope, zerosLike(slope))
}
