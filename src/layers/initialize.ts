import { Effect, Result } from "effect"
import type { Backend } from "../backend/Backend.ts"
import { tensors } from "../backend/Backend.ts"
import type { ShapeError, TensorError } from "../core/errors.ts"

/** Makes a first state; when a layer refuses a shape, what had been made until then is disposed. */
export const initialize = <A>(
  program: () => Result.Result<A, ShapeError>
): Effect.Effect<A, ShapeError | TensorError, Backend> =>
  Effect.suspend(() => {
    let failure: ShapeError | undefined
    const made = tensors("init", () =>
      Result.match(program(), {
        onFailure: (error) => {
          failure = error
          return undefined
        },
        onSuccess: (state) => state
      }))
    return Effect.flatMap(made, (state) => failure === undefined ? Effect.succeed(state as A) : Effect.fail(failure))
  })
