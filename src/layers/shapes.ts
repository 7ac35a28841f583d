import { reshape as reshapeTensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import type { OptionType } from "../core/Kind.ts"
import { format, size } from "../core/Shape.ts"
import type { Shape } from "../core/Shape.ts"
import { kind, only } from "./kind.ts"
import { mismatch, stateless } from "./Layer.ts"
import type { Empty, Layer } from "./Layer.ts"

/**
 * Each example as one row, in row-major order: from any shape to `[features]`.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * Result.getOrThrow(Layers.flatten.init(Key.make(0), [7, 7, 64])).output // => [3136]
 * ```
 */
export const flatten: Layer<Empty, Empty> = /* @__PURE__ */ only(
  "flatten",
  /* @__PURE__ */ stateless<Empty>({
    name: "flatten",
    init: (_, input) => Result.succeed({ params: {}, output: [size(input)] }),
    apply: (_, x) => reshapeTensor(x, [x.shape[0]!, size(x.shape.slice(1))])
  })
)

const targets: OptionType<Shape> = {
  expected: "positive integers, at most one of them -1",
  parse: (u) =>
    Array.isArray(u) && u.every((n) => n === -1 || (Number.isSafeInteger(n) && n > 0)) &&
      u.filter((n) => n === -1).length < 2
      ? [...u] as Shape
      : undefined,
  text: format
}

/**
 * Each example in another shape of the same size, in row-major order. One dimension may be -1: it follows from the
 * others. Throws a `RangeError` for dimensions that are neither positive integers nor one -1.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * Result.getOrThrow(Layers.reshape([28, -1, 1]).init(Key.make(0), [784])).output // => [28, 28, 1]
 * ```
 */
export const reshape = /* @__PURE__ */ kind("reshape", {
  options: { shape: { type: targets, bare: true } },
  given: (shape: Shape) => [{ shape }],
  make: ({ shape }) => {
    const isOpen = shape.includes(-1), known = size(shape.filter((n) => n !== -1))
    return stateless<Empty>({
      name: "reshape",
      init: (_, input) => {
        const rest = size(input) / known
        if (!isOpen && rest !== 1) return mismatch("reshape", `${known} values for ${format(shape)}`, input)
        if (!Number.isInteger(rest)) {
          return mismatch("reshape", `a multiple of ${known} values for ${format(shape)}`, input)
        }
        return Result.succeed({ params: {}, output: shape.map((n) => n === -1 ? rest : n) })
      },
      apply: (_, x) => {
        const rest = size(x.shape.slice(1)) / known
        return reshapeTensor(x, [x.shape[0]!, ...shape.map((n) => n === -1 ? rest : n)])
      }
    })
  }
})
