import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect, Stream } from "effect"
import type { Backend } from "../backend/Backend.ts"
import { positiveInteger } from "../core/check.ts"
import { crossing } from "../core/crossing.ts"
import type { DataError, TensorError } from "../core/errors.ts"
import { using } from "../core/lender.ts"
import type { Lender } from "../core/lender.ts"
import { operator } from "../core/operator.ts"
import type { HostOf, Tree } from "../core/Tree.ts"
import { isReserved } from "../metrics/names.ts"
import { evaluate } from "./evaluate.ts"
import type { Evaluated } from "./evaluate.ts"
import type { Weights } from "./predict.ts"
import type { AnyMetric, SupervisedBatch, Supervision } from "./supervision.ts"

/** What metrics say of where they stand, those of a step or of an epoch. */
export type Position = { readonly step: number; readonly epoch?: number; readonly endOfEpoch?: boolean }

/** After every so many steps, or epochs. */
export type Every = number | { readonly epochs: number }

/** Metrics, some of which hold the figures of a validation under `Name`. */
export type Validated<A, Name extends string, M> = A & { readonly [K in Name]?: Evaluated<M> }

/** What is validated, on what, and when. */
export type ValidatingOptions<
  P extends Tree,
  S extends Tree,
  X extends Tree,
  Y extends Tree,
  T extends Tree,
  M extends AnyMetric<Y, T>,
  Name extends string,
  E,
  R
> = Supervision<P, S, X, Y, T, M> & {
  /** Whose weights are validated: a trainer, or another lender of weights. */
  readonly trainer: Lender<Weights<P, S>>
  /** The examples that it is validated on, run anew for each validation. */
  readonly batches: Stream.Stream<SupervisedBatch<HostOf<X>, HostOf<T>>, E, R>
  /**
   * After every `every`-th step, counted by `step`, or after epochs; by default `{ epochs: 1 }`. Where steps are left
   * out it is the first at or past a multiple of `every`.
   */
  readonly every?: Every
  /** What the figures are called in the metrics, by default `validation`. */
  readonly name?: Name
}

/**
 * Validates while it trains, behind `trainer.run` or behind `Metrics.perEpoch()`: after every so many steps or epochs
 * the weights of the trainer are evaluated as `Train.evaluate` does, and the figures stand under `validation` in the
 * metrics of that step or epoch; those of others pass as they are. Epochs are those that `Pipeline.epochs` makes. The
 * next step is taken when the figures are there. Of the validations of an epoch `Metrics.perEpoch()` keeps the last.
 * With `readEvery` the weights are those of the last step that was read.
 *
 * Throws a `RangeError` unless `every` is a positive integer of steps or epochs, and for a `name` that is a step's own.
 * The stream fails as `Train.evaluate` does and as `batches` do; metrics that hold something of that name already are
 * refused by their type, and a defect.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Backend, Key, Layers, Losses, NdArray, Optimizers, Train } from "effect-neuron"
 *
 * const model = Layers.dense(1), optimizer = Optimizers.sgd(0.1), supervision = { model, loss: Losses.meanSquaredError }
 * const line = (x: number) => ({ x: NdArray.make([x], [1, 1]), y: NdArray.make([2 * x], [1, 1]), size: 1 })
 * const program = Effect.gen(function*() {
 *   const trainer = yield* Train.make(
 *     Train.init({ model, optimizer, input: [1], key: Key.make(1) }),
 *     Train.supervised({ ...supervision, optimizer })
 *   )
 *   return yield* Stream.forever(Stream.make(line(1), line(-1))).pipe(
 *     trainer.run,
 *     Train.validating({ ...supervision, trainer, batches: Stream.make(line(3)), every: 20 }),
 *     Train.earlyStopping({ monitor: ({ validation }) => validation?.loss, patience: 2, minDelta: 1e-3 }),
 *     Stream.filter(({ validation }) => validation !== undefined),
 *     Stream.map(({ step }) => step),
 *     Stream.runCollect
 *   )
 * })
 * await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(Backend.layerWasm))) // => [20, 40, 60]
 * ```
 */
