import { Result } from "effect"
import type { Effect } from "effect"
import type { Backend } from "../backend/Backend.ts"
import type { ShapeError, TensorError } from "../core/errors.ts"
import * as Key from "../core/Key.ts"
import type { ShapeOf, Tree } from "../core/Tree.ts"
import { initialize } from "../layers/initialize.ts"
import type { Layer } from "../layers/Layer.ts"
import type { Weights } from "./predict.ts"

/**
 * The parameters and the running state of a model, without an optimizer: to predict with, and what a checkpoint is read
 * into. Those of the same key are the ones that {@link init} begins with. `key`, by default that of seed 0, does not
 * matter where they are only read into. The caller owns their tensors.
 *
 * Fails with a `ShapeError` that names the layer when the model cannot take examples of the shape `input`.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Backend, Checkpoint, Layers, NdArray, Train, Tree } from "effect-neuron"
 *
 * const model = Layers.dense(3)
 * const loaded = Checkpoint.loadScoped("runs/line/model.safetensors", Train.weights(model, { input: [2] }), { subset: true })
 * const predictions = Effect.flatMap(loaded, (weights) =>
 *   Stream.make({ x: NdArray.make([1, 2], [1, 2]) }).pipe(Train.predict(model, weights), Stream.runCollect))
 * const fresh = Effect.map(Train.weights(model, { input: [2] }), Tree.shapes)
 * await Effect.runPromise(Effect.provide(fresh, Backend.layerWasm))
 * // => { params: { kernel: [2, 3], bias: [3] }, state: {} }
 * ```
 */
export const weights = <P extends Tree, S extends Tree, X extends Tree, Y extends Tree>(
  model: Layer<P, S, X, Y>,
  { input, key = Key.make(0) }: {
    /** The shape of one example, without the batch dimension. */
    readonly input: ShapeOf<X>
    readonly key?: Key.Key
  }
): Effect.Effect<Weights<P, S>, ShapeError | TensorError, Backend> =>
  initialize(() => Result.map(initialWeights(model, input, key)[1](), ({ params, state }) => ({ params, state })))

/** What makes the first parameters and running state of a model, behind the key for training. */
export const initialWeights = <P extends Tree, S extends Tree, X extends Tree, Y extends Tree>(
  model: Layer<P, S, X, Y>,
  input: ShapeOf<X>,
  key: Key.Key
) => {
  const [initKey, trainKey] = Key.split(key)
  return [trainKey, () => model.init(initKey, input)] as const
}
