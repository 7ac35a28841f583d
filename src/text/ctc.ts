import { positiveInteger } from "../core/check.ts"
import type { NdArray } from "../core/NdArray.ts"
import { equals, format } from "../core/Shape.ts"

/** What {@link ctcGreedy} and {@link ctcBeams} take. */
export interface CtcDecodeOptions {
  /** `[batch, time]`: steps where it is 0 do not count. By default all count. */
  readonly mask?: NdArray
  /** The class that stands for no label, by default 0. */
  readonly blank?: number
}

/** Labels with the logarithm of their probability. */
export interface CtcBeam {
  readonly labels: ReadonlyArray<number>
  readonly logProbability: number
}

/** The logarithms of the probabilities of the classes, for each step of each example that counts. */
const stepsOf = (
  by: string,
  logits: NdArray,
  { blank = 0, mask }: CtcDecodeOptions
): ReadonlyArray<ReadonlyArray<Float64Array>> => {
  const [batch = 0, time = 0, classes = 0] = logits.shape
  if (logits.shape.length !== 3) {
    throw new RangeError(`${by} expects logits [batch, time, classes], got ${format(logits.shape)}`)
  }
  if (!(Number.isInteger(blank) && blank >= 0 && blank < classes)) {
    throw new RangeError(`${by}: blank is a class from 0 to ${classes - 1}, got ${blank}`)
  }
  if (mask !== undefined && !equals(mask.shape, [batch, time])) {
    throw new RangeError(`${by} expects a mask ${format([batch, time])}, got ${format(mask.shape)}`)
  }
  return Array.from({ length: batch }, (_, example) =>
    Array.from({ length: time }, (_, step) => example * time + step)
      .filter((place) => mask === undefined || mask.data[place]! > 0)
      .map((place) => {
        const row = Float64Array.from(logits.data.subarray(place * classes, (place + 1) * classes))
        const most = row.reduce((a, b) => Math.max(a, b), -Infinity)
        const norm = most + Math.log(row.reduce((sum, x) => sum + Math.exp(x - most), 0))
        return row.map((x) => x - norm)
      }))
}

/**
 * The labels of the best alignment of each example: the highest class at each step, repetitions once and blanks not at
 * all. `logits`, `[batch, time, classes]`, are what a model that was trained by `Losses.ctc` gives. Throws a
 * `RangeError` for other shapes, and for a blank that is no class.
 *
 * @example
 * ```ts
 * import { NdArray, Text } from "effect-neuron"
 *
 * const logits = NdArray.make([[[0, 9, 0], [0, 9, 0], [9, 0, 0], [0, 9, 0], [0, 0, 9]]])
 * Text.ctcGreedy(logits) // => [[1, 1, 2]]
 * ```
 */
export const ctcGreedy = (logits: NdArray, options: CtcDecodeOptions = {}): ReadonlyArray<ReadonlyArray<number>> =>
  stepsOf("ctcGreedy", logits, options).map((steps) =>
    steps
      .map((row) => row.indexOf(row.reduce((a, b) => Math.max(a, b), -Infinity)))
      // Among no numbers none is the highest.
      .filter((label, i, all) => label >= 0 && label !== (options.blank ?? 0) && label !== all[i - 1])
  )

/** Labels so far, by whether the last step was a blank. */
interface Prefix {
  readonly labels: ReadonlyArray<number>
  blank: number
  other: number
}

const logSum = (a: number, b: number): number => {
  const most = Math.max(a, b)
  return most === -Infinity ? most : most + Math.log1p(Math.exp(Math.min(a, b) - most))
}

const total = ({ blank, other }: Prefix): number => logSum(blank, other)

const best = (prefixes: Iterable<Prefix>, count: number): Array<Prefix> =>
  [...prefixes]
    .map((prefix) => [prefix, total(prefix)] as const)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([prefix]) => prefix)

const beamsOf = (steps: ReadonlyArray<Float64Array>, blank: number, count: number): ReadonlyArray<CtcBeam> => {
  let beams: Array<Prefix> = [{ labels: [], blank: 0, other: -Infinity }]
  for (const row of steps) {
    const next = new Map<string, Prefix>()
    const at = (labels: ReadonlyArray<number>): Prefix => {
      const key = labels.join(), known = next.get(key)
      if (known !== undefined) return known
      const made = { labels, blank: -Infinity, other: -Infinity }
      next.set(key, made)
      return made
    }
    for (const beam of beams) {
      const { labels } = beam, last = labels.at(-1), all = total(beam), same = at(labels)
      same.blank = logSum(same.blank, all + row[blank]!)
      if (last !== undefined) same.other = logSum(same.other, beam.other + row[last]!)
      row.forEach((own, label) => {
        if (label === blank) return
        // After the same label there has to be a blank.
        const longer = at([...labels, label])
        longer.other = logSum(longer.other, (label === last ? beam.blank : all) + own)
      })
    }
    beams = best(next.values(), count)
  }
  return beams.map((prefix) => ({ labels: prefix.labels, logProbability: total(prefix) }))
}

/**
 * The most likely labels of each example under all their alignments, the best first: a search that keeps the `beams`
 * best beginnings at each step (Graves: "Sequence transduction with recurrent neural networks", 2012; Hannun et al.:
 * "First-pass large vocabulary continuous speech recognition using bi-directional recurrent DNNs", 2014). What is left
 * out makes a probability smaller than it is. Throws a `RangeError` for other shapes, for a blank that is no class, and
 * for a number of beams that is no positive integer.
 *
 * @example
 * ```ts
 * import { NdArray, Text } from "effect-neuron"
 *
 * // The best alignment has blanks only, but more alignments have the label.
 * const logits = NdArray.make([[[0.6, 0.4], [0.6, 0.4]]].map((rows) => rows.map((row) => row.map(Math.log))))
 * Text.ctcGreedy(logits) // => [[]]
 * const [[best]] = Text.ctcBeams(logits, { beams: 4 }) as [[Text.CtcBeam]]
 * best.labels // => [1]
 * Math.exp(best.logProbability).toFixed(2) // => "0.64"
 * ```
 */
export const ctcBeams = (
  logits: NdArray,
  { beams = 16, ...options }: CtcDecodeOptions & {
    /** How many beginnings are kept, by default 16. */
    readonly beams?: number
  } = {}
): ReadonlyArray<ReadonlyArray<CtcBeam>> => {
  positiveInteger("ctcBeams", "beams", beams)
  return stepsOf("ctcBeams", logits, options).map((steps) => beamsOf(steps, options.blank ?? 0, beams))
}
