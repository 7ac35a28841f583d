import { Effect, Stream } from "effect"
import type { Backend } from "../backend/Backend.ts"
import { computedCopies } from "../backend/copies.ts"
import { toTensors } from "../backend/host.ts"
import type { TensorError } from "../core/errors.ts"
import { held } from "../core/lender.ts"
import type { Lent } from "../core/lender.ts"
import type { HostTree } from "../core/NdArray.ts"
import { operator } from "../core/operator.ts"
import type { HostOf, Tree } from "../core/Tree.ts"
import { inference } from "../layers/inference.ts"
import type { Layer } from "../layers/Layer.ts"

/** Parameters and running state, as a training state holds them. */
export type Weights<P extends Tree, S extends Tree> = { readonly params: P; readonly state: S }

/** A batch with what a model predicts of it. */
export type Predicted<B, Y> = B & { readonly prediction: HostOf<Y> }

/** What a model gives for inputs in its inference form, in host memory. */
export const infer = <P extends Tree, S extends Tree, X extends Tree, Y extends Tree>(
  operation: string,
  model: Layer<P, S, X, Y>,
  { params, state }: Weights<P, S>,
  x: HostTree
): Effect.Effect<HostOf<Y>, TensorError, Backend> =>
  computedCopies(operation, () => model.apply(params, state, toTensors({ x }).x as unknown as X, inference)[0])

type Predictions<B, E, R> = Stream.Stream<B, E | TensorError, R | Backend>

type WithBatch = { readonly withBatch: true }

/**
 * The predictions of a model for a stream of batches, in host memory: for each batch the tree that the model gives, one
 * array where that is one tensor, with the batch as first dimension. With `withBatch: true` an element is the batch
 * with its `prediction`: beside its targets `y`, and whatever else it holds. The layers run in their inference form.
 *
 * In place of weights it takes a trainer too, whose state of the beginning it uses to the end of the stream, whatever
 * steps are taken meanwhile.
 *
 * Fails with a `TensorError` when a batch does not fit the model.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Backend, Initializers, Key, Layers, NdArray, Train } from "effect-neuron"
 *
 * const model = Layers.dense(1, { kernelInitializer: Initializers.ones })
 * const batches = Stream.make({ x: NdArray.make([1, 2], [1, 2]), y: NdArray.make([4], [1, 1]), size: 1 })
 * const program = Effect.gen(function*() {
 *   const weights = yield* Train.weights(model, { input: [2], key: Key.make(1) })
 *   const predictions = yield* batches.pipe(Train.predict(model, weights), Stream.runCollect)
 *   const errors = yield* Train.predict(batches, model, weights, { withBatch: true }).pipe(
 *     Stream.map(({ prediction, y }) => y.data[0]! - prediction.data[0]!),
 *     Stream.runCollect
 *   )
 *   return { predictions, errors }
 * })
 * await Effect.runPromise(Effect.provide(program, Backend.layerWasm))
 * // => { predictions: [{ data: Float32Array.of(3), shape: [1, 1] }], errors: [1] }
 * ```
 */
export const predict: {
  <P extends Tree, S extends Tree, X extends Tree, Y extends Tree>(
    model: Layer<P, S, X, Y>,
    weights: Lent<Weights<P, S>>,
    options: WithBatch
  ): <B extends { readonly x: HostOf<X> }, E, R>(
    batches: Stream.Stream<B, E, R>
  ) => Predictions<Predicted<B, Y>, E, R>
  <P extends Tree, S extends Tree, X extends Tree, Y extends Tree>(
    model: Layer<P, S, X, Y>,
    weights: Lent<Weights<P, S>>
  ): <E, R>(batches: Stream.Stream<{ readonly x: HostOf<X> }, E, R>) => Predictions<HostOf<Y>, E, R>
  <
    P extends Tree,
    S extends Tree,
    X extends Tree,
    Y extends Tree,
    B extends { readonly x: HostOf<X> },
    E,
    R
  >(
    batches: Stream.Stream<B, E, R>,
    model: Layer<P, S, X, Y>,
    weights: Lent<Weights<P, S>>,
    options: WithBatch
  ): Predictions<Predicted<B, Y>, E, R>
  <P extends Tree, S extends Tree, X extends Tree, Y extends Tree, E, R>(
    batches: Stream.Stream<{ readonly x: HostOf<X> }, E, R>,
    model: Layer<P, S, X, Y>,
    weights: Lent<Weights<P, S>>
  ): Predictions<HostOf<Y>, E, R>
} = /* @__PURE__ */ operator((
  model: Layer<Tree, Tree, Tree, Tree>,
  weights: Lent<Weights<Tree, Tree>>,
  { withBatch = false }: { readonly withBatch?: boolean } = {}
) =>
<E, R>(batches: Stream.Stream<{ readonly x: HostTree }, E, R>) =>
  Stream.unwrap(Effect.map(held(weights), (weights) =>
    Stream.mapEffect(batches, (batch) => {
      const prediction = infer("predict", model, weights, batch.x)
      return withBatch ? Effect.map(prediction, (prediction) => ({ ...batch, prediction })) : prediction
    })))
)
