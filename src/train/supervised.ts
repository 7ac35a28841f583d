import { mean } from "@tensorflow/tfjs-core"
import type { Scalar, Tensor } from "@tensorflow/tfjs-core"
import { valueAndGrad } from "../autodiff/valueAndGrad.ts"
import { tensors } from "../backend/Backend.ts"
import { toTensors } from "../backend/host.ts"
import * as Key from "../core/Key.ts"
import { isNdArray } from "../core/NdArray.ts"
import type { HostOf, HostTree } from "../core/NdArray.ts"
import { format } from "../core/Shape.ts"
import type { Tree } from "../core/Tree.ts"
import type { Layer } from "../layers/Layer.ts"
import type { Metric } from "../metrics/Metric.ts"
import type { GradientTransformation } from "../optimizers/transformation.ts"
import { applyGradients } from "../optimizers/transformation.ts"
import type { Step } from "./Step.ts"
import type { TrainState } from "./TrainState.ts"

/** A batch of examples with their targets, stacked along the first dimension; `Pipeline.batch` makes it. */
export type Batch<X extends HostTree, Y extends HostTree> = {
  readonly x: X
  readonly y: Y
  readonly size: number
  /** Set by `Pipeline.epochs`, counted from 0. */
  readonly epoch?: number
  readonly endOfEpoch?: boolean
}

/** What is compared: the model, and the functions of its predictions and the targets, one value per example. */
export interface Supervision<
  P extends Tree,
  S extends Tree,
  X extends Tree,
  Y extends Tree,
  T extends Tree,
  N extends string
> {
  readonly model: Layer<P, S, X, Y>
  /** One loss per example; the mean over the batch is what is minimized. */
  readonly loss: (prediction: Y, target: T) => Tensor
  readonly metrics?: ReadonlyArray<Metric<N, Y, T>>
}

/** What a supervised step measures: means over the batch, and where in the data it stands. */
export type SupervisedMeasured<N extends string> =
  & { readonly [K in "loss" | N]: Scalar }
  & { readonly size: number; readonly epoch: number; readonly endOfEpoch: boolean }

/**
 * The training step of supervised learning: predict, compare, differentiate, update.
 *
 * Fails with a `TensorError` that names the step and the shapes of the batch when the batch does not fit the model.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Backend, Key, Layers, Losses, NdArray, Optimizers, Train } from "effect-neuron"
 *
 * const model = Layers.dense(1), optimizer = Optimizers.sgd(0.1)
 * const step = Train.supervised({ model, optimizer, loss: Losses.meanSquaredError })
 * const batch = { x: NdArray.make([1, 2], [2, 1]), y: NdArray.make([2, 4], [2, 1]), size: 2 }
 * const program = Effect.gen(function*() {
 *   const state = yield* Train.init({ model, optimizer, input: [1], key: Key.make(1) })
 *   const [next] = yield* step(state, batch)
 *   return next.step
 * })
 * await Effect.runPromise(Effect.provide(program, Backend.layerWasm)) // => 1
 * ```
 */
export const supervised = <
  P extends Tree,
  S extends Tree,
  X extends Tree,
  Y extends Tree,
  T extends Tree = Tensor,
  N extends string = never
>(
  options: Supervision<P, S, X, Y, T, N> & { readonly optimizer: GradientTransformation }
): Step<TrainState<P, S>, Batch<HostOf<X>, HostOf<T>>, SupervisedMeasured<N>> => {
  const { loss, metrics = [], model, optimizer } = options
  return (current, batch) =>
    tensors(describe(current.step, batch), () => {
      const x = toTensors(batch.x) as unknown as X, y = toTensors(batch.y) as unknown as T
      const mode = { training: true, key: Key.fold(current.key, current.step) }
      const { aux, grads, value } = valueAndGrad((params: P) => {
        const [prediction, state] = model.apply(params, current.state, x, mode)
        return [mean(loss(prediction, y)), { prediction, state }]
      })(current.params)
      const [params, opt] = applyGradients(optimizer, grads, current.opt, current.params)
      const next = {
        step: current.step + 1,
        params,
        state: aux.state,
        opt,
        key: current.key
      }
      const measured = {
        loss: value,
        ...measure(metrics, aux.prediction, y),
        size: batch.size,
        epoch: batch.epoch ?? 0,
        endOfEpoch: batch.endOfEpoch ?? false
      }
      return [next, measured as SupervisedMeasured<N>] as const
    })
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

const describe = (step: number, { x, y }: { readonly x: HostTree; readonly y: HostTree }): string =>
  `train step ${step + 1}, batch x ${shapes(x)} y ${shapes(y)}`

const shapes = (tree: HostTree): string =>
  isNdArray(tree)
    ? format(tree.shape)
    : `{ ${Object.entries(tree).map(([key, child]) => `${key}: ${shapes(child)}`).join(", ")} }`
