import { matMul, reshape } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fail, shapeOf } from "../backend/checks.ts"
import { fold } from "../core/Key.ts"
import { oneOf, positiveInteger } from "../core/Kind.ts"
import type { Kind } from "../core/Kind.ts"
import { format, size as sizeOf } from "../core/Shape.ts"
import type { ShapeTree } from "../core/Shape.ts"
import type { Tree } from "../core/Tree.ts"
import { normal } from "../initializers/distributions.ts"
import { initializer } from "../initializers/kind.ts"
import { applyChild, initChild } from "./children.ts"
import type { Children } from "./children.ts"
import { vectorsOf } from "./embedding.ts"
import type { EmbeddingOptions } from "./embedding.ts"
import { kind } from "./kind.ts"
import type { Masked } from "./lambda.ts"
import { make, mismatch } from "./Layer.ts"
import type { Any, Layer } from "./Layer.ts"
import { inPlaceOf, partsIn, shapeIn } from "./masked.ts"
import type { Sequence } from "./masked.ts"

/** The options of {@link tied}. */
export interface TiedOptions extends EmbeddingOptions {
  /** Logits, or what they are made of: {@link HiddenAndTable}. By default `"logits"`. */
  readonly returns?: "logits" | "hidden"
}

/**
 * What the body gives, `[batch, ..., features]`, and the table, `[size, features]`, of which logits are the product: for
 * a loss that never has all logits in memory; and the mask, where the ids have one.
 */
export type HiddenAndTable<X = Tensor> = X extends Masked ?
  { readonly hidden: Tensor; readonly table: Tensor; readonly mask: Tensor }
  : { readonly hidden: Tensor; readonly table: Tensor }

/**
 * A layer of ids between a table of vectors and the same table: from ids `[...]`, of `size` different ones, to their
 * vectors, `[..., features]`, through the body, which gives as many features, and to logits `[..., size]`, the products
 * with all vectors (Press, Wolf: "Using the output embedding to improve language models", 2017). So a language model
 * learns one table in place of an {@link embedding} and a {@link dense} layer. Takes ids with a mask too, when its body
 * does. Parameters: `table` of `[size, features]`, by default normal values of deviation 0.02, and those of `body`.
 * `apply` throws for an id out of range. Throws a `RangeError` for a size or features that are no positive integers.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * const gpt = Layers.tied(
 *   { size: 1000, features: 32 },
 *   Layers.sequence(
 *     ["positions", Layers.positions({ length: 64 })],
 *     ["blocks", Layers.transformerEncoder({ layers: 2, features: 32, heads: 4, causal: true })]
 *   )
 * )
 * const { output, params } = Result.getOrThrow(gpt.init(Key.make(0), [null]))
 * output // => [null, 1000]
 * params.table.shape // => [1000, 32]
 * ```
 */
export const tied = /* @__PURE__ */ kind("tied", {
  options: {
    size: { type: positiveInteger },
    features: { type: positiveInteger },
    returns: { type: /* @__PURE__ */ oneOf("logits", "hidden"), default: "logits" },
    tableInitializer: { type: initializer, optional: true }
  },
  children: "record",
  perStep: "children",
  given: (options: TiedOptions, body: Any) => [options, [["body", body]]],
  make: ({ features, returns, size, tableInitializer = normal({ stddev: 0.02 }) }, children) => {
    const body = bodyOf(children)
    return make<{ readonly table: Tensor; readonly body: Tree }, { readonly body: Tree }, Sequence, Tree>({
      name: "tied",
      multiplyAdds: (_, __, output, inside) => {
        const positions = returns === "hidden" ? 0 : sizeOf(Result.getOrThrow(shapeIn("tied", output)).slice(0, -1))
        return positions === null || inside === null ? null : inside + positions * size * features
      },
      init: (key, input) =>
        Result.gen(function*() {
          const shape = yield* shapeIn("tied", input)
          const initial = yield* initChild(body, 0, key, inPlaceOf(input, [...shape, features]) as ShapeTree)
          const hidden = yield* shapeIn("tied", initial.output as ShapeTree)
          if (hidden.at(-1) !== features) {
            return yield* mismatch("tied", `a body that gives [..., ${features}]`, `one that gives ${format(hidden)}`)
          }
          const table = tableInitializer(fold(key, 1), [size, features]), mask = "mask" in input && { mask: input.mask }
          return {
            params: { table, body: initial.params as Tree },
            state: { body: initial.state as Tree },
            output: returns === "hidden"
              ? { hidden, table: table.shape, ...mask }
              : inPlaceOf(initial.output as typeof input, [...hidden.slice(0, -1), size])
          }
        }),
      apply: ({ body: params, table }, state, given, mode) => {
        const vectors = inPlaceOf(given, vectorsOf("tied", table, partsIn("tied", given).x))
        const [y, next] = applyChild(body, 0, params, state.body, vectors, mode)
        const { mask, x: hidden } = partsIn("tied", y as Sequence), width = table.shape[1]!
        if (hidden.shape.at(-1) !== width) {
          fail("tied", `a body that gives [..., ${width}]`, `one that gives ${shapeOf(hidden)}`)
        }
        const carried = { body: next as Tree }
        if (returns === "hidden") return [{ hidden, table, ...(mask && { mask }) }, carried]
        const logits = matMul(reshape(hidden, [-1, width]), table as typeof hidden, false, true)
        return [inPlaceOf(y as Sequence, reshape(logits, [...hidden.shape.slice(0, -1), table.shape[0]!])), carried]
      }
    })
  }
}) as
  & {
    <P, S, X extends Sequence>(
      options: TiedOptions & { readonly returns: "hidden" },
      body: Layer<P, S, X, X>
    ): Layer<{ readonly table: Tensor; readonly body: P }, { readonly body: S }, X, HiddenAndTable<X>>
    <P, S, X extends Sequence>(
      options: TiedOptions & { readonly returns?: "logits" },
      body: Layer<P, S, X, X>
    ): Layer<{ readonly table: Tensor; readonly body: P }, { readonly body: S }, X, X>
  }
  & Kind

const bodyOf = (children: Children): Children[number] => {
  const [body, ...rest] = children
  if (body?.[0] === "body" && rest.length === 0) return body
  throw new RangeError(`tied: the child is body, got ${children.map(([name]) => name).join(", ")}`)
}
