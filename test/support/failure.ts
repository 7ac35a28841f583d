import { assert } from "@effect/vitest"
import { Result } from "effect"
import { Errors } from "effect-neuron"

/** What is said of a description that fails. */
export const failure = (result: Result.Result<unknown, Errors.DescriptionError>): string => {
  assert.isTrue(Result.isFailure(result))
  const error = Result.getFailure(result).valueOrUndefined!
  assert.instanceOf(error, Errors.DescriptionError)
  return error.message
}
