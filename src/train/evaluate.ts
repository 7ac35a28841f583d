import { clone } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect, Stream } from "effect"
import type { Backend } from "../backend/Backend.ts"
import { computed } from "../backend/computed.ts"
import { toTensors } from "../backend/host.ts"
import { DataError } from "../core/errors.ts"
import type { TensorError } from "../core/errors.ts"
import * as Key from "../core/Key.ts"
import { held, using } from "../core/lender.ts"
import type { Lent } from "../core/lender.ts"
import type { HostTree, NdArray } from "../core/NdArray.ts"
import type { HostOf, Tree } from "../core/Tree.ts"
import type { Layer } from "../layers/Layer.ts"
import { remember } from "../losses/labels.ts"
import { weigh, weightedMean } from "../losses/weighted.ts"
import { merged, mergeIn } from "../metrics/merge.ts"
import type { Merging } from "../metrics/merge.ts"
import type { Parts, WithMergeable } from "../metrics/parts.ts"
import { checkNames, lossOf, measureAll, sampleWeight } from "./measuring.ts"
import { discard, readAll } from "./readMetrics.ts"
import { step } from "./Step.ts"
import type { AnyMetric, Batch, Supervision } from "./supervision.ts"

// Layers that draw random numbers do so only in training.
const inference = { training: false, key: Key.make(0) }

/** Parameters and running state, as a training state holds them. */
export type Weights<P extends Tree, S extends Tree> = { readonly params: P; readonly state: S }

/** The number of examples, the loss and the metrics; under `Metrics.mergeable` what they were made of. */
export type Evaluated<M> =
  & { readonly size: number; readonly loss: number }
  & {
    readonly [K in M as K extends { readonly name: infer Name extends string } ? Name : never]: K extends
      { readonly finish: (parts: Parts) => infer A } ? A : never
  }
  & WithMergeable

/**
 * The loss and metrics of a model over a whole stream of batches, as of all examples at once, whatever the sizes and
 * weights of the batches; those of several streams are put together by {@link Metrics.merge}. The layers run in their
 * inference form, and nothing is changed. In place of weights it takes a trainer too, whose state of the beginning it uses
 * to the end, whatever steps are taken meanwhile.
 *
 * Fails with a `DataError` when the stream holds no example.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Backend, Initializers, Key, Layers, Losses, NdArray, Optimizers, Train } from "effect-neuron"
 *
 * const model = Layers.dense(1, { kernelInitializer: Initializers.ones })
 * const batch = { x: NdArray.make([1, 2], [2, 1]), y: NdArray.make([2, 3], [2, 1]), size: 2 }
 * const program = Effect.gen(function*() {
 *   const state = yield* Train.init({ model, optimizer: Optimizers.sgd(0.1), input: [1], key: Key.make(1) })
 *   return yield* Train.evaluate({ model, loss: Losses.meanSquaredError }, state, Stream.make(batch))
 * })
 * const { loss, size } = await Effect.runPromise(Effect.provide(program, Backend.layerWasm))
 * loss // => 1
 * size // => 2
 * ```
 */
export const evaluate = <
  P extends Tree,
  S extends Tree,
  X extends Tree,
  Y extends Tree,
  E,
  R,
  T extends Tree = Tensor,
  M extends AnyMetric<Y, T> = never
>(
  { loss, metrics = [], model }: Supervision<P, S, X, Y, T, M>,
  weights: Lent<Weights<P, S>>,
  batches: Stream.Stream<Batch<HostOf<X>, HostOf<T>>, E, R>
): Effect.Effect<Evaluated<M>, E | TensorError | DataError, R | Backend> => {
  checkNames(metrics)
  const compare = (weights: Weights<P, S>) =>
    step(() => "evaluate", (_: null, batch: Batch<HostOf<X>, HostOf<T>>) => {
      const sample = sampleWeight(batch), y = toTensors(batch.y) as unknown as T
      remember(y, batch.y as HostTree)
      const [prediction] = model.apply(weights.params, weights.state, toTensors(batch.x) as unknown as X, inference)
      const { values, weight } = weigh("the loss", loss(prediction, y), batch.size, sample)
      const counted = weightedMean(values, weight)
      const measured = {
        loss: lossOf(counted.mean, counted.weight),
        ...measureAll(metrics, prediction, y, sample),
        size: batch.size
      }
      return [null, measured]
    })
  const over = (compared: ReturnType<typeof compare>) =>
    batches.pipe(
      Stream.mapEffect((batch) =>
        Effect.acquireUseRelease(
          compared(null, batch),
          ([, measured]) => Effect.map(readAll([measured]), ([values]) => values),
          ([, measured]) => Effect.sync(() => discard([measured]))
        ).pipe(Effect.tap(() => Effect.yieldNow))
      ),
      Stream.runFold(
        (): Merging<Evaluated<M>> | undefined => undefined,
        (before, [measured]) => mergeIn(before, measured as unknown as Evaluated<M>, Number(measured!["size"]))
      ),
      Effect.flatMap((all) =>
        all === undefined
          ? Effect.fail(new DataError({ source: "evaluate", expected: "at least one example", actual: "none" }))
          : Effect.succeed({ ...merged(all), size: all.size })
      )
    )
  return using(weights, (weights) => over(compare(weights)))
}

/**
 * The predictions of a model for a stream of batches, as arrays in host memory with the batch as first dimension. In
 * place of weights it takes a trainer too, whose state of the beginning it uses to the end of the stream, whatever steps
 * are taken meanwhile.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Backend, Initializers, Key, Layers, NdArray, Optimizers, Train } from "effect-neuron"
 *
 * const model = Layers.dense(1, { kernelInitializer: Initializers.ones })
 * const program = Effect.gen(function*() {
 *   const state = yield* Train.init({ model, optimizer: Optimizers.sgd(0.1), input: [2], key: Key.make(1) })
 *   const batches = Stream.make({ x: NdArray.make([1, 2], [1, 2]) })
 *   return yield* Stream.runCollect(Train.predict(model, state, batches))
 * })
 * await Effect.runPromise(Effect.provide(program, Backend.layerWasm))
 * // => [{ data: Float32Array.of(3), shape: [1, 1] }]
 * ```
 */
export const predict = <P extends Tree, S extends Tree, X extends Tree, E, R>(
  model: Layer<P, S, X, Tensor>,
  weights: Lent<Weights<P, S>>,
  batches: Stream.Stream<{ readonly x: HostOf<X> }, E, R>
): Stream.Stream<NdArray, E | TensorError, R | Backend> =>
  Stream.unwrap(Effect.map(held(weights), ({ params, state }) =>
    Stream.mapEffect(
      batches,
      ({ x }) =>
        computed(
          "predict",
          // A model may give a tensor that is not its own.
          () => ({ y: clone(model.apply(params, state, toTensors(x) as unknown as X, inference)[0]) }),
          ({ y }) => y
        )
    )))