export const validating: {
  <
    P extends Tree,
    S extends Tree,
    X extends Tree,
    Y extends Tree,
    E2,
    R2,
    T extends Tree = Tensor,
    M extends AnyMetric<Y, T> = never,
    const Name extends string = "validation"
  >(
    options: ValidatingOptions<P, S, X, Y, T, M, Name, E2, R2>
  ): <A extends Position & { readonly [K in Name]?: never }, E, R>(
    self: Stream.Stream<A, E, R>
  ) => Stream.Stream<Validated<A, Name, M>, E | E2 | TensorError | DataError, R | R2 | Backend>
  <
    A extends Position & { readonly [K in Name]?: never },
    E,
    R,
    P extends Tree,
    S extends Tree,
    X extends Tree,
    Y extends Tree,
    E2,
    R2,
    T extends Tree = Tensor,
    M extends AnyMetric<Y, T> = never,
    const Name extends string = "validation"
  >(
    self: Stream.Stream<A, E, R>,
    options: ValidatingOptions<P, S, X, Y, T, M, Name, E2, R2>
  ): Stream.Stream<Validated<A, Name, M>, E | E2 | TensorError | DataError, R | R2 | Backend>
} = /* @__PURE__ */ operator(
  <
    P extends Tree,
    S extends Tree,
    X extends Tree,
    Y extends Tree,
    T extends Tree,
    M extends AnyMetric<Y, T>,
    E2,
    R2
  >(options: ValidatingOptions<P, S, X, Y, T, M, string, E2, R2>) => {
    const { batches, every = { epochs: 1 }, name = "validation", trainer } = options
    const dueFrom = dueEvery(every)
    if (isReserved(name)) throw new RangeError(`validating: name cannot be ${name}, which is a step's own`)
    const validate = evaluate<P, S, X, Y, T, M>(options, trainer)(batches)
    return <A extends Position, E, R>(self: Stream.Stream<A, E, R>) =>
      Stream.unwrap(Effect.map(using(trainer, startOf), (start) => {
        const isDue = dueFrom(start)
        let waitsForEpoch = false, epochs = 0
        const validated = Stream.mapEffect(self, (metrics) => {
          waitsForEpoch = typeof every !== "number"
          if (metrics.endOfEpoch === true) epochs++
          if (!isDue(metrics)) return Effect.succeed(metrics)
          if (name in metrics) return Effect.die(new RangeError(`validating: the metrics hold a ${name} already`))
          return Effect.map(validate, (figures) => ({ ...metrics, [name]: figures }))
        })
        return Stream.onEnd(
          validated,
          Effect.suspend(() => waitsForEpoch && epochs === 0 ? Effect.logWarning(WITHOUT_EPOCHS) : Effect.void)
        )
      }))
  }
)

const WITHOUT_EPOCHS =
  "validating: no epoch has ended, so that nothing was validated; Pipeline.epochs makes epochs, and every: 500 counts steps"

/** The step that weights are of, where they say it: those of a trainer do, an average does not. */
const startOf = (weights: Weights<Tree, Tree>): Effect.Effect<number | undefined> =>
  Effect.succeed("step" in weights && typeof weights.step === "number" ? weights.step : undefined)

/**
 * What tells, of all metrics that come by from a step on, whether they are those after every so many steps or epochs.
 * Throws a `RangeError` for a wrong number.
 */
const dueEvery = (every: Every): (start: number | undefined) => (position: Position) => boolean => {
  const n = typeof every === "number" ? every : every.epochs
  positiveInteger("validating", typeof every === "number" ? "every" : "every.epochs", n)
  if (typeof every !== "number") {
    return () => ({ endOfEpoch, epoch = 0 }) => endOfEpoch === true && (epoch + 1) % n === 0
  }
  return (start) => {
    const isDue = crossing(n, start)
    return ({ step }) => isDue(step)
  }
}
