import { add } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { equals, format } from "../core/Shape.ts"
import { mismatch } from "./Layer.ts"
import type { Layer } from "./Layer.ts"

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
export const residual = <P, S>(layer: Layer<P, S>): Layer<P, S> => ({
  name: `residual(${layer.name})`,
  init: (key, input) =>
    Result.flatMap(layer.init(key, input), (initial) =>
      equals(input, initial.output)
        ? Result.succeed(initial)
        : mismatch(
          "residual",
          `a layer that keeps the shape ${format(input)}`,
          `one that gives ${format(initial.output)}`
        )),
  apply: (params, state, x, mode) => {
    const [y, next] = layer.apply(params, state, x, mode)
    return [add(x, y), next]
  }
})
