import type { Scalar, Tensor } from "@tensorflow/tfjs-core"
import { hasGradient } from "../autodiff/noGradient.ts"
import { valueAndGrad } from "../autodiff/valueAndGrad.ts"
import * as Key from "../core/Key.ts"
import * as Tree from "../core/Tree.ts"
import type { Measurement } from "../metrics/parts.ts"
import { comparing } from "./comparing.ts"
import { checkNames } from "./measuring.ts"
import type { Measurements } from "./measuring.ts"
import type { AnyMetric, SupervisedBatch, Supervision } from "./supervision.ts"

/** What a supervised step measures of a batch, and where in the data it stands. */
export type SupervisedMeasured<M> =
  & { readonly loss: Measurement }
  & Measurements<M>
  & { readonly size: number; readonly epoch: number; readonly endOfEpoch: boolean }

/** The first half of a step: where the loss of a batch falls, and what was seen on the way. */
export type Gradients<P extends Tree.Tree, S extends Tree.Tree, M> = {
  /** By the parameters, and of their structure. */
  readonly grads: P
  /** The running state of the model after the batch. */
  readonly state: S
  readonly measured: M
  /**
   * What the batch counts beside others: Σ weight of the values of the loss, their number where they count alike.
   */
  readonly weight: Scalar | number
  /**
   * The paths of the parameters that the loss does not depend on, those of `Layers.frozen` say: {@link update} leaves
   * them where they are, whatever was done to the gradients meanwhile.
   */
  readonly still?: ReadonlyArray<string>
}

/** What gradients are computed from: of a training state all but its optimizer's. */
export type Differentiable<P extends Tree.Tree, S extends Tree.Tree> = {
  readonly step: number
  readonly params: P
  readonly state: S
  readonly key: Key.Key
}

/**
 * Computes the gradients of a batch, a synchronous tensor program. `key` is the key of the step's randomness, by
 * default `Key.fold(current.key, current.step)`.
 */
export type ComputeGradients<P extends Tree.Tree, S extends Tree.Tree, B, M> = (
  current: Differentiable<P, S>,
  batch: B,
  key?: Key.Key
) => Gradients<P, S, M>

const nothing: ReadonlyArray<string> = []

const stillOf = (grads: Tree.Tree): ReadonlyArray<string> =>
  Tree.leaves(grads).every(hasGradient)
    ? nothing
    : Tree.entries(grads).flatMap(([path, gradient]) => hasGradient(gradient) ? [] : [path])

/**
 * The first half of supervised training: predict, compare, differentiate. What it gives is a synchronous tensor program
 * that changes nothing and disposes nothing, to be run inside `Backend.tensors` or made part of a {@link step}; with
 * {@link update}, the second half, it is {@link supervised}.
 *
 * Throws a `RangeError` for metrics of one name, and for names that are a step's own: `step`, `loss`, `size`, `epoch`,
 * `endOfEpoch`, `weight`. The program throws where the batch does not fit the model, where the loss or a metric gives
 * other shapes than they have to, and where weights or class indices are none.
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
  P extends Tree.Tree,
  S extends Tree.Tree,
  X extends Tree.Tree,
  Y extends Tree.Tree,
  T extends Tree.Tree = Tensor,
  M extends AnyMetric<Y, T> = never
>(
  supervision: Supervision<P, S, X, Y, T, M>
): ComputeGradients<P, S, SupervisedBatch<Tree.HostOf<X>, Tree.HostOf<T>>, SupervisedMeasured<M>> => {
  checkNames(supervision.metrics ?? [])
  return (current, batch, key = Key.fold(current.key, current.step)) => {
    const { compare, measure } = comparing(supervision, batch)
    const { aux, grads, value } = valueAndGrad((params: P) => {
      const { loss, ...aux } = compare(params, current.state, { training: true, key })
      return [loss, aux]
    })(current.params)
    const measured = {
      ...measure({ ...aux, loss: value }),
      epoch: batch.epoch ?? 0,
      endOfEpoch: batch.endOfEpoch ?? false
    }
    return { grads, state: aux.state, measured, weight: aux.weight, still: stillOf(grads) }
  }
}
