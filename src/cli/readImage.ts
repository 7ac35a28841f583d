import { Effect } from "effect"
import type { FileSystem } from "effect"
import type { DataError } from "../core/errors.ts"
import type { NdArray } from "../core/NdArray.ts"
import * as Images from "../images/index.ts"

/** How a picture is given to a model. */
export interface ImageForm {
  /** `[height, width, channels]`, of 1, 3 or 4 channels; a dimension that is not known is that of the picture. */
  readonly shape: ReadonlyArray<number | null>
  /** What black and white are in the model's values; bytes where it is `[0, 255]`. */
  readonly range: readonly [low: number, high: number]
  /** Whether black and white are turned. */
  readonly invert: boolean
}

/**
 * Reads a PNG or JPEG as a model takes images. What is transparent shows the ground, which is black, of an inverted
 * picture white; where the model takes four channels, the last one is how far a pixel is not transparent. A picture of
 * another size is refused before it is decoded.
 */
export const readImage = (
  path: string,
  { invert, range: [low, high], shape: [height = null, width = null, channels] }: ImageForm
): Effect.Effect<NdArray, DataError, FileSystem.FileSystem> =>
  Images.read(path, {
    size: [height, width],
    channels: (channels ?? 1) as 1 | 2 | 3 | 4,
    background: invert ? 255 : 0
  }).pipe(Effect.map(({ data, shape }) => {
    const turned = invert ? data.map((value, i) => channels === 4 && i % 4 === 3 ? value : 255 - value) : data
    return {
      data: low === 0 && high === 255 ? turned : Float32Array.from(turned, (byte) => low + byte / 255 * (high - low)),
      shape
    }
  }))
