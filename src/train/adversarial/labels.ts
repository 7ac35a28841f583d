import { tensor1d } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { fold } from "../../core/Key.ts"
import type { Key } from "../../core/Key.ts"
import * as Random from "../../core/Random.ts"

/** What the critic is told to answer. */
export interface LabelOptions {
  /** For real examples, by default 1. Below 1, as 0.9, is one-sided smoothing (Salimans et al., 2016). */
  readonly real?: number
  /** For generated examples, by default 0. Above 0 as well is two-sided smoothing. */
  readonly fake?: number
  /**
   * From 0 to 1, by default 0: each label `l` becomes a number drawn evenly between `l` and `|l - noise|`, so that 0.3
   * makes 0.7 to 1 of 1, and 0 to 0.3 of 0.
   */
  readonly noise?: number
}

/** The labels of a batch: one number where all are the same. */
export const labels = (label: number, noise: number, size: number, key: Key): Tensor | number => {
  if (noise === 0) return label
  const other = Math.abs(label - noise)
  return tensor1d(Random.uniform(key, size, { low: Math.min(label, other), high: Math.max(label, other) }))
}

/** The keys of the labels of real and of generated examples. */
export const labelKeys = (key: Key): readonly [real: Key, fake: Key] => [fold(key, 0), fold(key, 1)]

/** Throws a `RangeError` for labels or noise that are not from 0 to 1. */
export const checkLabels = ({ fake = 0, noise = 0, real = 1 }: LabelOptions): Required<LabelOptions> => {
  for (const [name, value] of Object.entries({ real, fake, noise })) {
    if (!(value >= 0 && value <= 1)) throw new RangeError(`labels: ${name} is from 0 to 1, got ${value}`)
  }
  return { real, fake, noise }
}
