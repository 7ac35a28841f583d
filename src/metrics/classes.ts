import { any, argMax, cast, greaterEqual, isNaN, notEqual, reshape, stack, zerosLike } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { equals, format } from "../core/Shape.ts"
import type { Known } from "../core/Shape.ts"
import { checkLabels } from "../losses/labels.ts"
import { float } from "../losses/weighted.ts"

/** What metrics of classes count. */
export interface IgnoreOptions {
  /** The class index of what does not count, such as -1 or that of padding; only for targets of class indices. */
  readonly ignoreIndex?: number
}

/** Throws a `RangeError` for what can be no class index. */
export const checkIgnored = (by: string, ignoreIndex: number | undefined): void => {
  if (ignoreIndex === undefined || Number.isSafeInteger(ignoreIndex)) return
  throw new RangeError(`${by}: ignoreIndex is an integer, got ${ignoreIndex}`)
}

const expectTargets = (by: string, target: Tensor, ...shapes: ReadonlyArray<Known>): void => {
  if (shapes.some((shape) => equals(target.shape, shape))) return
  throw new RangeError(`${by} expects targets ${shapes.map(format).join(" or ")}, got ${format(target.shape)}`)
}

/** The class of the highest score at each position, of equal ones the first, and where there is none for a NaN. */
export const takenFor = (scores: Tensor): { readonly taken: Tensor; readonly none: Tensor } => {
  const x = float(scores)
  return { taken: argMax(x, -1), none: any(isNaN(x), -1) }
}

/**
 * The true class at each position of scores `[..., classes]`, and whether it counts, where not all do. Throws a
 * `RangeError` for targets of another shape, and for class indices that are none.
 */
export const trueClasses = (
  by: string,
  { shape }: Tensor,
  target: Tensor,
  ignoreIndex: number | undefined
): { readonly actual: Tensor; readonly counts: Tensor | undefined } => {
  expectTargets(by, target, shape.slice(0, -1), shape)
  if (target.rank === shape.length) {
    if (ignoreIndex !== undefined) throw new RangeError(`${by}: ignoreIndex is for targets of class indices`)
    return { actual: argMax(float(target), -1), counts: undefined }
  }
  checkLabels(by, target, shape.at(-1)!, ignoreIndex)
  return {
    actual: target.dtype === "int32" ? target : cast(target, "int32"),
    counts: ignoreIndex === undefined ? undefined : cast(notEqual(target, ignoreIndex), "float32")
  }
}

/** Whether predictions are one logit each, which tells two classes apart: `[n]` or `[n, positions…, 1]`. */
export const areLogits = ({ rank, shape }: Tensor): boolean => rank === 1 || (rank > 1 && shape.at(-1) === 1)

/** Logits and their targets as the scores of two classes, of which that of the first is 0, and class indices. */
export const asTwoClasses = (
  by: string,
  logits: Tensor,
  target: Tensor
): { readonly scores: Tensor; readonly target: Tensor } => {
  const positions = logits.rank > 1 ? logits.shape.slice(0, -1) : logits.shape
  const second = reshape(float(logits), positions)
  return {
    scores: stack([zerosLike(second), second], -1),
    target: cast(reshape(isYes(by, logits, target), positions), "int32")
  }
}

/** Where targets are yes, from 0.5 on, in the shape of their logits; an axis of 1 may be behind either. */
export const isYes = (by: string, logits: Tensor, target: Tensor): Tensor => {
  const { rank, shape } = logits, positions = rank > 1 && shape.at(-1) === 1 ? shape.slice(0, -1) : shape
  expectTargets(by, target, positions, [...positions, 1])
  return greaterEqual(reshape(float(target), shape), 0.5)
}
