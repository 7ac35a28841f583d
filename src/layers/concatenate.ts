import { concat, reshape, tile } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fail } from "../backend/checks.ts"
import type { Kind, OptionType } from "../core/Kind.ts"
import { format, isShape, unify } from "../core/Shape.ts"
import type { Known, Shape } from "../core/Shape.ts"
import { isTensor, shapes } from "../core/Tree.ts"
import { kind } from "./kind.ts"
import { make, mismatch } from "./Layer.ts"
import type { Empty, Layer } from "./Layer.ts"
import { partsOf, shapesOf } from "./partsOf.ts"

/**
 * What {@link concatenate}, {@link add} and {@link multiply} take: a record, or a tuple, with a tensor under each key.
 */
export type Operands<K extends string | number> = { readonly [key in K]: Tensor }

/** The keys of what is merged. */
export const keysOfOperands = (least: number, expected: string): OptionType<ReadonlyArray<string | number>> => ({
  expected,
  parse: (u) =>
    Array.isArray(u) && u.length >= least && u.every((key) => typeof key === "string" || Number.isSafeInteger(key))
      ? [...u] as ReadonlyArray<string | number>
      : undefined,
  text: (keys) => keys.join(", ")
})

/**
 * Several inputs as one: the tensors under the given keys of a record (or tuple), in the order of the keys, one after
 * the other along the last axis. One with fewer axes is repeated over the leading axes that it lacks: a label
 * `[classes]` beside an image `[height, width, channels]` is at every pixel, as the critics of conditional adversarial
 * networks take it (Mirza, Osindero: "Conditional generative adversarial nets", 2014; Reed et al.: "Generative
 * adversarial text to image synthesis", 2016). All other axes have to be equal. Throws a `RangeError` when there is no
 * key.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * const critic = Layers.serial(
 *   Layers.concatenate("x", "y"),
 *   Layers.conv2d({ filters: 64, kernelSize: 4, strides: 2 }),
 *   Layers.leakyRelu(),
 *   Layers.flatten,
 *   Layers.dense(1)
 * )
 * const { params } = Result.getOrThrow(critic.init(Key.make(0), { x: [28, 28, 1], y: [10] }))
 * params[1].kernel.shape // => [4, 4, 11, 64]
 * ```
 */
export const concatenate = /* @__PURE__ */ kind("concatenate", {
  options: { keys: { type: /* @__PURE__ */ keysOfOperands(1, "at least one key"), bare: true } },
  perStep: true,
  given: (...keys: ReadonlyArray<string | number>) => [{ keys }],
  make: ({ keys }) =>
    make<Empty, Empty, Operands<string | number>>({
      name: "concatenate",
      init: (_, input) =>
        Result.flatMap(shapesOf("concatenate", keys, input, isShape), (given) => {
          const lead = leadingAxes(given)
          return lead === undefined
            ? mismatch("concatenate", takes, format(input))
            : Result.succeed({ params: {}, state: {}, output: [...lead, features(given)] })
        }),
      apply: (_, state, x) => {
        const parts = partsOf("concatenate", keys, x, isTensor)
        const lead = leadingAxes(parts.map(({ shape }) => shape.slice(1))) ??
          fail("concatenate", takes, format(shapes(x)))
        return [concat(parts.map((part) => repeated(part, lead)), lead.length + 1), state]
      }
    })
}) as (<const K extends string | number>(...keys: ReadonlyArray<K>) => Layer<Empty, Empty, Operands<K>>) & Kind

const takes = "inputs of one shape up to their last axis, or with fewer leading axes"

/** All axes but the last of the input that has most of them, when the others agree. */
const leadingAxes = <S extends Shape>(shapes: ReadonlyArray<S>): S | undefined => {
  const most = shapes.reduce((most, shape) => shape.length > most.length ? shape : most).slice(0, -1)
  return shapes.reduce<Shape | undefined>((lead, shape) => {
    if (lead === undefined || shape.length === 0) return undefined
    const lacking = lead.slice(0, lead.length + 1 - shape.length)
    return unify(lead, [...lacking, ...shape.slice(0, -1)])
  }, most) as S | undefined
}

/** How many values all inputs have along their last axis. */
export const features = (shapes: ReadonlyArray<Shape>): number | null =>
  shapes.reduce<number | null>((total, shape) => total === null ? null : addTo(total, shape.at(-1)!), 0)

const addTo = (total: number, more: number | null): number | null => more === null ? null : total + more

/** A batch with the leading axes that its examples lack. */
const repeated = (x: Tensor, lead: Known): Tensor => {
  const [batch, ...own] = x.shape as [number, ...Array<number>]
  const lacking = lead.slice(0, lead.length + 1 - own.length)
  if (lacking.length === 0) return x
  const once = reshape(x, [batch, ...lacking.map(() => 1), ...own])
  return tile(once, [1, ...lacking, ...own.map(() => 1)])
}
