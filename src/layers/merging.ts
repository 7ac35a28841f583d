import { add as addTensors, mul } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fail, shapeOf } from "../backend/checks.ts"
import type { Kind } from "../core/Kind.ts"
import { equals, format, isShape, unify } from "../core/Shape.ts"
import type { Shape } from "../core/Shape.ts"
import { isTensor } from "../core/Tree.ts"
import { keysOfOperands } from "./concatenate.ts"
import type { Operands } from "./concatenate.ts"
import { kind } from "./kind.ts"
import { make, mismatch } from "./Layer.ts"
import type { Empty, Layer } from "./Layer.ts"
import { partsOf, shapesOf } from "./partsOf.ts"

/** Layers of two or more inputs of one shape, value by value. */
const merging = (name: string, merge: (x: Tensor, y: Tensor) => Tensor) =>
  kind(name, {
    options: { keys: { type: keysOfOperands(2, "at least two keys"), bare: true } },
    perStep: true,
    given: (...keys: ReadonlyArray<string | number>) => [{ keys }],
    make: ({ keys }) =>
      make<Empty, Empty, Operands<string | number>>({
        name,
        init: (_, input) =>
          Result.gen(function*() {
            const shapes = yield* shapesOf(name, keys, input, isShape)
            let output: Shape = shapes[0]!
            for (const [i, shape] of shapes.entries()) {
              const both = unify(output, shape)
              if (both === undefined) return yield* mismatch(name, ofOneShape(keys[i]!, output), shape)
              output = both
            }
            return { params: {}, state: {}, output }
          }),
        apply: (_, state, x) => {
          const parts = partsOf(name, keys, x, isTensor), { shape } = parts[0]!
          // Where dimensions were not known, it shows here: tensors of other shapes would be repeated, or not at all.
          const other = parts.findIndex((part) => !equals(part.shape, shape))
          if (other !== -1) fail(name, ofOneShape(keys[other]!, shape), shapeOf(parts[other]!))
          return [parts.reduce(merge), state]
        }
      })
  })

const ofOneShape = (key: string | number, shape: Shape): string =>
  `${key} of ${format(shape)}, the shape of what stands before it`

type Merging =
  & (<const K extends string | number>(
    first: K,
    second: K,
    ...more: ReadonlyArray<K>
  ) => Layer<Empty, Empty, Operands<K>>)
  & Kind

/**
 * The sum of several inputs of one shape: of the tensors under the given keys of a record (or tuple). With it a graph
 * has connections past some of its layers (He, Zhang, Ren, Sun: "Deep residual learning for image recognition", 2016);
 * past one layer that keeps the shape, {@link residual} says it shorter. What lies beside the inputs, such as a mask,
 * goes on under its own name in a graph. Throws a `RangeError` for fewer than two keys.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * // A residual block that halves the image: the short way has a convolution too.
 * const block = Layers.graph(
 *   { inputs: "image" },
 *   ["conv1", Layers.conv2d({ filters: 16, kernelSize: 3, strides: 2 })],
 *   ["relu1", Layers.relu],
 *   ["conv2", Layers.conv2d({ filters: 16, kernelSize: 3 })],
 *   ["short", Layers.conv2d({ filters: 16, kernelSize: 1, strides: 2 }), "image"],
 *   ["sum", Layers.add("0", "1"), ["conv2", "short"]],
 *   ["relu2", Layers.relu]
 * )
 * Result.getOrThrow(block.init(Key.make(0), [28, 28, 8])).output // => [14, 14, 16]
 * ```
 */
export const add = /* @__PURE__ */ merging("add", (x, y) => addTensors(x, y)) as Merging

/**
 * The product, value by value, of several inputs of one shape: of the tensors under the given keys of a record (or
 * tuple). One of them opens and closes the other where it is between 0 and 1 (Dauphin, Fan, Auli, Grangier: "Language
 * modeling with gated convolutional networks", 2017). Throws a `RangeError` for fewer than two keys.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const gated = Layers.serial(
 *   Layers.each({ x: Layers.identity, gate: Layers.sigmoid }),
 *   Layers.multiply("x", "gate")
 * )
 * const states = [{ x: {}, gate: {} }, {}] as const, mode = { training: false, key: Key.make(0) }
 * const inputs = { x: tf.tensor2d([[3, 5]]), gate: tf.tensor2d([[0, 100]]) }
 * gated.apply(states, states, inputs, mode)[0].arraySync() // => [[1.5, 5]]
 * ```
 */
export const multiply = /* @__PURE__ */ merging("multiply", (x, y) => mul(x, y)) as Merging
