import {
  broadcastTo,
  cast,
  div,
  greater,
  maximum,
  mean,
  mul,
  reshape,
  sum,
  where,
  zerosLike
} from "@tensorflow/tfjs-core"
import type { Scalar, Tensor } from "@tensorflow/tfjs-core"
import { equals, format } from "../core/Shape.ts"

/**
 * Values with what each of them counts: `values` of `[batch]` or `[batch, positions…]`, and a `weight` of 0 or more of
 * the same shape, or of its first axes, or with axes of 1. The mean of them is Σ weight · value / Σ weight.
 */
export type Weighted = { readonly values: Tensor; readonly weight: Tensor }

/**
 * What a loss or a metric gives for a batch: values, `[batch]` or `[batch, positions…]`, that count alike or by
 * weights.
 */
export type Values = Tensor | Weighted

const isWeighted = (given: Values): given is Weighted => "values" in given

/** As float32: bytes, indices and booleans count as the numbers that they are. */
export const float = (x: Tensor): Tensor => x.dtype === "float32" ? x : cast(x, "float32")

/** A weight in the rank of the values, with axes of 1 behind its own. */
const aligned = (by: string, weight: Tensor, values: Tensor): Tensor => {
  const shape = [...weight.shape, ...values.shape.slice(weight.rank).map(() => 1)]
  if (shape.length > values.rank || shape.some((n, axis) => n !== 1 && n !== values.shape[axis])) {
    throw new Error(
      `${by} gives a weight of shape ${format(weight.shape)} for values of ${
        format(values.shape)
      }, which it does not fit`
    )
  }
  return reshape(float(weight), shape)
}

/**
 * The values of `size` examples, and what each of them counts, `sample`, of `[size]`, multiplied in; no weight where
 * all count alike. Throws for another shape an error that begins with `by`.
 */
export const weigh = (
  by: string,
  given: Values,
  size: number,
  sample?: Tensor
): { readonly values: Tensor; readonly weight: Tensor | undefined } => {
  const values = isWeighted(given) ? given.values : given
  if (values.rank === 0 || values.shape[0] !== size) {
    throw new Error(
      `${by} gives values of shape ${
        format(values.shape)
      }, expected [${size}] or [${size}, positions…], one or more for ` +
        "each example"
    )
  }
  const own = isWeighted(given) ? aligned(by, given.weight, values) : undefined
  const other = sample === undefined ? undefined : aligned(by, sample, values)
  return { values: float(values), weight: own === undefined ? other : other === undefined ? own : mul(own, other) }
}

/** Σ weight · value and Σ weight. What counts nothing adds nothing, also where it is no number. */
export const sums = (
  values: Tensor,
  weight: Tensor | undefined
): { readonly total: Scalar; readonly weight: Scalar | number } => {
  if (weight === undefined) return { total: sum(values), weight: values.size }
  const whole = equals(weight.shape, values.shape) ? weight : broadcastTo(weight, values.shape as [number])
  const total: Scalar = sum(mul(where(greater(whole, 0), values, zerosLike(values)), whole))
  return { total, weight: sum(whole) as Scalar }
}

// Below any sum of weights, so that a mean of what counts nothing is 0 with a gradient of 0, and not 0 / 0.
const TINY = 1e-30

/** Σ weight · value / Σ weight, and Σ weight; 0 where nothing counts. */
export const weightedMean = (
  values: Tensor,
  weight: Tensor | undefined
): { readonly mean: Scalar; readonly weight: Scalar | number } => {
  if (weight === undefined) return { mean: mean(values), weight: values.size }
  const { total, weight: all } = sums(values, weight)
  return { mean: div(total, maximum(all, TINY)), weight: all }
}
