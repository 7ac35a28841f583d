import { shown } from "./configuration.ts"
import { DataError } from "./errors.ts"
import { arrayExpected, problemOf } from "./hostArray.ts"

const isInteger = (n: number, least: number): boolean => Number.isSafeInteger(n) && n >= least

/** Throws the error of a setting that is not what it has to be. */
export const refuse = (source: string, name: string, expected: string, actual: unknown): never => {
  throw new RangeError(`${source}: ${name} is ${expected}, got ${actual === undefined ? "none" : shown(actual)}`)
}

/** Throws if a setting is not 1, 2, 3, … */
export const positiveInteger = (source: string, name: string, n: number): void => {
  if (!isInteger(n, 1)) refuse(source, name, "a positive integer", n)
}

/** Throws if a setting is not 0, 1, 2, … */
export const naturalNumber = (source: string, name: string, n: number): void => {
  if (!isInteger(n, 0)) refuse(source, name, "an integer of at least 0", n)
}

/** Throws if a setting is NaN or infinite. */
export const finite = (source: string, name: string, n: number): void => {
  if (!Number.isFinite(n)) refuse(source, name, "a finite number", n)
}

/** Throws if a setting is below 0 or not finite. */
export const atLeast0 = (source: string, name: string, n: number): void => {
  if (!(n >= 0 && n < Infinity)) refuse(source, name, "a finite number of at least 0", n)
}

/** Throws if a setting is not above 0, or not finite. */
export const above0 = (source: string, name: string, n: number): void => {
  if (!(n > 0 && n < Infinity)) refuse(source, name, "a finite number above 0", n)
}

/** Throws if a setting is no share of something that becomes less: from 0 up to but not including 1. */
export const share = (source: string, name: string, n: number): void => {
  if (!(n >= 0 && n < 1)) refuse(source, name, "a number in [0, 1)", n)
}

/** Throws if a setting is none of some words. */
export const oneOf = (source: string, name: string, words: ReadonlyArray<string>, word: string): void => {
  if (!words.includes(word)) refuse(source, name, words.map((known) => JSON.stringify(known)).join(" or "), word)
}

/** Throws if it is said in another word whether the least value is the best one, or the greatest. */
export const minOrMax = (source: string, mode: string): void => oneOf(source, "mode", ["min", "max"], mode)

/** The error of data that are no host array, if they are none. */
export const arrayProblem = (source: string, key: string, array: unknown): DataError | undefined => {
  const actual = problemOf(array)
  return actual === undefined ? undefined : new DataError({ source, expected: `${arrayExpected} at ${key}`, actual })
}
