import { reshape as reshapeTensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fail, shapeOf } from "../backend/checks.ts"
import type { OptionType } from "../core/Kind.ts"
import { format, isKnown, size } from "../core/Shape.ts"
import type { Known } from "../core/Shape.ts"
import { kind, only } from "./kind.ts"
import { known, mismatch } from "./Layer.ts"
import type { Empty, Layer } from "./Layer.ts"
import { ofTensor } from "./ofTensor.ts"

/**
 * Each example as one row, in row-major order: from any shape to `[features]`. All dimensions have to be known: of
 * images of any size, `globalAvgPool2d` makes features.
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
  /* @__PURE__ */ ofTensor<Empty>({
    name: "flatten",
    init: (_, input) =>
      Result.map(known("flatten", "a shape", input), (shape) => ({ params: {}, output: [size(shape)] })),
    apply: (_, x) => reshapeTensor(x, [x.shape[0]!, size(x.shape.slice(1))])
  })
)

const targets: OptionType<Known> = {
  expected: "positive integers, at most one of them -1",
  parse: (u) =>
    Array.isArray(u) && u.every((n) => n === -1 || (Number.isSafeInteger(n) && n > 0)) &&
      u.filter((n) => n === -1).length < 2
      ? [...u] as Known
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
  given: (shape: Known) => [{ shape }],
  make: ({ shape }) => {
    const isOpen = shape.includes(-1), values = size(shape.filter((n) => n !== -1))
    return ofTensor<Empty>({
      name: "reshape",
      init: (_, input) => {
        // Where dimensions are not known, it shows with each batch.
        if (!isKnown(input)) return Result.succeed({ params: {}, output: shape.map((n) => n === -1 ? null : n) })
        const rest = size(input) / values
        if (!isOpen && rest !== 1) return mismatch("reshape", `${values} values for ${format(shape)}`, input)
        if (!Number.isInteger(rest)) {
          return mismatch("reshape", `a multiple of ${values} values for ${format(shape)}`, input)
        }
        return Result.succeed({ params: {}, output: shape.map((n) => n === -1 ? rest : n) })
      },
      apply: (_, x) => {
        const rest = size(x.shape.slice(1)) / values
        if (isOpen ? !Number.isInteger(rest) : rest !== 1) {
          fail("reshape", `${isOpen ? "a multiple of " : ""}${values} values for ${format(shape)}`, shapeOf(x))
        }
        return reshapeTensor(x, [x.shape[0]!, ...shape.map((n) => n === -1 ? rest : n)])
      }
    })
  }
})
