import { Effect } from "effect"
import { tensors } from "../backend/Backend.ts"
import type { Backend } from "../backend/Backend.ts"
import { share } from "../core/check.ts"
import type { TensorError } from "../core/errors.ts"
import { isLender } from "../core/lender.ts"
import type { Lender, Lent } from "../core/lender.ts"
import * as Tree from "../core/Tree.ts"
import { axpy } from "../optimizers/transformation.ts"
import type { Weights } from "./predict.ts"
import { discard } from "./readMetrics.ts"
import type { Measured, Step } from "./Step.ts"

type WithParams = Tree.Tree & { readonly step: number; readonly params: Tree.Tree }

/** A training state with an average of its parameters. */
export type Averaged<T extends { readonly params: Tree.Tree }> = T & { readonly average: T["params"] }

type WithAverage<P extends Tree.Tree, S extends Tree.Tree> = { readonly average: P; readonly state: S }

export interface AveragingOptions {
  /**
   * The share that the average keeps in each step, in `[0, 1)`, of which the start is corrected; or that of the step
   * after `step` others, in `[0, 1]`, without a correction.
   */
  readonly decay: number | ((step: number) => number)
}

/** The average with a share of new parameters, those themselves where nothing is kept. Tensors of both are shared. */
export const nextAverage = <P extends Tree.Tree>(average: P, params: P, kept: number): P =>
  kept === 0 ? params : axpy(1 - kept, axpy(-1, average, params), average)

/** The share that a bias-corrected average keeps in the step after `step` others: as if it had begun with nothing. */
const corrected = (decay: number) => (step: number): number => decay * (1 - decay ** step) / (1 - decay ** (step + 1))

/** What is kept in each step. Throws a `RangeError` for a share out of range. */
const shareOf = ({ decay }: AveragingOptions): (step: number) => number => {
  if (typeof decay === "function") return decay
  share("averaging", "decay", decay)
  return corrected(decay)
}

/**
 * A step that keeps a moving average of the parameters too, `average ← kept · average + (1 - kept) · params` after
 * each: weights that are often better than those of any one step (Polyak and Juditsky, "Acceleration of stochastic
 * approximation by averaging", 1992). With a number as `decay` the average is corrected for its start, as `optax.ema`
 * with `debias` is: `kept = decay · (1 - decayⁿ) / (1 - decayⁿ⁺¹)` after `n` steps, so that the first average is the
 * first parameters. A function gives `kept` itself: `(n) => n / (n + 1)` is the plain mean of all steps from the first
 * on, `(n) => n === 0 ? 0 : 0.999` the `AveragedModel` of PyTorch with an exponential average.
 *
 * The steps counted are those of `state.step`, also those that a loaded state had taken without an average: from step
 * 1000 on, `(n) => (n - 1000) / (n - 999)` is the plain mean.
 *
 * The state begins with {@link withAverage}; {@link averageOf} lends the average to `Train.predict`, `Train.evaluate`
 * and `Train.validating`. A checkpoint of the state holds both. Running statistics are not averaged: they are those of
 * the last step. Throws a `RangeError` for a decay that is not in `[0, 1)`.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Backend, Initializers, Key, Layers, Losses, NdArray, Optimizers, Train } from "effect-neuron"
 *
 * const model = Layers.dense(1, { kernelInitializer: Initializers.zeros }), optimizer = Optimizers.sgd(0.125)
 * const batch = { x: NdArray.make([1], [1, 1]), y: NdArray.make([1], [1, 1]), size: 1 }
 * const program = Effect.gen(function*() {
 *   const trainer = yield* Train.make(
 *     Train.withAverage(Train.init({ model, optimizer, input: [1], key: Key.make(1) })),
 *     Train.averaging(Train.supervised({ model, optimizer, loss: Losses.meanSquaredError }), { decay: (n) => n / (n + 1) })
 *   )
 *   yield* Stream.make(batch, batch).pipe(trainer.run, Stream.runDrain)
 *   const [last] = yield* Stream.make(batch).pipe(Train.predict(model, trainer), Stream.runCollect)
 *   const [average] = yield* Stream.make(batch).pipe(Train.predict(model, Train.averageOf(trainer)), Stream.runCollect)
 *   return [last!.data[0], average!.data[0]]
 * })
 * await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(Backend.layerWasm))) // => [0.75, 0.625]
 * ```
 */
