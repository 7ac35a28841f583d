import { Result } from "effect"
import type { ShapeError } from "../core/errors.ts"
import type { Shape } from "../core/Shape.ts"
import { mismatch } from "./Layer.ts"
import { bySize } from "./options.ts"
import type { Padding } from "./options.ts"

/** The shape of one image. */
export type ImageShape = readonly [height: number, width: number, channels: number]

/** The shape of an image, when it is one. */
export const imageShape = (layer: string, input: Shape): Result.Result<ImageShape, ShapeError> =>
  input.length === 3
    ? Result.succeed(input as unknown as ImageShape)
    : mismatch(layer, "[height, width, channels]", input)

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
): Result.Result<readonly [height: number, width: number], ShapeError> => {
  if (padding === "same") {
    return Result.succeed([Math.ceil(image[0] / strides[0]), Math.ceil(image[1] / strides[1])] as const)
  }
  if (size[0] > image[0] || size[1] > image[1]) {
    return mismatch(layer, `a height and width of at least ${bySize(size)} for padding "valid"`, image)
  }
  const count = (axis: 0 | 1) => Math.floor((image[axis] - size[axis]) / strides[axis]) + 1
  return Result.succeed([count(0), count(1)] as const)
}
