import { clone, mean } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect, Stream } from "effect"
import type { Backend } from "../backend/Backend.ts"
import { computed } from "../backend/computed.ts"
import { toTensors } from "../backend/host.ts"
import { DataError } from "../core/errors.ts"
import type { TensorError } from "../core/errors.ts"
import * as Key from "../core/Key.ts"
import type { NdArray } from "../core/NdArray.ts"
import type { HostOf, Tree } from "../core/Tree.ts"
import type { Layer } from "../layers/Layer.ts"
import { measure } from "./gradients.ts"
import type { Batch, Supervision } from "./supervision.ts"

// Layers that draw random numbers do so only in training.
const inference = { training: false, key: Key.make(0) }

/** Parameters and running state, as a training state holds them. */
export type Weights<P extends Tree, S extends Tree> = { readonly params: P; readonly state: S }

/**
 * The loss and metrics of a model over a whole stream of batches: means over all examples, whatever the sizes of the
 * batches. The layers run in their inference form, and nothing is changed.
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
 * await Effect.runPromise(Effect.provide(program, Backend.layerWasm)) // => { size: 2, loss: 1 }
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
  N extends string = never
>(
  { loss, metrics = [], model }: Supervision<P, S, X, Y, T, N>,
  weights: Weights<P, S>,
  batches: Stream.Stream<Batch<HostOf<X>, HostOf<T>>, E, R>
): Effect.Effect<
  { readonly size: number } & { readonly [K in "loss" | N]: number },
  E | TensorError | DataError,
  R | Backend
> =>
  Effect.suspend(() => {
    const totals: { [name: string]: number } = {}
    let size = 0
    const add = (batch: Batch<HostOf<X>, HostOf<T>>) =>
      computed("evaluate", () => {
        const y = toTensors(batch.y) as unknown as T
        const [prediction] = model.apply(weights.params, weights.state, toTensors(batch.x) as unknown as X, inference)
        return { loss: mean(loss(prediction, y)), ...measure(metrics, prediction, y) }
      }, (measured) => {
        for (const [name, { data }] of Object.entries(measured)) {
          totals[name] = (totals[name] ?? 0) + data[0]! * batch.size
        }
        size += batch.size
      })
    return Effect.flatMap(Stream.runForEach(batches, (batch) => Effect.andThen(add(batch), Effect.yieldNow)), () =>
      size === 0
        ? Effect.fail(new DataError({ source: "evaluate", expected: "at least one example", actual: "none" }))
        : Effect.succeed(
          { size, ...Object.fromEntries(Object.entries(totals).map(([name, total]) => [name, total / size])) } as
            & { readonly size: number }
            & { readonly [K in "loss" | N]: number }
        ))
  })

/**
 * The predictions of a model for a stream of batches, as arrays in host memory with the batch as first dimension.
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
  weights: Weights<P, S>,
  batches: Stream.Stream<{ readonly x: HostOf<X> }, E, R>
): Stream.Stream<NdArray, E | TensorError, R | Backend> =>
  Stream.mapEffect(
    batches,
    ({ x }) =>
      computed(
        "predict",
        // A model may give a tensor that is not its own.
        () => ({ y: clone(model.apply(weights.params, weights.state, toTensors(x) as unknown as X, inference)[0]) }),
        ({ y }) => y
      )
  )
