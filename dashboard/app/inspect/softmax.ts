/** Probabilities of a row of scores. */
export const softmax = (scores: ArrayLike<number>, start = 0, count = scores.length): ReadonlyArray<number> => {
  let most = -Infinity
  for (let i = 0; i < count; i++) most = Math.max(most, scores[start + i]!)
  const powers = Array.from({ length: count }, (_, i) => Math.exp(scores[start + i]! - most))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((power) => power / sum)
}
