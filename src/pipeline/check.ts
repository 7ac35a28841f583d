import { DataError } from "../core/errors.ts"

const isInteger = (n: number, least: number): boolean => Number.isSafeInteger(n) && n >= least

const error = (source: string, expected: string, actual: unknown): DataError =>
  new DataError({ source, expected, actual: String(actual) })

/** The error of an option that has to be 1, 2, 3, …, if it is not. */
export const positiveInteger = (source: string, name: string, n: number): DataError | undefined =>
  isInteger(n, 1) ? undefined : error(source, `a positive integer as ${name}`, n)

/** The error of an option that has to be 0, 1, 2, …, if it is not. */
export const naturalNumber = (source: string, name: string, n: number): DataError | undefined =>
  isInteger(n, 0) ? undefined : error(source, `an integer of at least 0 as ${name}`, n)
