/** The probabilities of classes, of their logits. */
export const softmax = (logits: ArrayLike<number>): ReadonlyArray<number> => {
  const values = Array.from(logits), top = Math.max(...values)
  const weights = values.map((value) => Math.exp(value - top)), sum = weights.reduce((a, b) => a + b)
  return weights.map((weight) => weight / sum)
}
