import type { Tensor } from "@tensorflow/tfjs-core"
import { fail, shapeOf } from "../backend/checks.ts"

/** How a window moves over images. */
export interface WindowOptions {
  /** How far the window moves, one number or height and width, by default 1. */
  readonly strides?: Pair
  /** By default `"same"`, which pads with what does not count. */
  readonly padding?: "same" | "valid"
}

/** The options of convolutions. */
export interface ConvolutionOptions extends WindowOptions {
  /** The distance between the elements of the filter, by default 1; strides and dilations are not both more than 1. */
  readonly dilations?: Pair
}

type Pair = number | readonly [height: number, width: number]

const pair = (operation: string, name: string, value: Pair): [number, number] => {
  const [height, width] = typeof value === "number" ? [value, value] : value
  if (!(Number.isInteger(height) && Number.isInteger(width) && height > 0 && width > 0)) {
    throw new RangeError(`${operation}: ${name} are positive integers, got ${JSON.stringify(value)}`)
  }
  return [height, width]
}

/**
 * Options with their defaults, checked; also whether a window of a size fits into the images where they are not padded.
 */
export const windowOptions = (
  operation: string,
  x: Tensor | undefined,
  size: ReadonlyArray<number>,
  options: ConvolutionOptions
) => {
  const strides = pair(operation, "strides", options.strides ?? 1)
  const dilations = pair(operation, "dilations", options.dilations ?? 1), padding = options.padding ?? "same"
  if (padding !== "same" && padding !== "valid") {
    throw new RangeError(`${operation}: padding is "same" or "valid", got ${JSON.stringify(padding)}`)
  }
  if (Math.max(...strides) > 1 && Math.max(...dilations) > 1) {
    throw new RangeError(
      `${operation}: strides or dilations are 1, got strides [${strides}] and dilations [${dilations}]`
    )
  }
  const reach = dilations.map((dilation, axis) => (size[axis]! - 1) * dilation + 1)
  if (x !== undefined && padding === "valid" && (x.shape[1]! < reach[0]! || x.shape[2]! < reach[1]!)) {
    fail(operation, `images of at least ${reach.join(" x ")} for its window`, shapeOf(x))
  }
  return { strides, dilations, padding }
}
