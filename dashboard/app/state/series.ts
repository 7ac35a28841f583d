/** The course of several numbers over the steps of a training, in bounded memory: plain data, which can be stored. */
export interface Series {
  /** The step that each element ends with, rising. */
  readonly steps: Array<number>
  /** How many steps each element stands for. */
  readonly weights: Array<number>
  /** Values by name, as long as `steps`; NaN where there is none. */
  readonly values: { [name: string]: Array<number> }
  /** How many steps an element may stand for. */
  stride: number
}

/** At most this many elements: as many as a wide screen has pixels to show them. */
export const LIMIT = 2048

/** A series without an element. */
export const empty = (): Series => ({ steps: [], weights: [], values: {}, stride: 1 })

// They say where the last of several steps is, as its number does.
const places = new Set(["epoch", "time"])

/** A series for each part of the data that something is measured on beside the steps. */
export type Others = { [split: string]: Series }

/** The series of what is measured on a part of the data, which is made when it is asked for: `train` for steps. */
export const seriesOf = (
  { others, train }: { readonly train: Series; readonly others: Others },
  split: string
): Series => split === "train" ? train : others[split] ??= empty()

/** What two neighbors have in a column, as one: their mean, or where the second one is. */
const join = (name: string, a: number, wa: number, b: number, wb: number): number =>
  Number.isNaN(a) ? b : Number.isNaN(b) ? a : places.has(name) ? b : (a * wa + b * wb) / (wa + wb)

const halve = (series: Series): void => {
  const { steps, values, weights } = series, columns = Object.entries(values)
  let out = 0
  for (let i = 0; i < steps.length; i++) {
    const last = out - 1
    if (last >= 0 && weights[last]! + weights[i]! <= series.stride) {
      for (const [name, column] of columns) {
        column[last] = join(name, column[last]!, weights[last]!, column[i]!, weights[i]!)
      }
      weights[last]! += weights[i]!
      steps[last] = steps[i]!
    } else {
      for (const [, column] of columns) column[out] = column[i]!
      weights[out] = weights[i]!
      steps[out++] = steps[i]!
    }
  }
  for (const column of [steps, weights, ...Object.values(values)]) column.length = out
}

/**
 * Adds what is known about a step, or about several (`weight`) that end with it. When there are more than
 * {@link LIMIT}, neighbors become one, their mean (of `epoch` and `time`, the last one); a step that does not rise is left out.
 */
export const append = (
  series: Series,
  step: number,
  added: { readonly [name: string]: number },
  weight = 1
): void => {
  const { steps, values, weights } = series, last = steps.length - 1
  if (last >= 0 && step <= steps[last]!) return
  for (const name of Object.keys(added)) values[name] ??= steps.map(() => NaN)
  if (last >= 0 && weights[last]! + weight <= series.stride) {
    for (const [name, column] of Object.entries(values)) {
      column[last] = join(name, column[last]!, weights[last]!, added[name] ?? NaN, weight)
    }
    weights[last]! += weight
    steps[last] = step
    return
  }
  for (const [name, column] of Object.entries(values)) column.push(added[name] ?? NaN)
  weights.push(weight)
  steps.push(step)
  while (steps.length > LIMIT) {
    series.stride *= 2
    halve(series)
  }
}

/** Leaves out what is after a step: it is going to be trained again. */
export const cutAfter = (series: Series, step: number): void => {
  const { steps, values, weights } = series
  let length = steps.length
  while (length > 0 && steps[length - 1]! > step) length--
  for (const column of [steps, weights, ...Object.values(values)]) column.length = length
}

/** The last value of a name that is a number. */
export const lastOf = ({ values }: Series, name: string): number | undefined =>
  values[name]?.findLast((value) => !Number.isNaN(value))

/**
 * The exponential moving average of a curve, without the pull of a beginning at zero (Kingma and Ba, 2015, section 3).
 * `factor` 0 leaves it as it is. NaN stays where it is and does not count.
 */
export const smooth = (values: ReadonlyArray<number>, factor: number): ReadonlyArray<number> => {
  if (factor === 0) return values
  let mean = 0, power = 1
  return values.map((value) => {
    if (Number.isNaN(value)) return NaN
    mean = factor * mean + (1 - factor) * value
    power *= factor
    return mean / (1 - power)
  })
}
