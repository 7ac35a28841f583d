import { clone } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { tensors } from "../backend/Backend.ts"
import type { Backend } from "../backend/Backend.ts"
import { DataError } from "../core/errors.ts"
import type { TensorError } from "../core/errors.ts"
import { isArrayLike } from "../core/hostArray.ts"
import { eachLeaf, isBranch } from "../core/structure.ts"
import { isTensor, map } from "../core/Tree.ts"
import type { Measurement, WithMergeable } from "../metrics/parts.ts"

/**
 * One step of training as a reducer: from a state and a batch to the next state and what was measured. It never
 * disposes its inputs and returns fresh trees, so it can be run again, composed, and tested without a trainer. Generic
 * in the state: a GAN's is `{ generator, critic }`.
 */
export type Step<T, B, M, E = TensorError | DataError, R = Backend> = (
  state: T,
  batch: B
) => Effect.Effect<readonly [state: T, measured: M], E, R>

/**
 * What a step measures: scalar tensors and measurements, read in one place by the trainer, and plain values that pass
 * through.
 */
export type Measured = { readonly [name: string]: Tensor | number | boolean | Measurement<unknown> }

/**
 * What a trainer emits for each step: the number of steps taken, and the measured values as numbers, or as what their
 * metrics finish as. Under `Metrics.mergeable` it holds what they were made of.
 */
export type Metrics<M> =
  & { readonly step: number }
  & {
    readonly [K in keyof M]: M[K] extends Tensor ? number : M[K] extends Measurement<infer A> ? A : M[K]
  }
  & WithMergeable

/**
 * Makes a {@link Step} of a synchronous tensor program, which may compose {@link gradients} and {@link update}, or do
 * anything else that disposes nothing. `describe` says what the step is called in a `TensorError`. A batch of no
 * examples, of `size` 0 or with an array whose first dimension is 0, is a `DataError` and never reaches the program.
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
(state, batch) =>
  isEmpty(batch)
    ? Effect.fail(
      new DataError({ source: describe(state, batch), expected: "at least one example", actual: "a batch of none" })
    )
    : tensors(describe(state, batch), () => {
      const [next, measured] = program(state, batch)
      return [next, apart(measured, state, next)]
    })

const isMeasurement = (u: unknown): u is Measurement<unknown> =>
  typeof u === "object" && u !== null && "parts" in u && Array.isArray(u.parts)

/** What was measured is freed when it is read, so that a tensor of a state is measured by a copy. */
export const apart = <M>(measured: M, ...states: ReadonlyArray<unknown>): M => {
  const own: Array<Tensor> = []
  for (const value of Object.values(measured as { readonly [name: string]: unknown })) {
    if (isMeasurement(value)) eachLeaf(value.parts, isTensor, (x: Tensor) => own.push(x))
    else if (isTensor(value)) own.push(value)
  }
  if (own.length === 0) return measured
  const held = heldOf(states, own)
  if (held.length === 0) return measured
  const copy = (x: Tensor): Tensor => held.includes(x) ? clone(x) : x
  const copied = (value: unknown) =>
    isMeasurement(value) ? { ...value, parts: map(value.parts, copy) } : isTensor(value) ? copy(value) : value
  return Object.fromEntries(Object.entries(measured as {}).map(([name, value]) => [name, copied(value)])) as M
}

/**
 * Which of some tensors are in a state. Each step asks it, and to ask of each leaf of a state what it is, as functions
 * of trees do, would take three times as long.
 */
const heldOf = (states: unknown, own: ReadonlyArray<Tensor>): ReadonlyArray<Tensor> => {
  const held: Array<Tensor> = []
  const go = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return
    if (Array.isArray(node)) { for (const child of node) go(child) }
    else if ("dataId" in node) { if (own.includes(node as Tensor)) held.push(node as Tensor) }
    else if (!ArrayBuffer.isView(node)) {
      for (const key in node) {
        go((node as { readonly [key: string]: unknown })[key])
      }
    }
  }
  go(states)
  return held
}

/** A mean over no examples is no number, and one step from it ruins the parameters. */
const isEmpty = (batch: unknown): boolean =>
  isArrayLike(batch)
    ? batch.shape[0] === 0
    : isBranch(batch) && (("size" in batch && batch.size === 0) || Object.values(batch).some(isEmpty))
