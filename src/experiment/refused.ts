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
