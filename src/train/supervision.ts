import type { Tensor } from "@tensorflow/tfjs-core"
import type { HostTree } from "../core/NdArray.ts"
import { format } from "../core/Shape.ts"
import { shapes } from "../core/Tree.ts"
import type { Tree } from "../core/Tree.ts"
import type { Layer } from "../layers/Layer.ts"
import type { Metric } from "../metrics/Metric.ts"

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

/** What a step is called in its errors: its number, and the shapes of its batch. */
export const describe = (
  { step }: { readonly step: number },
  { x, y }: { readonly x: HostTree; readonly y: HostTree }
): string => `train step ${step + 1}, batch x ${format(shapes(x))} y ${format(shapes(y))}`
