import { cast, div, expandDims, greater, max, maximum, mean, mul, sum, where, zerosLike } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fail, shapeOf } from "../backend/checks.ts"
import { oneOf, positiveInteger } from "../core/Kind.ts"
import type { Kind } from "../core/Kind.ts"
import { normal } from "../initializers/distributions.ts"
import { initializer } from "../initializers/kind.ts"
import { vectorsOf } from "./embedding.ts"
import type { EmbeddingOptions, Table } from "./embedding.ts"
import { kind } from "./kind.ts"
import { make, mismatch } from "./Layer.ts"
import type { Empty, Layer } from "./Layer.ts"
import { partsIn, shapeIn } from "./masked.ts"
import type { Sequence } from "./masked.ts"

/** What {@link embeddingBag} makes of the vectors of a bag. */
export type Combiner = "mean" | "sum" | "max"

/** The options of {@link embeddingBag}. */
export interface EmbeddingBagOptions extends EmbeddingOptions {
  /** By default `"mean"`. */
  readonly combiner?: Combiner
}

/**
 * One vector for a bag of ids, whose order does not count: the mean, the sum or the greatest values of the vectors of
 * its ids, from `[ids]`, int32 from 0 to `size - 1`, to `[features]` (Joulin, Grave, Bojanowski, Mikolov: "Bag of tricks
 * for efficient text classification", 2017). A mask, `Layers.embeddingBag<Layers.Masked>({ ... })`, says which ids are
 * in the bag. A bag without any is 0. Parameters: `table` of `[size, features]`. Ids have no gradient. `apply` throws for
 * an id out of range, also where the mask is 0. Throws a `RangeError` for options that are not positive integers.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const params = { table: tf.tensor2d([[1, 2], [3, 4], [5, 6]]) }, mode = { training: false, key: Key.make(0) }
 * const bag = Layers.embeddingBag<Layers.Masked>({ size: 3, features: 2 })
 * const words = { x: tf.tensor2d([[2, 0, 0]], [1, 3], "int32"), mask: tf.tensor2d([[1, 1, 0]]) }
 * bag.apply(params, {}, words, mode)[0].arraySync() // => [[3, 4]]
 * ```
 */
export const embeddingBag = /* @__PURE__ */ kind("embeddingBag", {
  options: {
    size: { type: positiveInteger },
    features: { type: positiveInteger },
    combiner: { type: /* @__PURE__ */ oneOf("mean", "sum", "max"), default: "mean" },
    tableInitializer: { type: initializer, optional: true }
  },
  given: (options: EmbeddingBagOptions) => [options],
  make: ({ combiner, features, size, tableInitializer = normal({ stddev: 1 }) }) =>
    make<Table, Empty, Sequence, Tensor>({
      name: "embeddingBag",
      multiplyAdds: () => 0,
      init: (key, input) =>
        Result.gen(function*() {
          const shape = yield* shapeIn("embeddingBag", input)
          if (shape.length === 0) return yield* mismatch("embeddingBag", "[..., ids]", shape)
          const params = { table: tableInitializer(key, [size, features]) }
          return { params, state: {}, output: [...shape.slice(0, -1), features] }
        }),
      apply: ({ table }, state, given) => {
        const { mask, x } = partsIn("embeddingBag", given)
        if (x.rank < 2) fail("embeddingBag", "x [batch, ..., ids]", shapeOf(x))
        const vectors = vectorsOf("embeddingBag", table, x)
        if (x.shape.at(-1) === 0) return [sum(vectors, -2), state]
        if (mask === undefined) return [combined[combiner](vectors), state]
        if (mask.rank !== x.rank) fail("embeddingBag", `a mask of ${shapeOf(x)}, as its x`, shapeOf(mask))
        return [combinedWhere[combiner](vectors, expandDims(cast(greater(mask, 0), "float32"), -1)), state]
      }
    })
}) as (<X extends Sequence = Tensor>(options: EmbeddingBagOptions) => Layer<Table, Empty, NoInfer<X>, Tensor>) & Kind

const combined: { readonly [C in Combiner]: (vectors: Tensor) => Tensor } = {
  mean: (vectors) => mean(vectors, -2),
  sum: (vectors) => sum(vectors, -2),
  max: (vectors) => max(vectors, -2)
}

const combinedWhere: { readonly [C in Combiner]: (vectors: Tensor, mask: Tensor) => Tensor } = {
  mean: (vectors, mask) => div(sum(mul(vectors, mask), -2), maximum(sum(mask, -2), 1)),
  sum: (vectors, mask) => sum(mul(vectors, mask), -2),
  max: (vectors, mask) => {
    const greatest = max(where(cast(mask, "bool"), vectors, LEAST), -2)
    return where(cast(sum(mask, -2), "bool"), greatest, zerosLike(greatest))
  }
}

// Less than what any vector has, and finite, so that a bag without ids has finite gradients.
const LEAST = -3.4e38
