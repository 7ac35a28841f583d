import { fill, ones as filledWithOnes, tensor, zeros as filledWithZeros } from "@tensorflow/tfjs-core"
import { finite, notNegative } from "../core/Kind.ts"
import * as Random from "../core/Random.ts"
import { size } from "../core/Shape.ts"
import { randomNormal, randomUniform } from "../ops/random.ts"
import { kind, only } from "./kind.ts"
import type { Initializer } from "./kind.ts"

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
export const zeros: Initializer = /* @__PURE__ */ only(
  "zeros",
  (_, shape) => filledWithZeros([...shape])
)

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
export const ones: Initializer = /* @__PURE__ */ only("ones", (_, shape) => filledWithOnes([...shape]))

/**
 * The same value everywhere. Throws a `RangeError` for a value that is not finite.
 *
 * @example
 * ```ts
 * import { Initializers, Key } from "effect-neuron"
 *
 * Initializers.constant(0.5)(Key.make(0), [2]).arraySync() // => [0.5, 0.5]
 * ```
 */
export const constant = /* @__PURE__ */ kind("constant", {
  options: { value: { type: finite, bare: true } },
  given: (value: number) => [{ value }],
  make: ({ value }) => (_, shape) => fill([...shape], value)
})

/** The options of {@link normal} and {@link truncatedNormal}. */
export interface NormalOptions {
  /** By default 0. */
  readonly mean?: number
  /** The standard deviation, by default 0.05. */
  readonly stddev?: number
}

/**
 * Independent normal values. Throws a `RangeError` for a mean or deviation that is not finite, or below 0.
 *
 * @example
 * ```ts
 * import { Initializers, Key } from "effect-neuron"
 *
 * Initializers.normal({ stddev: 0.02 })(Key.make(0), [3, 4]).shape // => [3, 4]
 * ```
 */
export const normal = /* @__PURE__ */ kind("normal", {
  options: {
    mean: { type: finite, default: 0 },
    stddev: { type: notNegative, default: 0.05 }
  },
  given: (options: NormalOptions = {}) => [options],
  make: ({ mean, stddev }) => (key, shape) => randomNormal(key, shape, { mean, stddev })
})

/**
 * Independent normal values, those further than two deviations from the mean drawn again; `stddev` is the one before
 * truncation, 1 / 0.880 times the one after.
 *
 * @example
 * ```ts
 * import { Initializers, Key } from "effect-neuron"
 *
 * const values = Initializers.truncatedNormal({ mean: 5, stddev: 1 })(Key.make(0), [1000]).dataSync()
 * values.every((x) => x >= 3 && x <= 7) // => true
 * ```
 */
export const truncatedNormal = /* @__PURE__ */ kind("truncatedNormal", {
  options: {
    mean: { type: finite, default: 0 },
    stddev: { type: notNegative, default: 0.05 }
  },
  given: (options: NormalOptions = {}) => [options],
  make: ({ mean, stddev }) => (key, shape) => {
    const next = Random.generator(key), out = new Float32Array(size(shape))
    for (let i = 0; i < out.length;) {
      const radius = Math.sqrt(-2 * Math.log(1 - next())), angle = 2 * Math.PI * next()
      for (const z of [radius * Math.cos(angle), radius * Math.sin(angle)]) {
        if (Math.abs(z) <= 2 && i < out.length) out[i++] = mean + stddev * z
      }
    }
    return tensor(out, [...shape])
  }
})

/** The options of {@link uniform}. */
export interface UniformOptions {
  /** By default -0.05. */
  readonly low?: number
  /** By default 0.05. */
  readonly high?: number
}

/**
 * Independent values drawn evenly from `[low, high)`. Throws a `RangeError` for bounds that are not finite.
 *
 * @example
 * ```ts
 * import { Initializers, Key } from "effect-neuron"
 *
 * const values = Initializers.uniform({ low: 1, high: 2 })(Key.make(0), [100]).dataSync()
 * values.every((x) => x >= 1 && x < 2) // => true
 * ```
 */
export const uniform = /* @__PURE__ */ kind("uniform", {
  options: { low: { type: finite, default: -0.05 }, high: { type: finite, default: 0.05 } },
  given: (options: UniformOptions = {}) => [options],
  make: ({ high, low }) => (key, shape) => randomUniform(key, shape, { low, high })
})
