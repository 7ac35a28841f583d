/** The least and the most of some values, of which there may be millions; from Infinity to -Infinity of none. */
export const extent = (values: ArrayLike<number>): readonly [low: number, high: number] => {
  let low = Infinity, high = -Infinity
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!)
    high = Math.max(high, values[i]!)
  }
  return [low, high]
}
