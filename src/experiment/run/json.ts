import { Result } from "effect"
import { DataError } from "../../core/errors.ts"

// More than any run has, and less than what makes a program run out of its stack or of memory.
const LEVELS = 200, CHARACTERS = 64 << 20

/** Whether something is nested deeper than so many levels; a loop, for it may be much deeper than the stack. */
const isDeep = (value: unknown, levels: number): boolean => {
  let level: ReadonlyArray<unknown> = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) return true
    level = level.flatMap((node) => typeof node === "object" && node !== null ? Object.values(node) : [])
  }
  return false
}

/** The object that a text is as JSON; anything else, and one that is too large or too deep, is an error. */
export const parseObject = (
  text: string,
  source: string,
  expected: string
): Result.Result<{ readonly [name: string]: unknown }, DataError> => {
  const wrong = (actual: string, cause?: unknown) =>
    Result.fail(new DataError({ source, expected, actual, ...(cause === undefined ? {} : { cause }) }))
  if (text.length > CHARACTERS) return wrong(`${text.length} characters, of at most ${CHARACTERS}`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    return wrong(text.trim() === "" ? "an empty file" : "what is no JSON", cause)
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return wrong("JSON that is no object")
  return isDeep(value, LEVELS)
    ? wrong(`values that are nested deeper than ${LEVELS} levels`)
    : Result.succeed(value as { readonly [name: string]: unknown })
}
