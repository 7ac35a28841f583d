import { byteOrder } from "./alphabet.ts"
import { heap } from "./heap.ts"
import { pairOf, tokensOfPair } from "./merging.ts"
import { utf8 } from "./Tokenizer.ts"

/** A piece of text as tokens, and how often it is there. */
interface Word {
  tokens: ReadonlyArray<number>
  readonly count: number
}

/** A pair of tokens: how often it is there, and in which words it is or was. */
interface Pair {
  count: number
  readonly words: Array<number>
}

/** A pair in the queue, with the count that it had when it was put there. */
type Queued = readonly [pair: number, count: number]

/** The most frequent pair first, of several the one with the least tokens. */
const before = ([a, countOfA]: Queued, [b, countOfB]: Queued): boolean =>
  countOfA === countOfB ? a < b : countOfA > countOfB

/**
 * At most so many merges of the pieces that are counted, by their tokens: those of the bytes are in the order of GPT-2,
 * that of a merge is the next. After a merge only the words that have it are looked at.
 */
export const learnMerges = (
  counts: ReadonlyMap<string, number>,
  most: number
): ReadonlyArray<readonly [left: number, right: number]> => {
  const idOf = new Int32Array(256)
  byteOrder.forEach((byte, id) => idOf[byte] = id)
  const words = Array.from(
    counts,
    ([piece, count]): Word => ({ tokens: Array.from(utf8(piece), (b) => idOf[b]!), count })
  )
  const pairs = new Map<number, Pair>()
  /** Counts a pair of a word, in which it was not before. */
  const add = (pair: number, count: number, word: number): void => {
    const found = pairs.get(pair)
    if (found === undefined) pairs.set(pair, { count, words: [word] })
    else {
      found.count += count
      if (found.words.at(-1) !== word) found.words.push(word)
    }
  }
  words.forEach(({ count, tokens }, word) => {
    for (let i = 1; i < tokens.length; i++) add(pairOf(tokens[i - 1]!, tokens[i]!), count, word)
  })
  const queue = heap<Queued>(before, Array.from(pairs, ([pair, { count }]) => [pair, count]))
  const merges: Array<readonly [number, number]> = []
  while (merges.length < most) {
    const next = queue.pop()
    if (next === undefined) break
    const [pair, count] = next, found = pairs.get(pair)
    if (found === undefined) continue
    if (found.count !== count) {
      // It has become less frequent since it was queued.
      queue.push([pair, found.count])
      continue
    }
    if (count < 2) break
    const [left, right] = tokensOfPair(pair), token = byteOrder.length + merges.length, made = new Set<number>()
    merges.push([left, right])
    for (const index of found.words) {
      const word = words[index]!, { count, tokens } = word
      for (let i = 1; i < tokens.length; i++) pairs.get(pairOf(tokens[i - 1]!, tokens[i]!))!.count -= count
      word.tokens = replaced(tokens, left, right, token)
      for (let i = 1; i < word.tokens.length; i++) {
        const beside = pairOf(word.tokens[i - 1]!, word.tokens[i]!)
        if (word.tokens[i - 1] !== token && word.tokens[i] !== token) pairs.get(beside)!.count += count
        else {
          add(beside, count, index)
          made.add(beside)
        }
      }
    }
    pairs.delete(pair)
    for (const pair of made) queue.push([pair, pairs.get(pair)!.count])
  }
  return merges
}

/** The tokens with another in the place of each pair, from left to right. */
const replaced = (
  tokens: ReadonlyArray<number>,
  left: number,
  right: number,
  token: number
): ReadonlyArray<number> => {
  const out: Array<number> = []
  for (let i = 0; i < tokens.length; i++) {
    const isPair = tokens[i] === left && tokens[i + 1] === right
    out.push(isPair ? token : tokens[i]!)
    if (isPair) i++
  }
  return out
}
