import type { Field } from "../../../src/experiment/index.ts"
import { accepts, wanted } from "../../../src/experiment/limits.ts"

const isNothing = (value: unknown): boolean => value === undefined || value === ""

/** What is wrong with a value of a field, in a sentence. */
export const problemOf = (field: Field, value: unknown): string | undefined => {
  const { choices, isRequired, type } = field
  if (isNothing(value)) return isRequired ? "This has to be given." : undefined
  if (choices !== undefined) {
    return choices.includes(value as string) ? undefined : `This has to be one of ${choices.join(", ")}.`
  }
  if (type === "integer" || type === "number") {
    return typeof value === "number" && accepts(field, value) ? undefined : `This has to be ${wanted(field)}.`
  }
  return type === "json" || typeof value === type ? undefined : `This has to be a ${type}.`
}
