import { dual } from "effect/Function"
import { arrayExpected, problemOf } from "../core/hostArray.ts"
import type { NdArray } from "../core/NdArray.ts"
import { format } from "../core/Shape.ts"

/** The options of {@link grid}. */
export interface GridOptions {
  /** The number of images side by side, by default what makes as many rows as columns, or one row fewer. */
  readonly columns?: number
  /** The number of pixels between images and around them, by default 2. */
  readonly padding?: number
  /** The byte that padding and missing images are of, in every channel, by default 0. */
  readonly background?: number
  /**
   * The values that become the bytes 0 and 255; what is outside becomes the nearer of the two. By default `[0, 255]`
   * for bytes and int32, `[0, 1]` for float32. A generator that ends in tanh gives `[-1, 1]`.
   */
  readonly range?: readonly [low: number, high: number]
}

const wholeNumber = (name: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): void => {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    const limits = most === Number.MAX_SAFE_INTEGER ? `from ${least} up` : `from ${least} to ${most}`
    throw new RangeError(`grid: ${name} must be a whole number ${limits}, got ${value}`)
  }
}

/**
 * A batch of images, `[n, height, width, channels]`, as one image of bytes, `[height, width, channels]`, row by row
 * from the top left. Values are rounded to the nearest byte; `NaN` becomes 0.
 *
 * Throws a `RangeError` for another shape, an empty batch, a range that does not rise, and for columns, padding or
 * background that are no whole numbers from 1, 0 and 0 up.
 *
 * @example
 * ```ts
 * import { Images, NdArray } from "effect-neuron"
 *
 * const generated = NdArray.make([-1, 0, 1], [3, 1, 1, 1])
 * Images.grid(generated, { columns: 2, padding: 0, background: 9, range: [-1, 1] })
 * // => NdArray.make(Uint8Array.of(0, 128, 255, 9), [2, 2, 1])
 * ```
 */
export const grid: {
  (images: NdArray, options?: GridOptions): NdArray
  (options?: GridOptions): (images: NdArray) => NdArray
} = /* @__PURE__ */ dual(([images]) => typeof images === "object" && images !== null && "data" in images, (
  images: NdArray,
  { background = 0, columns, padding = 2, range }: GridOptions = {}
): NdArray => {
  const { data, shape } = images, [low, high] = range ?? (data instanceof Float32Array ? [0, 1] : [0, 255])
  const wrong = problemOf(images)
  if (wrong !== undefined) throw new RangeError(`grid expects ${arrayExpected}, got ${wrong}`)
  if (shape.length !== 4 || data.length === 0) {
    throw new RangeError(`grid expects images [n, height, width, channels], got ${format(shape)}`)
  }
  const [n, height, width, channels] = shape as readonly [number, number, number, number]
  const across = columns ?? Math.ceil(Math.sqrt(n)), down = Math.ceil(n / across)
  wholeNumber("columns", across, 1)
  wholeNumber("padding", padding, 0)
  wholeNumber("background", background, 0, 255)
  const scale = 255 / (high - low)
  if (!(scale > 0 && Number.isFinite(scale))) throw new RangeError(`grid: range must rise, got ${low} to ${high}`)

  const stepDown = height + padding, stepAcross = width + padding
  const outHeight = down * stepDown + padding, outWidth = across * stepAcross + padding
  const out = new Uint8Array(outHeight * outWidth * channels).fill(background)
  const row = width * channels, bytes = new Uint8ClampedArray(row)
  for (let i = 0, from = 0; i < n; i++) {
    const top = padding + Math.floor(i / across) * stepDown, left = padding + i % across * stepAcross
    for (let y = 0; y < height; y++, from += row) {
      // Clamps, and rounds halves to even.
      for (let x = 0; x < row; x++) bytes[x] = (data[from + x]! - low) * scale
      out.set(bytes, ((top + y) * outWidth + left) * channels)
    }
  }
  return { data: out, shape: [outHeight, outWidth, channels] }
})
