import { mean } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { equals, format } from "../core/Shape.ts"
import type { Shape } from "../core/Shape.ts"
import type { Values } from "./weighted.ts"

/**
 * What a prediction costs, given its target: one value per example, `[batch]`, or per position, `[batch, positions…]`,
 * which count alike or by the `weight` beside them. What a training step minimizes is their mean, Σ weight · value /
 * Σ weight. Runs inside a gradient tape. Throws when the shapes do not fit, which a step makes a `TensorError`.
 */
export type Loss<Y = Tensor, T = Tensor> = (prediction: Y, target: T) => Values

/** The axes of a prediction, in order: the batch first, then at least the named ones. */
type Axes = "[batch, ...]" | "[batch, ..., classes]" | "[batch, ..., features]"

/** Throws unless the prediction has enough axes and the target one of the shapes, given with what each means. */
export const expectShapes = (
  loss: string,
  prediction: Tensor,
  target: Tensor,
  axes: Axes = "[batch, ...]",
  targets: ReadonlyArray<readonly [shape: Shape, meaning: string]> = [[prediction.shape, ""]]
): void => {
  if (prediction.rank < (axes === "[batch, ...]" ? 1 : 2)) {
    throw new Error(`${loss} expects a prediction of shape ${axes}, got ${format(prediction.shape)}`)
  }
  if (targets.some(([shape]) => equals(shape, target.shape))) return
  const expected = targets.map(([shape, meaning]) => format(shape) + meaning).join(" or ")
  throw new Error(
    `${loss} expects a target of shape ${expected} for a prediction of shape ${format(prediction.shape)}, got ${
      format(target.shape)
    }`
  )
}

/** The mean of each example, over all axes but the first. */
export const meanPerExample = (values: Tensor): Tensor =>
  values.rank === 1 ? values : mean(values, values.shape.slice(1).map((_, axis) => axis + 1))
