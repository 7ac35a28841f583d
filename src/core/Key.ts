import { dual } from "effect/Function"

/**
 * An immutable random key of two unsigned 32-bit words. Keys are never advanced: a new one is derived with
 * {@link fold} or {@link split}, so that randomness depends on what is asked for and never on the order of asking.
 *
 * The generator is Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as
 * 1, 2, 3", SC 2011), the one of JAX; `make`, `fold` and `split` give the keys that `jax.random.key`, `fold_in` and
 * `split` (partitionable) give.
 */
export type Key = readonly [hi: number, lo: number]

/**
 * Makes a key from a seed, an integer from 0 to 2^53 - 1; throws a `RangeError` for another.
 *
 * @example
 * ```ts
 * import { Key } from "effect-neuron"
 *
 * Key.make(42) // => [0, 42]
 * ```
 */
export const make = (seed: number): Key => {
  if (!(Number.isSafeInteger(seed) && seed >= 0)) {
    throw new RangeError(`a seed is an integer from 0 to 2^53 - 1, got ${seed}`)
  }
  return [Math.floor(seed / 0x1_0000_0000) >>> 0, seed >>> 0]
}

const rotate = (x: number, bits: number): number => (x << bits) | (x >>> (32 - bits))

/**
 * Encrypts the counter `(c0, c1)` under a key with Threefry-2x32-20 and writes the two words to `out` at `at`.
 *
 * @example
 * ```ts
 * import { Key } from "effect-neuron"
 *
 * const words = new Uint32Array(2)
 * Key.threefry([0, 0], 0, 0, words)
 * words // => Uint32Array.of(0x6b200159, 0x99ba4efe)
 * ```
 */
export const threefry = (key: Key, c0: number, c1: number, out: Uint32Array, at = 0): void => {
  const k0 = key[0] | 0, k1 = key[1] | 0, k2 = 0x1bd11bda ^ k0 ^ k1
  let x = (c0 + k0) | 0, y = (c1 + k1) | 0
  // Five groups of four rounds; the rotations alternate between two sets and a key word is injected after each group.
  for (let group = 1; group <= 5; group++) {
    if ((group & 1) === 1) {
      x = (x + y) | 0
      y = rotate(y, 13) ^ x
      x = (x + y) | 0
      y = rotate(y, 15) ^ x
      x = (x + y) | 0
      y = rotate(y, 26) ^ x
      x = (x + y) | 0
      y = rotate(y, 6) ^ x
    } else {
      x = (x + y) | 0
      y = rotate(y, 17) ^ x
      x = (x + y) | 0
      y = rotate(y, 29) ^ x
      x = (x + y) | 0
      y = rotate(y, 16) ^ x
      x = (x + y) | 0
      y = rotate(y, 24) ^ x
    }
    const first = group % 3, second = (group + 1) % 3
    x = (x + (first === 0 ? k0 : first === 1 ? k1 : k2)) | 0
    y = (y + (second === 0 ? k0 : second === 1 ? k1 : k2) + group) | 0
  }
  out[at] = x
  out[at + 1] = y
}

/**
 * Derives the `n`-th child of a key, `n` from 0 to 2^32 - 1. The same key and number give the same child; different
 * numbers give independent ones.
 *
 * @example
 * ```ts
 * import { Key } from "effect-neuron"
 *
 * Key.fold(Key.make(0), 0) // => [1797259609, 2579123966]
 * ```
 */
export const fold: {
  (key: Key, n: number): Key
  (n: number): (key: Key) => Key
} = /* @__PURE__ */ dual(2, (key: Key, n: number): Key => {
  const out = new Uint32Array(2)
  threefry(key, 0, n, out)
  return [out[0]!, out[1]!]
})

/**
 * Two independent children of a key.
 *
 * @example
 * ```ts
 * import { Key } from "effect-neuron"
 *
 * const [a, b] = Key.split(Key.make(0))
 * a // => Key.fold(Key.make(0), 0)
 * b // => Key.fold(Key.make(0), 1)
 * ```
 */
export const split = (key: Key): readonly [Key, Key] => [fold(key, 0), fold(key, 1)]
