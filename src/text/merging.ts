import { heap } from "./heap.ts"

/** What two neighbors are merged into, and the place of that in the order of the merges. */
export interface Merged {
  readonly rank: number
  readonly token: number
}

/** The merges of pairs of tokens. */
export type Merges = ReadonlyMap<number, Merged>

// Two tokens as one number, which is exact: there are fewer than 2^26 of them.
const WIDTH = 2 ** 26

/** Two tokens as the key of a map. */
export const pairOf = (left: number, right: number): number => left * WIDTH + right

/** The tokens of such a key. */
export const tokensOfPair = (pair: number): readonly [left: number, right: number] => [
  Math.floor(pair / WIDTH),
  pair % WIDTH
]

/**
 * The tokens of a piece after all merges, the one of the least rank first, of several the leftmost (Sennrich, Haddow,
 * Birch: "Neural machine translation of rare words with subword units", 2016), in n log n steps for n tokens.
 */
export const merged = (tokens: ReadonlyArray<number>, merges: Merges): ReadonlyArray<number> => {
  const held = tokens.slice(), end = held.length
  // The next and the previous token that is left of each; one that is gone is -1.
  const next = Int32Array.from(held, (_, i) => i + 1), previous = Int32Array.from(held, (_, i) => i - 1)
  const at = (i: number) => next[i]! < end ? merges.get(pairOf(held[i]!, held[next[i]!]!)) : undefined
  // A rank and a place as one number, which is exact for all that a computer can hold.
  const queue = heap<number>((a, b) => a < b)
  const offer = (i: number) => {
    const found = at(i)
    if (found !== undefined) queue.push(found.rank * WIDTH + i)
  }
  for (let i = 0; i + 1 < end; i++) offer(i)
  for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
    const i = key % WIDTH, found = held[i] === -1 ? undefined : at(i)
    // What was offered may be gone, or be part of another token now.
    if (found?.rank !== Math.floor(key / WIDTH)) continue
    const right = next[i]!
    held[i] = found.token
    held[right] = -1
    next[i] = next[right]!
    if (next[i]! < end) previous[next[i]!] = i
    offer(i)
    if (previous[i]! >= 0) offer(previous[i]!)
  }
  return held.filter((token) => token !== -1)
}
