import { mean } from "@tensorflow/tfjs-core"
import type { Scalar, Tensor } from "@tensorflow/tfjs-core"
import { valueAndGrad } from "../autodiff/valueAndGrad.ts"
import { toTensors } from "../backend/host.ts"
import * as Key from "../core/Key.ts"
import type { HostOf, Tree } from "../core/Tree.ts"
import type { Metric } from "../metrics/Metric.ts"
import type { Batch, Supervision } from "./supervision.ts"

/** What a supervised step measures: means over the batch, and where in the data it stands. */
export type SupervisedMeasured<N extends string> =
  & { readonly [K in "loss" | N]: Scalar }
  & { readonly size: number; readonly epoch: number; readonly endOfEpoch: boolean }

/** The first half of a step: where the loss of a batch falls, and what was seen on the way. */
export type Gradients<P extends Tree, S extends Tree, M> = {
  /** By the parameters, and of their structure. */
  readonly grads: P
  /** The running state of the model after the batch. */
  readonly state: S
  readonly measured: M
  /** What the batch counts beside others: its number of examples. */
  readonly weight: number
}

/** What gradients are computed from: of a training state all but its optimizer's. */
export type Differentiable<P extends Tree, S extends Tree> = {
  readonly step: number
  readonly params: P
  readonly state: S
  readonly key: Key.Key
}

/**
 * Computes the gradients of a batch, a synchronous tensor program. `key` is the key of the step's randomness, by default
 * `Key.fold(current.key, current.step)`.
 */
export type ComputeGradients<P extends Tree, S extends Tree, B, M> = (
  current: Differentiable<P, S>,
  batch: B,
  key?: Key.Key
) => Gradients<P, S, M>

/**
 * The first half of supervised training: predict, compare, differentiate. What it gives is a synchronous tensor program
 * that changes nothing and disposes nothing, to be run inside `Backend.tensors` or made part of a {@link step}; with
 * {@link update}, the second half, it is {@link supervised}.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Backend, Initializers, Key, Layers, Losses, NdArray, Optimizers, Train } from "effect-neuron"
 *
 * const model = Layers.dense(1, { kernelInitializer: Initializers.zeros })
 * const gradients = Train.gradients({ model, loss: Losses.meanSquaredError })
 * const batch = { x: NdArray.make([1, 2], [2, 1]), y: NdArray.make([2, 4], [2, 1]), size: 2 }
 * const program = Effect.gen(function*() {
 *   const state = yield* Train.init({ model, optimizer: Optimizers.sgd(1), input: [1], key: Key.make(1) })
 *   return yield* Backend.tensors("gradient", () => gradients(state, batch).grads.kernel.arraySync())
 * })
 * await Effect.runPromise(Effect.provide(program, Backend.layerWasm)) // => [[-10]]
 * ```
 */
export const gradients = <
  P extends Tree,
  S extends Tree,
  X extends Tree,
  Y extends Tree,
  T extends Tree = Tensor,
  N extends string = never
>(
  { loss, metrics = [], model }: Supervision<P, S, X, Y, T, N>
): ComputeGradients<P, S, Batch<HostOf<X>, HostOf<T>>, SupervisedMeasured<N>> =>
(current, batch, key = Key.fold(current.key, current.step)) => {
  const x = toTensors(batch.x) as unknown as X, y = toTensors(batch.y) as unknown as T
  const mode = { training: true, key }
  const { aux, grads, value } = valueAndGrad((params: P) => {
    const [prediction, state] = model.apply(params, current.state, x, mode)
    return [mean(loss(prediction, y)), { prediction, state }]
  })(current.params)
  const measured = {
    loss: value,
    ...measure(metrics, aux.prediction, y),
    size: batch.size,
    epoch: batch.epoch ?? 0,
    endOfEpoch: batch.endOfEpoch ?? false
  }
  return { grads, state: aux.state, measured: measured as SupervisedMeasured<N>, weight: batch.size }
}

/** The mean of each metric over a batch, by name. */
export const measure = <Y extends Tree, T extends Tree, N extends string>(
  metrics: ReadonlyArray<Metric<N, Y, T>>,
  prediction: Y,
  target: T
): { readonly [K in N]: Scalar } =>
  Object.fromEntries(metrics.map(({ compute, name }) => [name, mean(compute(prediction, target))])) as {
    [K in N]: Scalar
  }
