import type { HostTree, NdArray } from "../core/NdArray.ts"
import { format } from "../core/Shape.ts"
import { shapes } from "../core/Tree.ts"
import type { Tree } from "../core/Tree.ts"
import type { Layer } from "../layers/Layer.ts"
import type { Loss } from "../losses/Loss.ts"
import type { Metric } from "../metrics/Metric.ts"

/**
 * A batch of examples with their targets, stacked along the first dimension; `Pipeline.batch` makes it. By default both
 * are one array.
 */
export type SupervisedBatch<X extends HostTree = NdArray, Y extends HostTree = NdArray> = {
  readonly x: X
  readonly y: Y
  readonly size: number
  /**
   * What each example counts in losses and metrics, `[size]`, numbers of 0 or more; by default 1. The targets of an
   * example of 0 may be anything: those of one that counts stand in their place.
   */
  readonly weight?: NdArray
  /** Set by `Pipeline.epochs`, counted from 0. */
  readonly epoch?: number
  readonly endOfEpoch?: boolean
}

/** Any metric of predictions `Y` and targets `T`. */
export type AnyMetric<Y, T> = Metric<string, Y, T, unknown>

/** What is compared: the model, and the functions of its predictions and the targets. */
export interface Supervision<
  P extends Tree,
  S extends Tree,
  X extends Tree,
  Y extends Tree,
  T extends Tree,
  M extends AnyMetric<Y, T>
> {
  readonly model: Layer<P, S, X, Y>
  /** One loss per example or position; their mean, weighted where they or the batch have weights, is minimized. */
  readonly loss: Loss<Y, T>
  readonly metrics?: ReadonlyArray<M>
}

/** What a step is called in its errors: its number, and the shapes of its batch. */
export const describe = (
  { step }: { readonly step: number },
  { x, y }: { readonly x: HostTree; readonly y: HostTree }
): string => `train step ${step + 1}, batch x ${format(shapes(x))} y ${format(shapes(y))}`
