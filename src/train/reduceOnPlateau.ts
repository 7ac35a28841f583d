import { Effect, Stream } from "effect"
import type { NonFiniteError, TensorError } from "../core/errors.ts"
import { operator } from "../core/operator.ts"
import type { Tree } from "../core/Tree.ts"
import { plateauOptions, reduceOnPlateau as afterValue } from "../optimizers/plateau.ts"
import type { PlateauOptions } from "../optimizers/plateau.ts"

/** What is monitored, and whose learning rate falls when it stands still. */
export type ReduceOnPlateauOptions<A, T> = PlateauOptions & {
  /** The value of an element; `undefined` where it has none, which does not count. */
  readonly monitor: (element: A) => number | undefined
  readonly trainer: {
    readonly state: Effect.Effect<T>
    readonly modify: (next: (state: T) => T | undefined) => Effect.Effect<void, TensorError | NonFiniteError>
  }
}

/**
 * Lowers the learning rate when a monitored value stands still, by the rules of PyTorch's `ReduceLROnPlateau`: when it
 * has not improved on the best one by `threshold` for more than `patience` elements, the rate becomes `factor` times
 * what it was, and `cooldown` elements do not count. On a stream of epochs (`Metrics.perEpoch()`) patience counts
 * epochs.
 *
 * The optimizer is an `Optimizers.adjustable` one. Its state holds what is remembered, so that a training that goes on
 * from a checkpoint goes on to the bit, if the checkpoint is written behind this operator. A run that is interrupted
 * inside a validation is an exception: the step is saved, the validation is not made up for, and its value does not
 * count. (The counters of {@link earlyStopping} are in no checkpoint.) Throws a `RangeError` for options out of range;
 * a trainer without an adjustable optimizer is a defect, before the first element.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Backend, Key, Layers, Losses, NdArray, Optimizers, Train } from "effect-neuron"
 *
 * const model = Layers.dense(1), optimizer = Optimizers.adjustable(Optimizers.sgd, 0.1)
 * const batch = { x: NdArray.make([1, 2], [2, 1]), y: NdArray.make([2, 4], [2, 1]), size: 2 }
 * const program = Effect.gen(function*() {
 *   const trainer = yield* Train.make(
 *     Train.init({ model, optimizer, input: [1], key: Key.make(1) }),
 *     Train.supervised({ model, optimizer, loss: Losses.meanSquaredError })
 *   )
 *   yield* Stream.forever(Stream.make(batch)).pipe(
 *     trainer.run,
 *     Train.reduceOnPlateau({ trainer, monitor: ({ loss }) => loss, threshold: 0.9, patience: 3, factor: 0.5 }),
 *     Stream.take(30),
 *     Stream.runDrain
 *   )
 *   return Optimizers.learningRate((yield* trainer.state).opt)! < 0.1
 * })
 * await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(Backend.layerWasm))) // => true
 * ```
 */
export const reduceOnPlateau: {
  <A, T extends Tree>(
    options: ReduceOnPlateauOptions<A, T>
  ): <E, R>(self: Stream.Stream<A, E, R>) => Stream.Stream<A, E | TensorError | NonFiniteError, R>
  <A, E, R, T extends Tree>(
    self: Stream.Stream<A, E, R>,
    options: ReduceOnPlateauOptions<A, T>
  ): Stream.Stream<A, E | TensorError | NonFiniteError, R>
} = /* @__PURE__ */ operator(<A, T extends Tree>({ monitor, trainer, ...given }: ReduceOnPlateauOptions<A, T>) => {
  const options = plateauOptions(given)
  return <E, R>(self: Stream.Stream<A, E, R>) =>
    Stream.unwrap(Effect.map(trainer.state, (state) => {
      if (afterValue(state, NaN, options) === undefined) return Stream.die(missing(options.under))
      return Stream.tap(self, (element) => {
        const value = monitor(element)
        return value === undefined ? Effect.void : trainer.modify((state) => afterValue(state, value, options))
      })
    }))
})

const missing = (under: string) =>
  new RangeError(
    `reduceOnPlateau: the trainer has no adjustable optimizer${
      under === "" ? "" : ` below ${under}`
    }; see Optimizers.adjustable`
  )
