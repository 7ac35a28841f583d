import { Effect, Semaphore, Stream } from "effect"
import type { Scope } from "effect"
import { tensorsNow } from "../backend/Backend.ts"
import { currentDevice } from "../backend/device.ts"
import { breathing } from "../core/breathing.ts"
import { positiveInteger } from "../core/check.ts"
import type { DeviceError, NonFiniteError, TensorError } from "../core/errors.ts"
import type { Lender } from "../core/lender.ts"
import type { Tree } from "../core/Tree.ts"
import { withBatch } from "./finiteBatch.ts"
import { checkState, nonFiniteState } from "./finiteState.ts"
import { liveState } from "./liveState.ts"
import { nonFiniteLoss, readSync } from "./readMetrics.ts"
import type { Values } from "./readMetrics.ts"
import { readTogether } from "./readTogether.ts"
import type { Measured, Metrics, Step } from "./Step.ts"

/** Owns the one live training state and turns a stream of batches into a stream of metrics. */
export interface Trainer<T, B, M, E, R> extends Lender<T> {
  /**
   * The state now. Borrowed: its tensors are good until the next step, and no longer than the trainer's Scope; a
   * program that uses them later fails with a `TensorError`. Its numbers are good for ever.
   */
  readonly state: Effect.Effect<T>
  /**
   * Runs `f` with the state as it is now, which lives until `f` ends, however long that takes: steps, `modify`, a
   * failure and the end of the trainer's Scope only put off what is disposed. Nothing is copied, nothing waits, and a
   * trainer that nobody asks pays nothing; while `f` runs there is memory for two states.
   */
  readonly use: <A, E2, R2>(f: (state: T) => Effect.Effect<A, E2, R2>) => Effect.Effect<A, E2, R2>
  /** The state as it is now, which lives until the Scope ends: {@link Trainer.use} for streams. */
  readonly held: Effect.Effect<T, never, Scope.Scope>
  /**
   * Takes one step for each batch, when the metrics of the step are pulled (with `readEvery`, those of several steps).
   * Stopping the stream stops the training between two steps, however it is stopped; running it again goes on from
   * where it stopped. A metric whose `merge` or `finish` throws fails it with a `TensorError` that names the metric;
   * the state stays the one before.
   */
  readonly run: <B2 extends B, E2, R2>(
    batches: Stream.Stream<B2, E2, R2>
  ) => Stream.Stream<Metrics<M>, E | E2 | TensorError | NonFiniteError | DeviceError, R | R2>
  /**
   * Replaces the state between two steps: another learning rate, the weights of a checkpoint. As a step does, `next`
   * disposes nothing that it is given; what it made and its result does not hold is disposed, as is what of the old
   * state it does not hold. `undefined` is no change: `trainer.modify(Optimizers.setLearningRate(0.1))`.
   *
   * When `next` throws, or the trainer's Scope has ended, it is a `TensorError`, when it gives a value that is not
   * finite a `NonFiniteError`; the state stays as it was.
   */
  readonly modify: (next: (state: T) => T | undefined) => Effect.Effect<void, TensorError | NonFiniteError>
}

export interface TrainerOptions {
  /**
   * How many steps are taken before their metrics are read together. The stream emits those of every step, in groups of
   * so many; a last group may be smaller. The default is 1.
   *
   * On a GPU, which is idle while it is waited for, 10 or so make training faster. What follows `run` then comes late:
   * `Stream.take(3)` behind it stops after ten steps, a checkpoint of step 15 holds step 20, and with a loss or a state
   * that is not finite it goes back to the state of the last group. On a GPU the state is looked at once in a group, so
   * that the step that is named may be a later one of it. `Stream.take` before `run` is exact.
   */
  readonly readEvery?: number
}

