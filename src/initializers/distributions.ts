import { fill, ones as filledWithOnes, tensor, zeros as filledWithZeros } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import type { Key } from "../core/Key.ts"
import * as Random from "../core/Random.ts"
import { size } from "../core/Shape.ts"
import type { Shape } from "../core/Shape.ts"
import { randomNormal, randomUniform } from "../ops/random.ts"

/** Makes the first values of a parameter of a shape; the same key and shape give the same values. */
export type Initializer = (key: Key, shape: Shape) => Tensor

/**
 * All zeros.
 *
 * @example
 * ```ts
 * import { Initializers, Key } from "effect-neuron"
 *
 * Initializers.zeros(Key.make(0), [2]).arraySync() // => [0, 0]
 * ```
 */
export const zeros: Initializer = (_, shape) => filledWithZeros([...shape])

/**
 * All ones.
 *
 * @example
 * ```ts
 * import { Initializers, Key } from "effect-neuron"
 *
 * Initializers.ones(Key.make(0), [2]).arraySync() // => [1, 1]
 * ```
 */
export const ones: Initializer = (_, shape) => filledWithOnes([...shape])

/**
 * The same value everywhere.
 *
 * @example
 * ```ts
 * import { Initializers, Key } from "effect-neuron"
 *
 * Initializers.constant(0.5)(Key.make(0), [2]).arraySync() // => [0.5, 0.5]
 * ```
 */
export const constant = (value: number): Initializer => (_, shape) => fill([...shape], value)

/** The options of {@link normal} and {@link truncatedNormal}. */
export interface NormalOptions {
  /** By default 0. */
  readonly mean?: number
  /** The standard deviation, by default 0.05. */
  readonly deviation?: number
}

/**
 * Independent normal values.
 *
 * @example
 * ```ts
 * import { Initializers, Key } from "effect-neuron"
 *
 * Initializers.normal({ deviation: 0.02 })(Key.make(0), [3, 4]).shape // => [3, 4]
 * ```
 */
export const normal = ({ deviation = 0.05, mean = 0 }: NormalOptions = {}): Initializer => (key, shape) =>
  randomNormal(key, shape, { mean, stddev: deviation })

/**
 * Independent normal values, those further than two deviations from the mean drawn again; `deviation` is the one before
 * truncation, 1 / 0.880 times the one after.
 *
 * @example
 * ```ts
 * import { Initializers, Key } from "effect-neuron"
 *
 * const values = Initializers.truncatedNormal({ mean: 5, deviation: 1 })(Key.make(0), [1000]).dataSync()
 * values.every((x) => x >= 3 && x <= 7) // => true
 * ```
 */
export const truncatedNormal = ({ deviation = 0.05, mean = 0 }: NormalOptions = {}): Initializer => (key, shape) => {
  const next = Random.generator(key), out = new Float32Array(size(shape))
  for (let i = 0; i < out.length;) {
    const radius = Math.sqrt(-2 * Math.log(1 - next())), angle = 2 * Math.PI * next()
    for (const z of [radius * Math.cos(angle), radius * Math.sin(angle)]) {
      if (Math.abs(z) <= 2 && i < out.length) out[i++] = mean + deviation * z
    }
  }
  return tensor(out, [...shape])
}

/** The options of {@link uniform}. */
export interface UniformOptions {
  /** By default -0.05. */
  readonly low?: number
  /** By default 0.05. */
  readonly high?: number
}

/**
 * Independent values drawn evenly from `[low, high)`.
 *
 * @example
 * ```ts
 * import { Initializers, Key } from "effect-neuron"
 *
 * const values = Initializers.uniform({ low: 1, high: 2 })(Key.make(0), [100]).dataSync()
 * values.every((x) => x >= 1 && x < 2) // => true
 * ```
 */
export const uniform = ({ high = 0.05, low = -0.05 }: UniformOptions = {}): Initializer => (key, shape) =>
  randomUniform(key, shape, { low, high })
