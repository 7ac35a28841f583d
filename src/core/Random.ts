import * as Key from "./Key.ts"

/**
 * `n` random 32-bit words; word `2i` and `2i + 1` are the encrypted counter `i`, so every prefix is the same whatever
 * `n` is.
 *
 * @example
 * ```ts
 * import { Key, Random } from "effect-neuron"
 *
 * Random.bits(Key.make(0), 2) // => Uint32Array.of(1797259609, 2579123966)
 * ```
 */
export const bits = (key: Key.Key, n: number): Uint32Array => {
  const out = new Uint32Array(n + (n & 1))
  for (let i = 0; i < n; i += 2) Key.threefry(key, 0, i >>> 1, out, i)
  return n === out.length ? out : out.subarray(0, n)
}

/** The options of {@link uniform}. */
export interface UniformOptions {
  /** By default 0. */
  readonly low?: number
  /** By default 1. */
  readonly high?: number
}

/**
 * `n` numbers drawn evenly from `[low, high)`, by default `[0, 1)`, in steps of 2^-24 of the interval.
 *
 * @example
 * ```ts
 * import { Key, Random } from "effect-neuron"
 *
 * Random.uniform(Key.make(1), 1000).every((x) => x >= 0 && x < 1) // => true
 * ```
 */
export const uniform = (
  key: Key.Key,
  n: number,
  { low = 0, high = 1 }: UniformOptions = {}
): Float32Array => {
  const words = bits(key, n), out = new Float32Array(n), scale = (high - low) * 2 ** -24
  for (let i = 0; i < n; i++) out[i] = low + (words[i]! >>> 8) * scale
  return out
}

/** The options of {@link normal}. */
export interface NormalOptions {
  /** By default 0. */
  readonly mean?: number
  /** The standard deviation, by default 1. */
  readonly stddev?: number
}

/**
 * `n` numbers of the normal distribution, by default of mean 0 and standard deviation 1, by the method of Box and
 * Muller ("A note on the generation of random normal deviates", 1958).
 *
 * @example
 * ```ts
 * import { Key, Random } from "effect-neuron"
 *
 * const xs = Random.normal(Key.make(1), 10_000, { mean: 3, stddev: 0.5 })
 * Math.abs(xs.reduce((a, b) => a + b) / xs.length - 3) < 0.02 // => true
 * ```
 */
export const normal = (
  key: Key.Key,
  n: number,
  { mean = 0, stddev = 1 }: NormalOptions = {}
): Float32Array => {
  const words = bits(key, n + (n & 1)), out = new Float32Array(n)
  for (let i = 0; i < n; i += 2) {
    // 1 - u is in (0, 1], so that the logarithm is finite.
    const radius = stddev * Math.sqrt(-2 * Math.log(1 - (words[i]! >>> 8) * 2 ** -24))
    const angle = 2 * Math.PI * (words[i + 1]! >>> 8) * 2 ** -24
    out[i] = mean + radius * Math.cos(angle)
    if (i + 1 < n) out[i + 1] = mean + radius * Math.sin(angle)
  }
  return out
}

/**
 * A generator of numbers from `[0, 1)` with 32 bits, for code that draws an unknown amount of them one by one.
 *
 * @example
 * ```ts
 * import { Key, Random } from "effect-neuron"
 *
 * const next = Random.generator(Key.make(1))
 * const [a, b] = [next(), next()]
 * const again = Random.generator(Key.make(1))
 * again() === a && again() === b // => true
 * ```
 */
export const generator = (key: Key.Key): () => number => {
  const block = new Uint32Array(2)
  let drawn = 0
  return () => {
    if ((drawn & 1) === 0) Key.threefry(key, 0, drawn >>> 1, block)
    return block[drawn++ & 1]! * 2 ** -32
  }
}

/**
 * The integers from 0 to `n - 1` in random order (Fisher and Yates).
 *
 * @example
 * ```ts
 * import { Key, Random } from "effect-neuron"
 *
 * Array.from(Random.permutation(Key.make(1), 5)).sort() // => [0, 1, 2, 3, 4]
 * ```
 */
export const permutation = (key: Key.Key, n: number): Uint32Array => {
  const next = generator(key), out = Uint32Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1)), swap = out[i]!
    out[i] = out[j]!
    out[j] = swap
  }
  return out
}