export const averaging: {
  (options: AveragingOptions): <T extends WithParams, B, M extends Measured, E, R>(
    step: Step<T, B, M, E, R>
  ) => Step<Averaged<T>, B, M, E | TensorError, R | Backend>
  <T extends WithParams, B, M extends Measured, E, R>(
    step: Step<T, B, M, E, R>,
    options: AveragingOptions
  ): Step<Averaged<T>, B, M, E | TensorError, R | Backend>
} = ((
  // By hand: with `dual` a wrong decay would be an error only once there is a step.
  ...args: readonly [Step<WithParams, never, Measured, never, never>, AveragingOptions] | readonly [AveragingOptions]
) => {
  const [first, options] = args
  return typeof first === "function" ? averagingBy(shareOf(options!))(first) : averagingBy(shareOf(first))
}) as never

const averagingBy = (keptIn: (step: number) => number) =>
<T extends WithParams, B, M extends Measured, E, R>(
  step: Step<T, B, M, E, R>
): Step<Averaged<T>, B, M, E | TensorError, R | Backend> =>
(state, batch) =>
  Effect.flatMap(
    step(state, batch),
    ([next, measured]) =>
      tensors("average", () => nextAverage(state.average, next.params, keptIn(state.step))).pipe(
        Effect.map((average) => [Object.assign({}, next, { average }) as Averaged<T>, measured] as const),
        Effect.onError(() =>
          Effect.sync(() => {
            Tree.disposeExcept(next, state)
            discard([measured])
          })
        )
      )
  )

/**
 * The first state of a training with {@link averaging}, of one without, a checkpoint of one too: the average begins
 * with its parameters.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Backend, Key, Layers, Optimizers, Train } from "effect-neuron"
 *
 * const init = Train.init({ model: Layers.dense(1), optimizer: Optimizers.sgd(0.1), input: [1], key: Key.make(1) })
 * const { average, params } = await Effect.runPromise(Effect.provide(Train.withAverage(init), Backend.layerWasm))
 * average.kernel === params.kernel // => true
 * ```
 */
export const withAverage = <T extends { readonly params: Tree.Tree }, E, R>(
  init: Effect.Effect<T, E, R>
): Effect.Effect<Averaged<T>, E, R> => Effect.map(init, (state) => ({ ...state, average: state.params }))

/**
 * The averaged weights of a training with {@link averaging}: parameters that are the average, and the running state. A
 * trainer lends them as it lends its state.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Backend, Key, Layers, Optimizers, Train } from "effect-neuron"
 *
 * const init = Train.init({ model: Layers.dense(1), optimizer: Optimizers.sgd(0.1), input: [1], key: Key.make(1) })
 * const state = await Effect.runPromise(Effect.provide(Train.withAverage(init), Backend.layerWasm))
 * Train.averageOf(state).params === state.average // => true
 * ```
 */
export const averageOf: {
  <P extends Tree.Tree, S extends Tree.Tree>(trainer: Lender<WithAverage<P, S>>): Lender<Weights<P, S>>
  <P extends Tree.Tree, S extends Tree.Tree>(state: WithAverage<P, S>): Weights<P, S>
} = <P extends Tree.Tree, S extends Tree.Tree>(lent: Lent<WithAverage<P, S>>): never => {
  const weightsOf = ({ average, state }: WithAverage<P, S>): Weights<P, S> => ({ params: average, state })
  return (isLender(lent) ? { held: Effect.map(lent.held, weightsOf) } : weightsOf(lent)) as never
}
