import { cast, gather } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fail } from "../backend/checks.ts"
import { positiveInteger } from "../core/Kind.ts"
import { normal } from "../initializers/distributions.ts"
import { initializer } from "../initializers/kind.ts"
import type { Initializer } from "../initializers/kind.ts"
import { kind } from "./kind.ts"
import { ofTensor } from "./ofTensor.ts"

/** The parameters of {@link embedding}: a `table` of `[size, features]`. */
export type Table = { readonly table: Tensor }

/** The options of {@link embedding}. */
export interface EmbeddingOptions {
  /** The number of different ids: classes, or words of a vocabulary. */
  readonly size: number
  /** The length of a vector. */
  readonly features: number
  /** By default `normal({ stddev: 1 })`, as in PyTorch. */
  readonly tableInitializer?: Initializer
}

/**
 * A vector for each id: from `[...]`, int32 from 0 to `size - 1`, to `[..., features]`; the label of an example, of
 * shape `[]`, becomes `[features]`, and words `[time]` become `[time, features]` (Bengio, Ducharme, Vincent, Jauvin: "A
 * neural probabilistic language model", 2003). Parameters: `table` of `[size, features]`. Ids have no gradient. `apply`
 * throws for an id out of range. Throws a `RangeError` for options that are not positive integers.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const params = { table: tf.tensor2d([[1, 2], [3, 4], [5, 6]]) }, labels = tf.tensor1d([2, 0], "int32")
 * const layer = Layers.embedding({ size: 3, features: 2 })
 * layer.apply(params, {}, labels, { training: false, key: Key.make(0) })[0].arraySync() // => [[5, 6], [1, 2]]
 * ```
 */
export const embedding = /* @__PURE__ */ kind("embedding", {
  options: {
    size: { type: positiveInteger },
    features: { type: positiveInteger },
    tableInitializer: { type: initializer, optional: true }
  },
  perStep: true,
  given: (options: EmbeddingOptions) => [options],
  make: ({ features, size, tableInitializer = normal({ stddev: 1 }) }) =>
    ofTensor<Table>({
      name: "embedding",
      multiplyAdds: () => 0,
      init: (key, input) =>
        Result.succeed({ params: { table: tableInitializer(key, [size, features]) }, output: [...input, features] }),
      apply: ({ table }, ids) => vectorsOf("embedding", table, ids)
    })
})

/** The rows of a table with these ids, `[..., features]`; `layer` is whose they are. */
export const vectorsOf = (layer: string, table: Tensor, ids: Tensor): Tensor => {
  if (ids.dtype === "string" || ids.dtype === "complex64") fail(layer, "ids as numbers", `ids of ${ids.dtype}`)
  try {
    return gather(table, ids.dtype === "int32" ? ids : cast(ids, "int32"))
  } catch (error) {
    // What reads the ids finds the one that is out of range.
    const found = error instanceof Error && /index value (-?\d+) is not in/.exec(error.message)
    if (found) return fail(layer, `ids from 0 to ${table.shape[0]! - 1}`, found[1]!)
    throw error
  }
}
