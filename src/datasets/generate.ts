import { Stream } from "effect"
import { naturalNumber } from "../core/check.ts"
import type { HostTree } from "../core/NdArray.ts"
import type { ShapeOf } from "../core/Tree.ts"
import type { Dataset, Split, SupervisedExample } from "./Dataset.ts"

const chunkSize = 64

/** A stream of `size` elements that are computed chunk by chunk. */
export const indexed = <A>(size: number, element: (i: number) => A): Stream.Stream<A> =>
  Stream.range(0, size - 1).pipe(Stream.rechunk(chunkSize), Stream.map((i) => element(i)))

/**
 * A data set whose examples are computed when they are asked for: `example` gives the `i`-th one of a split and always
 * gives the same. Throws a `RangeError` for sizes that are no integers from 0.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Datasets, NdArray } from "effect-neuron"
 *
 * const doubles = Datasets.generate({
 *   name: "doubles",
 *   shapes: { x: [1], y: [1] },
 *   sizes: { train: 100, test: 10 },
 *   example: (split, i) => ({ x: NdArray.make([i], [1]), y: NdArray.make([2 * i], [1]) })
 * })
 * const last = Effect.runSync(Stream.runCollect(doubles.train)).at(-1)!
 * last.y.data // => Float32Array.of(198)
 * ```
 */
export const generate = <X extends HostTree, Y extends HostTree>(options: {
  readonly name: string
  readonly shapes: { readonly x: NoInfer<ShapeOf<X>>; readonly y: NoInfer<ShapeOf<Y>> }
  readonly classes?: ReadonlyArray<string>
  readonly sizes: { readonly train: number; readonly test: number }
  readonly example: (split: Split, i: number) => SupervisedExample<X, Y>
}): Dataset<X, Y> => {
  const { classes = [], example, name, shapes, sizes } = options
  naturalNumber(name, "sizes.train", sizes.train)
  naturalNumber(name, "sizes.test", sizes.test)
  return {
    name,
    shapes,
    classes,
    sizes,
    train: indexed(sizes.train, (i) => example("train", i)),
    test: indexed(sizes.test, (i) => example("test", i))
  }
}
