import * as Key from "../core/Key.ts"
import * as NdArray from "../core/NdArray.ts"
import * as Random from "../core/Random.ts"
import type { Dataset, Split, SupervisedExample } from "./Dataset.ts"
import { digitStyles } from "./digitStyles.ts"
import type { Style } from "./digitStyles.ts"
import { draw, smooth } from "./drawStrokes.ts"
import { generate } from "./generate.ts"
import { checkPixels } from "./idxDataset.ts"
import type { Pixels } from "./idxDataset.ts"

const side = 28
const shape = [side, side, 1]
const classes = Array.from("0123456789")
const labels = classes.map((_, label) => NdArray.index(label))

type Next = () => number

const between = (next: Next, low: number, high: number): number => low + next() * (high - low)

/** Nearly normal, and never further than three deviations away. */
const around = (next: Next, deviation: number): number => deviation * 2 * (next() + next() + next() - 1.5)

/** A smooth random displacement: the same for points that are the same, so that strokes stay joined. */
const distortion = (next: Next): (x: number, y: number) => number => {
  const waves = Array.from({ length: 3 }, () => {
    const frequency = between(next, 2, 6), direction = between(next, 0, 2 * Math.PI)
    return {
      fx: frequency * Math.cos(direction),
      fy: frequency * Math.sin(direction),
      phase: between(next, 0, 2 * Math.PI),
      amplitude: around(next, 0.053)
    }
  })
  return (x, y) =>
    waves.reduce((sum, { amplitude, fx, fy, phase }) => sum + amplitude * Math.sin(fx * x + fy * y + phase), 0)
}

/** Places a style in the image: distorted, sheared, turned, and scaled to a box of about 20 pixels. */
const place = (style: Style, next: Next): ReadonlyArray<Float32Array> => {
  const shiftX = distortion(next), shiftY = distortion(next)
  const width = between(next, 0.45, 1), shear = 0.08 + around(next, 0.22), turn = around(next, 0.14)
  const cos = Math.cos(turn), sin = Math.sin(turn)
  let left = Infinity, right = -Infinity, top = Infinity, bottom = -Infinity
  const strokes = style.map((stroke) => {
    const points = new Float32Array(2 * stroke.length)
    stroke.forEach(([px, py], i) => {
      const y = py - 0.5 + shiftY(px, py), x = (px - 0.5 + shiftX(px, py)) * width - shear * y
      const u = points[2 * i] = cos * x - sin * y, v = points[2 * i + 1] = sin * x + cos * y
      left = Math.min(left, u)
      right = Math.max(right, u)
      top = Math.min(top, v)
      bottom = Math.max(bottom, v)
    })
    return smooth(points)
  })
  const scale = between(next, 15, 18.5) / Math.max(bottom - top, right - left)
  const middle = (side - 1) / 2
  const dx = middle + around(next, 0.8) - scale * (left + right) / 2
  const dy = middle + around(next, 0.8) - scale * (top + bottom) / 2
  for (const stroke of strokes) {
    for (let i = 0; i < stroke.length; i += 2) {
      stroke[i] = scale * stroke[i]! + dx
      stroke[i + 1] = scale * stroke[i + 1]! + dy
    }
  }
  return strokes
}

const write = (key: Key.Key, pixels: Pixels): SupervisedExample => {
  const next = Random.generator(key)
  const label = Math.floor(next() * 10)
  const styles = digitStyles[label]!
  const style = styles[Math.floor(next() * styles.length)]!
  const image = new Float32Array(side * side)
  const radius = between(next, 0.75, 1.8), edge = between(next, 0.9, 1.6)
  for (const stroke of place(style, next)) draw(image, side, stroke, radius * between(next, 0.9, 1.1), edge)

  const brightness = between(next, 0.9, 1.15), grain = between(next, 0, 0.15)
  // In steps of a byte, as in a scanned image, whichever form is asked for.
  const data = pixels === "uint8" ? new Uint8Array(image.length) : image
  for (let i = 0; i < image.length; i++) {
    const ink = image[i]!
    if (ink === 0) continue
    const byte = Math.round(255 * Math.min(1, ink * brightness * (1 - grain * next())))
    data[i] = pixels === "uint8" ? byte : byte / 255
  }
  return { x: { data, shape }, y: labels[label]! }
}

export interface DigitsOptions {
  /** How many examples to train with. By default 60,000, as MNIST has. */
  readonly train?: number
  /** How many examples to test with. By default 10,000. */
  readonly test?: number
  /** Examples of different seeds are different. By default 0. */
  readonly seed?: number
  /** As for {@link mnist}. By default float32. */
  readonly pixels?: Pixels
  /** Whether each image stays in memory once it is drawn, so that later epochs do not draw it again. By default false. */
  readonly inMemory?: boolean
}

/**
 * Handwritten-like digits that need no file and no network: strokes in several styles, distorted, sheared, turned and
 * drawn with a soft brush. `x` is `[28, 28, 1]`, white on black, float32 from 0 to 1; `y` is the class index, a scalar
 * of int32: all as in {@link mnist}, for which it stands in.
 *
 * The `i`-th example is a function of the seed, the split and `i`; it is drawn when it is asked for and never stored,
 * so that there can be as many as one likes. Throws a `RangeError` for sizes or a seed that are no integers from 0.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Datasets } from "effect-neuron"
 *
 * const digits = Datasets.digits({ train: 100, test: 10 })
 * digits.shapes // => { x: [28, 28, 1], y: [] }
 * Effect.runSync(Stream.runCount(digits.train)) // => 100
 * ```
 */
export const digits = (
  { inMemory = false, pixels = "float32", seed = 0, test = 10_000, train = 60_000 }: DigitsOptions = {}
): Dataset => {
  checkPixels("digits", pixels)
  const root = Key.make(seed)
  const keys: { readonly [S in Split]: Key.Key } = { train: Key.fold(root, 0), test: Key.fold(root, 1) }
  const drawn: { readonly [S in Split]: Array<SupervisedExample> } = { train: [], test: [] }
  const drawing = (split: Split, i: number) => write(Key.fold(keys[split], i), pixels)
  return generate({
    name: "digits",
    shapes: { x: shape, y: [] },
    classes,
    sizes: { train, test },
    example: inMemory ? (split, i) => drawn[split][i] ??= drawing(split, i) : drawing
  })
}
