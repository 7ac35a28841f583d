import { greater, reshape, where, zerosLike } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { equals, format } from "../core/Shape.ts"
import type { Masked } from "../layers/lambda.ts"
import { rememberMasked } from "./labels.ts"
import type { Loss } from "./Loss.ts"
import { float, weigh } from "./weighted.ts"
import type { Weighted } from "./weighted.ts"

/** The positions as examples: what one function of examples makes of each position. */
export const byPosition = (
  by: string,
  { mask, x }: Masked,
  target: Tensor
): { readonly prediction: Tensor; readonly target: Tensor; readonly weight: Tensor } => {
  const { rank, shape, size } = mask, weight = float(mask)
  for (const [name, tensor] of [["predictions", x], ["targets", target]] as const) {
    if (!equals(tensor.shape.slice(0, rank), shape)) {
      throw new Error(`${by} expects ${name} of [${shape.join(", ")}, …], as its mask, got ${format(tensor.shape)}`)
    }
  }
  const counts = greater(weight, 0)
  // What does not count may be anything, also what is no number and no class: its gradient is to be 0.
  const rows = (y: Tensor) => {
    const counted = where(reshape(counts, [...shape, ...y.shape.slice(rank).map(() => 1)]), y, zerosLike(y))
    return reshape(counted, [size, ...y.shape.slice(rank)])
  }
  const counted = rows(target)
  rememberMasked(counted, target, mask)
  return {
    prediction: rows(x),
    target: counted,
    weight: reshape(weight, [size])
  }
}

/**
 * A loss of predictions `{ x, mask }`: each position counts as much as the mask, of `[batch, positions…]`, says, 0 or 1
 * or any weight; what does not count has no gradient, and may be anything, in targets too. `loss` sees the positions as
 * examples.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Losses } from "effect-neuron"
 *
 * const loss = Losses.masked(Losses.meanSquaredError)
 * const prediction = { x: tf.tensor3d([[[1], [7]]]), mask: tf.tensor2d([[1, 0]]) }
 * const { values, weight } = loss(prediction, tf.tensor3d([[[3], [0]]]))
 * values.arraySync() // => [[4, 0]]
 * weight.arraySync() // => [[1, 0]]
 * ```
 */
export const masked = (loss: Loss): (prediction: Masked, target: Tensor) => Weighted => (prediction, target) => {
  const rows = byPosition("masked", prediction, target), { shape, size } = prediction.mask
  const { values, weight } = weigh("the masked loss", loss(rows.prediction, rows.target), size, rows.weight)
  return {
    values: reshape(values, [...shape, ...values.shape.slice(1)]),
    weight: reshape(weight!, [...shape, ...weight!.shape.slice(1)])
  }
}
