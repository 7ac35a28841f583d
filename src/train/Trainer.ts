import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect, MutableRef, Semaphore, Stream } from "effect"
import type { Scope } from "effect"
import { NonFiniteError } from "../core/errors.ts"
import * as Tree from "../core/Tree.ts"
import { learningRate } from "../optimizers/learningRate.ts"
import type { Measured, Metrics, Step } from "./Step.ts"

/** Owns the one live training state and turns a stream of batches into a stream of metrics. */
export interface Trainer<T, B, M, E, R> {
  /** The state now. Borrowed: it is good until the next step, and no longer than the trainer's Scope. */
  readonly state: Effect.Effect<T>
  /**
   * Takes one step for each batch, when the metrics of the step are pulled. Stopping the stream stops the training
   * between two steps, however it is stopped; running it again goes on from where it stopped.
   */
  readonly run: <B2 extends B, E2, R2>(
    batches: Stream.Stream<B2, E2, R2>
  ) => Stream.Stream<Metrics<M>, E | E2 | NonFiniteError, R | R2>
  /**
   * Replaces the state between two steps: another learning rate, the weights of a checkpoint. As a step does, `next`
   * disposes nothing that it is given; what its result does not hold is disposed by the trainer.
   */
  readonly modify: (next: (state: T) => T) => Effect.Effect<void>
}

// Steps are synchronous and would keep timers, signals and other fibers waiting; a turn of the event loop costs some
// microseconds and brings garbage collection with it, so that one is taken every few milliseconds and not every step.
const SLICE_MILLISECONDS = 8

/**
 * Makes a trainer from the effect that gives its first state and the step to take. The state lives in the caller's
 * Scope: each step replaces it and disposes what the next one does not hold, and the Scope frees the last one.
 *
 * A step is not interrupted half-way. When a step fails, or measures a loss that is not finite (`NonFiniteError`; a
 * loss is a measure named `loss` or `...Loss`), the state stays the one before it.
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
export const make = <T extends Tree.Tree & { readonly step: number }, B, M extends Measured, E, R, E0, R0>(
  initial: Effect.Effect<T, E0, R0>,
  step: Step<T, B, M, E, R>
): Effect.Effect<Trainer<T, B, M, E, R>, E0, R0 | Scope.Scope> =>
  Effect.gen(function*() {
    const cell = yield* Effect.acquireRelease(
      Effect.map(initial, MutableRef.make),
      (cell) => Effect.sync(() => Tree.disposeExcept(cell.current))
    )
    const oneAtATime = yield* Semaphore.make(1)

    const replace = (next: T) => {
      Tree.disposeExcept(cell.current, next)
      cell.current = next
    }

    const advance = (batch: B) =>
      Effect.flatMap(Effect.suspend(() => step(cell.current, batch)), ([next, measured]) =>
        Effect.suspend(() => {
          const metrics = read(measured)
          const bad = Object.entries(metrics).find(([name, value]) => isLoss(name) && !Number.isFinite(value))
          if (bad !== undefined) {
            Tree.disposeExcept(next, cell.current)
            return Effect.fail(nonFinite(bad, next.step, cell.current))
          }
          replace(next)
          return Effect.succeed({ step: next.step, ...metrics } as Metrics<M>)
        })).pipe(Effect.uninterruptible, oneAtATime.withPermits(1))

    return {
      state: Effect.sync(() => cell.current),
      run: (batches) =>
        Stream.suspend(() => {
          let sliceStart = performance.now()
          const breathe = Effect.suspend(() => {
            const now = performance.now()
            if (now - sliceStart < SLICE_MILLISECONDS) return Effect.void
            return Effect.andThen(
              Effect.yieldNow,
              Effect.sync(() => {
                sliceStart = performance.now()
              })
            )
          })
          return Stream.mapEffect(batches, (batch) => Effect.andThen(breathe, advance(batch)))
        }).pipe(Stream.withSpan("effect-neuron.train")),
      modify: (next) => oneAtATime.withPermit(Effect.sync(() => replace(next(cell.current))))
    }
  })

const isLoss = (name: string): boolean => name === "loss" || name.endsWith("Loss")

/** Reads the scalar tensors of what was measured, and disposes them. */
const read = (measured: Measured): { readonly [name: string]: number | boolean } => {
  const out: { [name: string]: number | boolean } = {}
  for (const [name, value] of Object.entries(measured)) {
    out[name] = Tree.isTensor(value) ? (value as Tensor).dataSync()[0]! : value
  }
  for (const value of Object.values(measured)) if (Tree.isTensor(value) && !value.isDisposed) value.dispose()
  return out
}

const nonFinite = ([metric, value]: [string, number | boolean], step: number, state: Tree.Tree): NonFiniteError => {
  const rate = learningRate(state)
  return new NonFiniteError({
    metric,
    value: Number(value),
    step,
    ...(rate === undefined ? {} : { learningRate: rate })
  })
}
