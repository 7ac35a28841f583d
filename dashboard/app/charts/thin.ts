/** Numbers by what is along an axis: steps, epochs or seconds, rising. */
export interface Curve {
  readonly xs: ReadonlyArray<number>
  readonly values: ReadonlyArray<number>
}

/**
 * At most about `most` points of a curve between two places: of neighbors the least and the greatest, between which a
 * line that is as wide as the screen goes up and down. Of what is on either side, the ends.
 */
export const thin = ({ values, xs }: Curve, most: number, from = -Infinity, to = Infinity): Curve => {
  const last = xs.length - 1
  if (last < most) return { xs, values }
  const begin = Math.max(0, xs.findIndex((x) => x >= from) - 1)
  const end = Math.max(begin, Math.min(last, xs.findLastIndex((x) => x <= to) + 1))
  const group = Math.max(1, Math.ceil(2 * (end - begin + 1) / most))
  // In their order and each once, with the ends.
  const places = [0]
  const keep = (place: number) => void (place > places.at(-1)! && places.push(place))
  for (let start = begin; start <= end; start += group) {
    let low = start, high = start
    for (let i = start + 1; i < Math.min(start + group, end + 1); i++) {
      if (values[i]! < values[low]! || Number.isNaN(values[low])) low = i
      if (values[i]! > values[high]! || Number.isNaN(values[high])) high = i
    }
    keep(Math.min(low, high))
    keep(Math.max(low, high))
  }
  keep(last)
  return { xs: places.map((i) => xs[i]!), values: places.map((i) => values[i]!) }
}
