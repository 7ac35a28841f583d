import type { Tensor } from "@tensorflow/tfjs-core"
import type { Effect } from "effect"
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
