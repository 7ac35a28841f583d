import { cast, greater, mul, notEqual, reshape, where, zerosLike } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { equals, format } from "../core/Shape.ts"
import { checkIndices, known } from "./labels.ts"
import { expectShapes } from "./Loss.ts"
import { float } from "./weighted.ts"
import type { Values, Weighted } from "./weighted.ts"

/** The options of a loss of class indices. */
export interface IgnoreIndex {
  /** The class index of what does not count, such as -1 or that of padding. */
  readonly ignoreIndex?: number
}

/** A loss of states and the weights of a head, with weights beside the values where not all positions count. */
export type OfHidden<Y> = <P extends Y, O extends IgnoreIndex = {}>(
  prediction: P,
  target: Tensor,
  options?: O
) => P extends { readonly mask: Tensor } ? Weighted : O extends { readonly ignoreIndex: number } ? Weighted : Tensor

/** The label of a row that does not count. */
export const NONE = -1

/** Positions as rows. */
export interface Rows {
  readonly count: number
  /** `[count, features]`, 0 where a row does not count. */
  readonly rows: Tensor
  /** `[count]`, int32: the class of each, 0 where a row does not count. */
  readonly classes: Tensor
  /** The same on the host, {@link NONE} where a row does not count, if it can be had without waiting for a device. */
  readonly labels: ArrayLike<number> | undefined
  /** Values of the rows as the values of the positions, with their weights where not all count. */
  readonly asValues: (values: Tensor) => Values
}

/**
 * The states of positions, `[batch, positions…, features]`, with their classes and what each counts. What does not count
 * may be anything. Throws for other shapes, and a `RangeError` for what is no class.
 */
export const rowsOf = (
  loss: string,
  { hidden, mask }: { readonly hidden: Tensor; readonly mask?: Tensor | undefined },
  target: Tensor,
  classes: number,
  { ignoreIndex }: IgnoreIndex
): Rows => {
  const shape = hidden.shape.slice(0, -1), features = hidden.shape.at(-1)!
  expectShapes(loss, hidden, target, "[batch, ..., features]", [[shape, " (class indices)"]])
  if (mask !== undefined && !equals(mask.shape, shape)) {
    throw new Error(`${loss} expects a mask of ${format(shape)}, as its targets, got ${format(mask.shape)}`)
  }
  const labels = known(target), steps = mask && known(mask), isKnown = mask === undefined || steps !== undefined
  const counts = (i: number) => steps === undefined || steps[i]! > 0
  if (labels !== undefined && isKnown) {
    checkIndices(loss, Array.from(labels).filter((_, i) => counts(i)), classes, ignoreIndex)
  }
  const isCounted = ignoreIndex === undefined ? undefined : notEqual(target, ignoreIndex)
  const weights = [mask && float(mask), isCounted && cast(isCounted, "float32")].filter((part) => part !== undefined)
  const weight = weights.length === 0 ? undefined : weights.reduce((a, b) => mul(a, b))
  const given = weight === undefined ? float(hidden) : zeroUnless(weight, float(hidden))
  const index = cast(target, "int32")
  return {
    count: target.size,
    rows: reshape(given, [-1, features]),
    classes: reshape(weight === undefined ? index : zeroUnless(weight, index), [-1]),
    labels: labels && isKnown
      ? Array.from(labels, (label, i) => label === ignoreIndex || !counts(i) ? NONE : label)
      : undefined,
    asValues: (values) => {
      const shaped = reshape(values, shape)
      return weight === undefined ? shaped : { values: shaped, weight }
    }
  }
}

const zeroUnless = (weight: Tensor, x: Tensor): Tensor =>
  where(reshape(greater(weight, 0), [...weight.shape, ...x.shape.slice(weight.rank).map(() => 1)]), x, zerosLike(x))
