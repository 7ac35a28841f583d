import { Stream } from "effect"
import type { HostTree } from "../core/NdArray.ts"
import type { Dataset } from "./Dataset.ts"

/** A data set with the first `count` of its examples to train with. */
export const firstOf = <X extends HostTree, Y extends HostTree, E, R>(
  dataset: Dataset<X, Y, E, R>,
  count: number
): Dataset<X, Y, E, R> => ({
  ...dataset,
  sizes: { ...dataset.sizes, train: Math.min(count, dataset.sizes.train) },
  train: Stream.take(dataset.train, count)
})
