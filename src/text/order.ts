import { fold, threefry } from "../core/Key.ts"
import type { Key } from "../core/Key.ts"

const ROUNDS = 8

/**
 * An order of the numbers from 0 to `n - 1`: a function from places to numbers, which needs no memory for them. It is a
 * Feistel network of random functions on the least square of a power of two that has room for them (Luby, Rackoff: "How
 * to construct pseudorandom permutations from pseudorandom functions", 1988); what falls outside goes through it again.
 */
export const order = (key: Key, n: number): (place: number) => number => {
  let bits = 1
  while (4 ** bits < n) bits++
  const side = 2 ** bits, words = new Uint32Array(2)
  const keys = Array.from({ length: ROUNDS }, (_, round) => fold(key, round))
  return (place) => {
    let at = place
    do {
      let left = Math.floor(at / side), right = at % side
      for (const key of keys) {
        threefry(key, 0, right, words)
        const next = (left ^ words[0]!) & (side - 1)
        left = right
        right = next
      }
      at = left * side + right
    } while (at >= n)
    return at
  }
}
