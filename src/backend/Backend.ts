import type { Tensor } from "@tensorflow/tfjs-core"
import { Context, Effect } from "effect"
import { TensorError } from "../core/errors.ts"
import { placeOf } from "../core/places.ts"
import { lostDevice } from "./device.ts"
import { explained } from "./disposed.ts"
import { Made } from "./made.ts"
import { scoped } from "./scope.ts"

/**
 * The tensor backend that is in force. TensorFlow.js has one engine per process or worker, and so one backend; more
 * than one at a time means more workers.
 */
export class Backend extends Context.Service<Backend, { readonly name: string }>()(
  "effect-neuron/backend/Backend"
) {}

/**
 * Runs a synchronous tensor program: the one door between Effect and tensors. The tensors of its result stay alive and
 * belong to the caller; every other tensor that it made is disposed, also when it throws. A throw becomes a
 * `TensorError` that names the operation.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Effect } from "effect"
 * import { Backend } from "effect-neuron"
 *
 * const three = Backend.tensors("sum", () => tf.sum(tf.ones([3])).arraySync())
 * await Effect.runPromise(Effect.provide(three, Backend.layerWasm)) // => 3
 * ```
 */
export const tensors = <A>(operation: string, program: () => A): Effect.Effect<A, TensorError, Backend> =>
  Effect.flatMap(
    Effect.service(Backend),
    // What stands in the fiber at once costs half of what a service costs.
    () => Effect.withFiber((fiber) => tensorsNow(operation, program, fiber.getRef(Made)))
  )

/** {@link tensors} for those who know that there is a backend. */
export const tensorsNow = <A>(
  operation: string,
  program: () => A,
  note?: (kept: ReadonlyArray<Tensor>) => void
): Effect.Effect<A, TensorError> =>
  Effect.try({
    try: () =>
      scoped(() => {
        const result = program()
        // What is computed on a device that is lost is nothing, and nothing says so.
        const lost = lostDevice()
        if (lost !== undefined) throw lost
        return result
      }, note),
    catch: (cause) => {
      const place = placeOf(cause)
      return new TensorError({
        operation: place === undefined ? operation : `${operation}, in ${place}`,
        cause: lostDevice() ?? explained(cause)
      })
    }
  })
