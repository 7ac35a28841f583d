/** The scores of classes by what a model gives for one example: of the one logit of the second of two, that of the first is 0. */
export const classScores = (given: ArrayLike<number>, classes: number): ArrayLike<number> =>
  given.length === 1 && classes === 2 ? [0, given[0]!] : given

/** The probabilities of classes by what a model gives for one example: a logit for each, or one for the second of two. */
export const classProbabilities = (logits: ArrayLike<number>, classes: number): ReadonlyArray<number> => {
  if (logits.length !== 1 || classes !== 2) return softmax(logits)
  const second = 1 / (1 + Math.exp(-logits[0]!))
  return [1 - second, second]
}

/** The probabilities of classes, of their logits. */
export const softmax = (logits: ArrayLike<number>): ReadonlyArray<number> => {
  const values = Array.from(logits), top = Math.max(...values)
  const weights = values.map((value) => Math.exp(value - top)), sum = weights.reduce((a, b) => a + b)
  return weights.map((weight) => weight / sum)
}
