/** Numbers by step. */
export interface Curve {
  readonly steps: ReadonlyArray<number>
  readonly values: ReadonlyArray<number>
}

/**
 * At most about `most` points of a curve between two steps: of neighbors the least and the greatest, between which a
 * line that is as wide as the screen goes up and down. Of what is on either side, the ends.
 */
export const thin = ({ steps, values }: Curve, most: number, from = -Infinity, to = Infinity): Curve => {
  const last = steps.length - 1
  if (last < most) return { steps, values }
  const begin = Math.max(0, steps.findIndex((step) => step >= from) - 1)
  const end = Math.max(begin, Math.min(last, steps.findLastIndex((step) => step <= to) + 1))
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
  return { steps: places.map((i) => steps[i]!), values: places.map((i) => values[i]!) }
}
