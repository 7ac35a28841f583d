import type { Tensor } from "@tensorflow/tfjs-core"
import type { Effect } from "effect"
import { tensors } from "../backend/Backend.ts"
import type { Backend } from "../backend/Backend.ts"
import type { TensorError } from "../core/errors.ts"

/**
 * One step of training as a reducer: from a state and a batch to the next state and what was measured. It never
 * disposes its inputs and returns fresh trees, so it can be run again, composed, and tested without a trainer. Generic
 * in the state: a GAN's is `{ generator, critic }`.
 */
export type Step<T, B, M, E = TensorError, R = Backend> = (
  state: T,
  batch: B
) => Effect.Effect<readonly [state: T, measured: M], E, R>

/** What a step measures: scalar tensors, read in one place by the trainer, and plain values that pass through. */
export type Measured = { readonly [name: string]: Tensor | number | boolean }

/** What a trainer emits for each step: the number of steps taken, and the measured values as numbers. */
export type Metrics<M> = { readonly step: number } & { readonly [K in keyof M]: M[K] extends Tensor ? number : M[K] }

/**
 * Makes a {@link Step} of a synchronous tensor program, which may compose {@link gradients} and {@link update}, or do
 * anything else that disposes nothing. `describe` says what the step is called in a `TensorError`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Effect } from "effect"
 * import { Backend, Train } from "effect-neuron"
 *
 * type State = { readonly step: number; readonly mean: tf.Tensor }
 * const step = Train.step(
 *   ({ step }) => `average step ${step + 1}`,
 *   ({ mean, step }: State, x: number) => {
 *     const next = tf.add(mean, tf.div(tf.sub(x, mean), step + 1))
 *     return [{ step: step + 1, mean: next }, { distance: tf.abs(tf.sub(next, mean)) }]
 *   }
 * )
 * const program = Effect.map(step({ step: 1, mean: tf.scalar(2) }, 4), ([{ mean }]) => mean.arraySync())
 * await Effect.runPromise(Effect.provide(program, Backend.layerWasm)) // => 3
 * ```
 */
export const step = <T, B, M>(
  describe: (state: NoInfer<T>, batch: NoInfer<B>) => string,
  program: (state: T, batch: B) => readonly [state: T, measured: M]
): Step<T, B, M> =>
(state, batch) => tensors(describe(state, batch), () => program(state, batch))
