import { add } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fail, found } from "../backend/checks.ts"
import type { Kind } from "../core/Kind.ts"
import { equals, format, isShape, unify } from "../core/Shape.ts"
import type { Shape } from "../core/Shape.ts"
import { isTensor } from "../core/Tree.ts"
import { kind } from "./kind.ts"
import { mismatch } from "./Layer.ts"
import type { Any, Layer } from "./Layer.ts"
import { guarded } from "./ofTensor.ts"

/**
 * Adds what goes into a layer to what comes out of it: y = x + f(x), with parameters, running state and paths of the
 * layer itself (He, Zhang, Ren, Sun: "Deep residual learning for image recognition", 2016). The layer has to keep the
 * shape.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const layer = Layers.residual(Layers.relu)
 * layer.apply({}, {}, tf.tensor1d([-1, 2]), { training: false, key: Key.make(0) })[0].arraySync() // => [-1, 4]
 * ```
 */
export const residual = /* @__PURE__ */ kind("residual", {
  options: {},
  children: "one",
  perStep: "children",
  given: (layer: Any) => [{}, [["", layer]]],
  make: (_, children) => guarded(around(children[0]![1]))
}) as (<P, S>(layer: Layer<P, S>) => Layer<P, S>) & Kind

const keeps = (shape: Shape): string => `a layer that keeps the shape ${format(shape)}`
const gives = (given: string): string => `one that gives ${given}`

const around = <P, S>(layer: Layer<P, S>): Layer<P, S> => ({
  name: "residual",
  init: (key, input) =>
    Result.flatMap(layer.init(key, input), (initial) => {
      const output = isShape(initial.output) ? unify(input, initial.output) : undefined
      return output === undefined
        ? mismatch("residual", keeps(input), gives(format(initial.output)))
        : Result.succeed({ ...initial, output })
    }),
  apply: (params, state, x, mode) => {
    const [y, next] = layer.apply(params, state, x, mode)
    // Where dimensions were not known, it shows here; a sum would repeat what has one of them.
    if (!(isTensor(y) && equals(x.shape, y.shape))) fail("residual", keeps(x.shape), gives(found(y)))
    return [add(x, y), next]
  }
})
