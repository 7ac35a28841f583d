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

/** The error of data that are no host array, if they are none. */
export const arrayProblem = (source: string, key: string, array: unknown): DataError | undefined => {
  const actual = problemOf(array)
  return actual === undefined ? undefined : new DataError({ source, expected: `${arrayExpected} at ${key}`, actual })
}
