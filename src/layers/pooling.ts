import { reshape } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { pool } from "../ops/pooling.ts"
import { imageBatch, imageShape, positions } from "./images.ts"
import { kind, only } from "./kind.ts"
import type { Empty, Layer } from "./Layer.ts"
import { ofTensor } from "./ofTensor.ts"
import { paddings, sizes } from "./options.ts"
import type { Padding, Size } from "./options.ts"

/** The options of {@link maxPool2d} and {@link avgPool2d}. */
export interface Pool2dOptions {
  readonly poolSize: Size
  /** By default the size of the pool, so that windows do not overlap. */
  readonly strides?: Size
  /** By default `"valid"`. */
  readonly padding?: Padding
}

type KernelName = Parameters<typeof pool>[1]

const pool2d = (name: string, kernelName: KernelName) =>
  kind(name, {
    options: {
      poolSize: { type: sizes, bare: true },
      strides: { type: sizes, optional: true },
      padding: { type: paddings, default: "valid" }
    },
    given: (options: Size | Pool2dOptions) => [
      typeof options === "object" && "poolSize" in options ? options : { poolSize: options }
    ],
    make: ({ padding, poolSize: size, strides = size }) =>
      ofTensor<Empty>({
        name,
        init: (_, input) =>
          Result.gen(function*() {
            const image = yield* imageShape(name, input)
            const [height, width] = yield* positions(name, { size, strides, padding }, image)
            return { params: {}, output: [height, width, image[2]] }
          }),
        apply: (_, x) => pool(name, kernelName, x, size, { strides, padding })
      })
  })

/**
 * The largest value of each window, from `[height, width, channels]` to `[height', width', channels]`. Takes the size
 * of the window, or options. Throws a `RangeError` for sizes that are not positive integers.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1])
 * const [y] = Layers.maxPool2d(2).apply({}, {}, x, { training: false, key: Key.make(0) })
 * y.arraySync() // => [[[[4]]]]
 * ```
 */
export const maxPool2d = /* @__PURE__ */ pool2d("maxPool2d", "MaxPool")

/**
 * The mean of each window, from `[height, width, channels]` to `[height', width', channels]`; padding does not count.
 * Takes the size of the window, or options. Throws a `RangeError` for sizes that are not positive integers.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const x = tf.tensor4d([1, 2, 3, 6], [1, 2, 2, 1])
 * const [y] = Layers.avgPool2d(2).apply({}, {}, x, { training: false, key: Key.make(0) })
 * y.arraySync() // => [[[[3]]]]
 * ```
 */
export const avgPool2d = /* @__PURE__ */ pool2d("avgPool2d", "AvgPool")

const globalPool2d = (name: string, kernelName: KernelName): Layer<Empty, Empty> =>
  only(
    name,
    ofTensor<Empty>({
      name,
      init: (_, input) => Result.map(imageShape(name, input), (image) => ({ params: {}, output: [image[2]] })),
      apply: (_, x) => {
        // One window over the image is 10 times as fast as a reduction of its axes, which transposes.
        const [batch, height, width, channels] = imageBatch(name, x)
        const pooled = pool(name, kernelName, x, [height, width])
        return reshape(pooled, [batch, channels])
      }
    })
  )

/**
 * The mean of each channel over the whole image, from `[height, width, channels]` to `[channels]` (Lin, Chen, Yan:
 * "Network in network", 2014).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const x = tf.tensor4d([1, 2, 3, 6], [1, 2, 2, 1])
 * Layers.globalAvgPool2d.apply({}, {}, x, { training: false, key: Key.make(0) })[0].arraySync() // => [[3]]
 * ```
 */
export const globalAvgPool2d: Layer<Empty, Empty> = /* @__PURE__ */ globalPool2d("globalAvgPool2d", "AvgPool")

/**
 * The largest value of each channel, from `[height, width, channels]` to `[channels]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const x = tf.tensor4d([1, 2, 3, 6], [1, 2, 2, 1])
 * Layers.globalMaxPool2d.apply({}, {}, x, { training: false, key: Key.make(0) })[0].arraySync() // => [[6]]
 * ```
 */
export const globalMaxPool2d: Layer<Empty, Empty> = /* @__PURE__ */ globalPool2d("globalMaxPool2d", "MaxPool")
