import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fail, shapeOf } from "../backend/checks.ts"
import type { ShapeError } from "../core/errors.ts"
import type { Shape } from "../core/Shape.ts"
import { known, mismatch } from "./Layer.ts"
import { bySize } from "./options.ts"
import type { Padding } from "./options.ts"

/** The shape of one image. */
export type ImageShape = readonly [height: number | null, width: number | null, channels: number | null]

/** The shape of an image, when it is one. */
export const imageShape = (layer: string, input: Shape): Result.Result<ImageShape, ShapeError> =>
  input.length === 3
    ? Result.succeed(input as unknown as ImageShape)
    : mismatch(layer, "[height, width, channels]", input)

/** The number of channels of an image, when it is known: kernels depend on it. */
export const knownChannels = (layer: string, input: Shape): Result.Result<readonly [channels: number], ShapeError> =>
  known(layer, "[height, width, channels]", input, 1)

/** A batch of images; fails for others. */
export const imageBatch = (
  layer: string,
  x: Tensor
): readonly [batch: number, height: number, width: number, channels: number] =>
  x.rank === 4
    ? x.shape as [number, number, number, number]
    : fail(layer, "x [batch, height, width, channels]", shapeOf(x))

/** A window that moves over an image. */
export interface Window {
  readonly size: readonly [height: number, width: number]
  readonly strides: readonly [height: number, width: number]
  readonly padding: Padding
}

/** The height and width of the positions of a window in an image. */
export const positions = (
  layer: string,
  { padding, size, strides }: Window,
  image: ImageShape
): Result.Result<readonly [height: number | null, width: number | null], ShapeError> => {
  const count = (axis: 0 | 1): number | null => {
    const length = image[axis]
    if (length === null) return null
    return padding === "same"
      ? Math.ceil(length / strides[axis])
      : Math.max(0, Math.floor((length - size[axis]) / strides[axis]) + 1)
  }
  const height = count(0), width = count(1)
  return height === 0 || width === 0
    ? mismatch(layer, `a height and width of at least ${bySize(size)} for padding "valid"`, image)
    : Result.succeed([height, width] as const)
}
