import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { asTensor } from "../backend/checks.ts"
import { format, isShape } from "../core/Shape.ts"
import type { Tree } from "../core/Tree.ts"
import { kindOf, mismatch, stateless } from "./Layer.ts"
import type { Empty, Layer } from "./Layer.ts"

/** A layer of one tensor that fails for anything else: types forbid it, descriptions and data do not. */
export const guarded = <P, S>(layer: Layer<P, S>): Layer<P, S> => {
  const { apply, init, name } = layer, kind = kindOf(name)
  return {
    ...layer,
    init: (key, input) => isShape(input) ? init(key, input) : mismatch(kind, "a tensor", format(input)),
    apply: (params, state, x, mode) => apply(params, state, asTensor(kind, x), mode)
  }
}

/** A layer of one tensor, {@link guarded}, without running state. */
export const ofTensor = <P extends Tree>(layer: Parameters<typeof stateless<P>>[0]): Layer<P, Empty> =>
  guarded(stateless<P>(layer))

/**
 * Makes a layer of a function that keeps the shape of its tensor and has nothing to learn.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const softsign = Layers.activation("softsign", (x) => tf.div(x, tf.add(1, tf.abs(x))))
 * const [y] = softsign.apply({}, {}, tf.tensor1d([-1, 3]), { training: false, key: Key.make(0) })
 * y.arraySync() // => [-0.5, 0.75]
 * ```
 */
export const activation = (name: string, f: (x: Tensor) => Tensor): Layer<Empty, Empty> =>
  ofTensor<Empty>({
    name,
    init: (_, input) => Result.succeed({ params: {}, output: input }),
    apply: (_, x) => f(x)
  })
