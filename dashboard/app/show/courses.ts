import type { NdArray } from "effect-neuron"
import type { View } from "../../../src/experiment/index.ts"
import { channelOf } from "./values.ts"

type Arr = NdArray.NdArray

/** A course of numbers, from a moment on, and whether it is one that was predicted. */
export interface Course {
  readonly name: string
  readonly values: ReadonlyArray<number>
  readonly color: number
  readonly start?: number
  readonly isDashed?: boolean
}

/** The name of a quantity: one alone that nobody has named is a value. */
export const named = (names: ReadonlyArray<string>, i: number): string =>
  names.length === 1 && names[0] === "1" ? "value" : names[i]!

/** The courses of the channels of a series, with a word before their names, if one is needed to tell them apart. */
export const coursesOf = (
  names: ReadonlyArray<string>,
  series: Arr,
  { isDashed = false, start = 0, word = "" } = {}
): ReadonlyArray<Course> =>
  names.map((_, i) => ({
    name: word === "" ? named(names, i) : names.length === 1 ? word : `${word} ${named(names, i)}`,
    values: channelOf(series, i),
    color: i,
    start,
    isDashed
  }))

/**
 * Where what is predicted for a series goes on in its own plot: a series of the same quantities, or the next value of
 * some of them. Each of its numbers has the place of its quantity in the input.
 */
export const goingOn = (
  input: View | undefined,
  target: View | undefined,
  length: number
): { readonly start: number; readonly places: ReadonlyArray<number> } | undefined => {
  if (input?.kind !== "series" || (target?.kind !== "series" && target?.kind !== "row")) return undefined
  const places = target.names.map((name) => input.names.indexOf(name))
  if (places.includes(-1)) return undefined
  return { start: target.kind === "series" ? target.start ?? length : length, places }
}

/** What goes on behind the courses of an input: it begins at the last value that there is before it. */
export const continued = (
  given: ReadonlyArray<Course>,
  series: Arr,
  { places, start }: NonNullable<ReturnType<typeof goingOn>>,
  word: string,
  isDashed: boolean
): ReadonlyArray<Course> => {
  // A row is one moment of all of its quantities.
  const moments: Arr = series.shape.length === 1 && series.shape[0] === places.length
    ? { data: series.data, shape: [1, places.length] }
    : series
  return places.map((place, i) => {
    const { color, name, values: before } = given[place]!, values = channelOf(moments, i), last = before[start - 1]
    const joined = start === before.length && last !== undefined
    return {
      name: `${word} ${name}`,
      values: joined ? [last, ...values] : values,
      start: joined ? start - 1 : start,
      // What lies over the input has another color.
      color: start < before.length ? color + given.length : color,
      isDashed
    }
  })
}
