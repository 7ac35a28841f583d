import { Effect } from "effect"
import { DataError } from "../core/errors.ts"

/** What the functions of an experiment throw is wrong with its configuration. */
export const refused = (name: string) => (defect: unknown): Effect.Effect<never, DataError> =>
  defect instanceof RangeError
    ? Effect.fail(
      new DataError({
        source: `configuration of ${name}`,
        expected: "a valid one",
        actual: defect.message,
        cause: defect
      })
    )
    : Effect.die(defect)

/** Throws a `RangeError` for a name that folders and commands could not have. */
export const checkName = (by: string, name: string): void => {
  if (/^\w[\w.\- ]*$/.test(name)) return
  throw new RangeError(`${by}: a name is of letters, digits, dots, dashes and spaces, got ${JSON.stringify(name)}`)
}
