/** What is compared: a text, by its code points, or a list of tokens. */
export type Sequence = string | ReadonlyArray<string | number>

/** The parts that are compared. */
export const tokensOf = (sequence: Sequence): ReadonlyArray<string | number> =>
  typeof sequence === "string" ? [...sequence] : sequence

/**
 * How many insertions, deletions and substitutions make one sequence of the other at least (Levenshtein: "Binary codes
 * capable of correcting deletions, insertions and reversals", 1966): of two texts by their characters (code points), or
 * of two lists of tokens.
 *
 * @example
 * ```ts
 * import { Metrics } from "effect-neuron"
 *
 * Metrics.editDistance("kitten", "sitting") // => 3
 * Metrics.editDistance(["the", "cat", "sat"], ["the", "cat"]) // => 1
 * ```
 */
export const editDistance = (predicted: Sequence, expected: Sequence): number => {
  const a = tokensOf(predicted), b = tokensOf(expected), row = Uint32Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    // The distance before the last token of both.
    let diagonal = row[0]!
    row[0] = i
    for (let j = 1; j <= b.length; j++) {
      const above = row[j]!, substituted = diagonal + (a[i - 1] === b[j - 1] ? 0 : 1)
      row[j] = Math.min(substituted, above + 1, row[j - 1]! + 1)
      diagonal = above
    }
  }
  return row[b.length]!
}

const rateOf = (
  by: string,
  predicted: ReadonlyArray<string>,
  expected: ReadonlyArray<string>,
  split: (text: string) => ReadonlyArray<string>
): number => {
  if (predicted.length !== expected.length) {
    throw new RangeError(`${by} expects as many texts in both, got ${predicted.length} and ${expected.length}`)
  }
  let edits = 0, length = 0
  predicted.forEach((text, i) => {
    const wanted = split(expected[i]!)
    edits += editDistance(split(text), wanted)
    length += wanted.length
  })
  return edits / length
}

/**
 * The character error rate of texts: the edits that make the expected texts of the predicted ones, over the number of
 * expected characters (code points). Above 1 where more is predicted than expected; `NaN` where nothing is expected and
 * nothing predicted. Throws a `RangeError` for lists of different lengths.
 *
 * @example
 * ```ts
 * import { Metrics } from "effect-neuron"
 *
 * Metrics.characterErrorRate(["helo", "world"], ["hello", "world"]) // => 0.1
 * ```
 */
export const characterErrorRate = (predicted: ReadonlyArray<string>, expected: ReadonlyArray<string>): number =>
  rateOf("characterErrorRate", predicted, expected, (text) => [...text])

/** The words of a text: what stands between white space. */
export const wordsOf = (text: string): ReadonlyArray<string> => text.split(/\s+/u).filter((word) => word !== "")

/**
 * The word error rate of texts: the edits of words (what stands between white space) that make the expected texts of
 * the predicted ones, over the number of expected words. Throws a `RangeError` for lists of different lengths.
 *
 * @example
 * ```ts
 * import { Metrics } from "effect-neuron"
 *
 * Metrics.wordErrorRate(["the cat sat down"], ["the cat sits"]) // => 2 / 3
 * ```
 */
export const wordErrorRate = (predicted: ReadonlyArray<string>, expected: ReadonlyArray<string>): number =>
  rateOf("wordErrorRate", predicted, expected, wordsOf)
