import type { Scalar, Tensor } from "@tensorflow/tfjs-core"
import { toTensors } from "../backend/host.ts"
import type { HostTree } from "../core/NdArray.ts"
import type { HostOf, Tree } from "../core/Tree.ts"
import type { Mode } from "../layers/Layer.ts"
import { remember } from "../losses/labels.ts"
import { weigh, weightedMean } from "../losses/weighted.ts"
import { countedTargets, lossOf, measureAll, sampleWeight } from "./measuring.ts"
import type { AnyMetric, SupervisedBatch, Supervision } from "./supervision.ts"

/** A prediction that was compared with its targets. */
type Compared<S, Y> = {
  /** The weighted mean of the loss. */
  readonly loss: Scalar
  /** Σ weight of its values, their number where they count alike. */
  readonly weight: Scalar | number
  readonly prediction: Y
  /** The running state of the model after the batch. */
  readonly state: S
}

/**
 * What a step and an evaluation do with a batch, as synchronous tensor programs: to compare what the model predicts
 * with the targets, and to measure what was compared.
 */
export const comparing = <
  P extends Tree,
  S extends Tree,
  X extends Tree,
  Y extends Tree,
  T extends Tree = Tensor,
  M extends AnyMetric<Y, T> = never
>(
  { loss, metrics = [], model }: Supervision<P, S, X, Y, T, M>,
  batch: SupervisedBatch<HostOf<X>, HostOf<T>>
) => {
  const { size } = batch, sample = sampleWeight(batch)
  const made = { x: batch.x as HostTree, y: countedTargets(batch) }, tensors = toTensors(made)
  const { x, y } = tensors as unknown as { readonly x: X; readonly y: T }
  // What a model hands on is known too, a mask say.
  remember(tensors, made)
  return {
    compare: (params: P, state: S, mode: Mode): Compared<S, Y> => {
      const [prediction, next] = model.apply(params, state, x, mode)
      const { values, weight } = weigh("the loss", loss(prediction, y), size, sample)
      const counted = weightedMean(values, weight)
      return { loss: counted.mean, weight: counted.weight, prediction, state: next }
    },
    measure: ({ loss, prediction, weight }: Omit<Compared<S, Y>, "state">) => ({
      loss: lossOf(loss, weight),
      ...measureAll(metrics, prediction, y, sample),
      size
    })
  }
}
