import { positiveInteger } from "../core/check.ts"
import type { Tree } from "../core/Tree.ts"
import { configurationOf } from "./kind.ts"
import type { Any, Layer } from "./Layer.ts"

/** What {@link stateful} takes. */
export interface StatefulOptions {
  /** How many examples each batch has, for training; by default any number. */
  readonly batch?: number
}

/**
 * The same model, which goes on over time: what it gives for a piece of a sequence is what it gives for the whole at
 * these steps, to the bit, with the state that it gave for the piece before as its running state. All layers that can
 * carry a state over time do (`stateful` of {@link lstm}). Paths and parameters are those of the model, and a running
 * state of the model is one in which nothing is carried yet: weights that were trained without this run with it, and
 * the other way round.
 *
 * Without `batch` it starts with no state, for a batch of any size, and all that follow have that size. With `batch`
 * it starts with zeros for so many examples: a long sequence is trained in pieces, where the i-th example of each batch
 * is what follows the i-th of the one before, and gradients end where a piece does (truncated backpropagation through
 * time; Williams, Peng: "An efficient gradient-based algorithm for on-line training of recurrent network trajectories",
 * 1990). A checkpoint holds the state; the model itself evaluates the weights, from no state on, and with `fresh` in its
 * mode the stateful one begins anew.
 *
 * Throws a `RangeError` that names the layer for one that needs steps to come, or all at once, or does not say what it
 * does over time (`perStep` of {@link kind}), and for a `batch` that is no positive integer.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * const model = Layers.named({ memory: Layers.gru(4), head: Layers.dense(1) }), mode = { training: false, key: Key.make(0) }
 * const { params, state } = Result.getOrThrow(model.init(Key.make(1), [null, 2]))
 * const x = tf.ones<tf.Rank.R3>([1, 5, 2]), [start, end] = tf.split(x, [3, 2], 1)
 * const [whole] = model.apply(params, state, x, mode)
 * const going = Layers.stateful(model)
 * const [first, next] = going.apply(params, state, start!, mode)
 * const [second] = going.apply(params, next, end!, mode)
 * tf.all(tf.equal(tf.concat([first, second], 1), whole)).arraySync() // => 1
 * ```
 */
export const stateful = <P, S, X extends Tree, Y extends Tree>(
  model: Layer<P, S, X, Y>,
  { batch }: StatefulOptions = {}
): Layer<P, S, X, Y> => {
  if (batch !== undefined) positiveInteger("stateful", "batch", batch)
  return rebuilt(model, batch ?? true, "") as Layer<P, S, X, Y>
}

const rebuilt = (layer: Any, stateful: number | true, path: string): Any => {
  const configuration = configurationOf(layer)
  if (configuration === undefined) return refuse(layer, path, "is of no kind, which would say what it does over time")
  const { kind, options } = configuration, option = kind.options["stateful"]
  const perStep = kind.perStep?.(options) ?? false
  if (option === undefined && perStep === false) return refuse(layer, path, "cannot go on over time")
  if (option === undefined && perStep === true) return layer
  const children = perStep !== "children" ?
    configuration.children :
    configuration.children.map(([key, child]) =>
      [key, rebuilt(child, stateful, path === "" || key === "" ? path + key : `${path}.${key}`)] as const
    )
  if (option === undefined) return kind.make(options, children as never) as Any
  try {
    return kind.make({ ...options, stateful: option.type.parse(stateful) ?? true }, children as never) as Any
  } catch (error) {
    // What a kind says that cannot be made with a state.
    if (!(error instanceof RangeError)) throw error
    return refuse(layer, path, `cannot go on over time: ${error.message}`)
  }
}

const refuse = ({ name }: Any, path: string, why: string): never => {
  throw new RangeError(`stateful: ${path === "" ? name : `${path} (${name})`} ${why}`)
}
