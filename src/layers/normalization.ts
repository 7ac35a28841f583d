import { add, mean, mul, reshape, rsqrt, square, sub, tile } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { asFloat, fail, shapeOf } from "../backend/checks.ts"
import { equals } from "../core/Shape.ts"
import type { Affine } from "./batchNorm.ts"

/** A batch as floats; fails unless its last axes are those of the parameters, behind the axis of the batch. */
export const fitting = (
  layer: string,
  x: Tensor,
  { scale }: { readonly scale: Tensor; readonly offset?: Tensor }
): Tensor =>
  x.rank > scale.rank && equals(x.shape.slice(-scale.rank), scale.shape)
    ? asFloat(layer, "x", x)
    : fail(layer, `x [batch, ..., ${scale.shape.join(", ")}]`, shapeOf(x))

/** x with mean 0 and variance 1 (biased) of the parts that `mean` averages, times a scale, plus an offset. */
export const standardize = (
  x: Tensor,
  mean: (x: Tensor) => Tensor,
  { offset, scale }: Affine,
  epsilon: number
): Tensor => {
  const centered = sub(x, mean(x))
  return add(mul(centered, mul(scale, rsqrt(add(mean(square(centered)), epsilon)))), offset)
}

/** The same of `[batch, ..., channels]` over all positions and the channels of each group. */
export const standardizeGroups = (x: Tensor, groups: number, affine: Affine, epsilon: number): Tensor => {
  const batch = x.shape[0]!, channels = x.shape.at(-1)!, width = channels / groups
  const positions = x.shape.slice(1, -1).reduce((product, n) => product * n, 1)
  // The positions first, channel by channel: a reduction of both at once would transpose the batch.
  const meanOfGroups = (x: Tensor): Tensor => {
    const means = mean(x, 1, true)
    if (width === 1) return means
    return reshape(tile(mean(reshape(means, [batch, groups, width]), 2, true), [1, 1, width]), means.shape)
  }
  return reshape(standardize(reshape(x, [batch, positions, channels]), meanOfGroups, affine, epsilon), x.shape)
}
