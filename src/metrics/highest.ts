/** The highest score of a row and its class, of equal ones the first; a row with NaN has none, `[NaN, -1]`. */
export const highest = (row: ArrayLike<number>): readonly [score: number, index: number] => {
  let best = -Infinity, index = 0
  for (let j = 0; j < row.length; j++) {
    const score = row[j]!
    if (Number.isNaN(score)) return [NaN, -1]
    if (score > best) {
      best = score
      index = j
    }
  }
  return [best, index]
}