/**
 * Makes a trainer from the effect that gives its first state and the step to take. The state lives in the caller's
 * Scope: each step replaces it and disposes what the next one does not hold, and the Scope frees the last one.
 *
 * A step is not interrupted half-way. When a step fails, the state stays the one before it, and so it does when a step
 * measures a loss that is not finite (a measure named `loss`, or a tensor or number named `...Loss`) or makes a state
 * with a value that is not finite, a parameter, a moment, a running statistic: a `NonFiniteError` that says which. So
 * the state that is kept is finite. When a GPU is lost or out of memory, it is a `DeviceError`, and what the state held
 * is lost too.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Backend, Key, Layers, Losses, NdArray, Optimizers, Train } from "effect-neuron"
 *
 * const model = Layers.dense(1), optimizer = Optimizers.sgd(0.1)
 * const batch = { x: NdArray.make([1, 2], [2, 1]), y: NdArray.make([2, 4], [2, 1]), size: 2 }
 * const program = Effect.gen(function*() {
 *   const trainer = yield* Train.make(
 *     Train.init({ model, optimizer, input: [1], key: Key.make(1) }),
 *     Train.supervised({ model, optimizer, loss: Losses.meanSquaredError })
 *   )
 *   const losses = yield* Stream.forever(Stream.make(batch)).pipe(
 *     trainer.run,
 *     Stream.map((metrics) => metrics.loss),
 *     Stream.take(50),
 *     Stream.runCollect
 *   )
 *   return losses[49]! < losses[0]! / 10
 * })
 * await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(Backend.layerWasm))) // => true
 * ```
 */
export const make = <T extends Tree & { readonly step: number }, B, M extends Measured, E, R, E0, R0>(
  initial: Effect.Effect<T, E0, R0>,
  step: Step<T, B, M, E, R>,
  { readEvery = 1 }: TrainerOptions = {}
): Effect.Effect<Trainer<T, B, M, E, R>, E0, R0 | Scope.Scope> => {
  positiveInteger("Train.make", "readEvery", readEvery)
  return Effect.gen(function*() {
    const state = yield* Effect.acquireRelease(
      Effect.map(initial, liveState),
      (state) => Effect.sync(state.dispose)
    )
    const oneAtATime = yield* Semaphore.make(1)
    const atomic = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      effect.pipe(Effect.uninterruptible, oneAtATime.withPermits(1))

    const advance = (batch: B) =>
      Effect.flatMap(
        Effect.suspend(() => step(state.now(), batch)),
        ([next, measured]) =>
          Effect.suspend((): Effect.Effect<Metrics<M>, TensorError | NonFiniteError> => {
            let values: Values
            try {
              values = readSync(measured)
            } catch (error) {
              state.refuse(next)
              return Effect.fail(error as TensorError)
            }
            const bad = nonFiniteLoss(values, next.step, state.now()) ?? nonFiniteState(next, state.now())
            if (bad !== undefined) {
              state.refuse(next)
              return Effect.fail(withBatch(bad, batch))
            }
            const late = state.replace(next)
            return late === undefined
              ? Effect.succeed({ step: next.step, ...values } as Metrics<M>)
              : Effect.fail(late)
          })
      ).pipe(atomic)

    const hold = Effect.sync(state.hold)
    const modified = (next: (state: T) => T | undefined) =>
      Effect.gen(function*() {
        const before = state.now(), after = yield* tensorsNow("modify", () => next(before))
        if (after === undefined) return
        const refuse = Effect.sync(() => state.refuse(after))
        const bad = yield* Effect.onError(checkState(after, before), () => refuse)
        if (bad === undefined) {
          const late = state.modify(after)
          return late === undefined ? undefined : yield* late
        }
        yield* refuse
        return yield* bad
      })

    return {
      state: Effect.sync(state.now),
      use: (f) => Effect.acquireUseRelease(hold, ({ state }) => f(state), ({ release }) => Effect.sync(release)),
      held: Effect.map(
        Effect.acquireRelease(hold, ({ release }) => Effect.sync(release)),
        ({ state }) => state
      ),
      run: (batches) =>
        Stream.suspend(() => {
          const breathe = breathing()
          // Where values are at hand, to read them at once costs less than to put it off.
          return readEvery === 1 && currentDevice() === undefined
            ? Stream.mapEffect(batches, (batch) => Effect.andThen(breathe, advance(batch)))
            : readTogether({ batches, step, state, atomic, breathe, readEvery })
        }).pipe(Stream.withSpan("effect-neuron.train")),
      modify: (next) => atomic(modified(next))
    }
  })
}
