import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect, Stream } from "effect"
import { Losses, Metrics, NdArray, Train } from "effect-neuron"
import type { Layers } from "effect-neuron"

declare const model: Layers.Layer<
  {},
  {},
  { readonly a: Tensor },
  { readonly mean: Tensor; readonly parts: ReadonlyArray<Tensor> }
>
declare const one: Layers.Layer<{}, {}>
const weights = { params: {}, state: {} }, x = NdArray.make([1], [1, 1])

const trees = Stream.make({ x: { a: x }, name: "first" })
export const predictions = trees.pipe(
  Train.predict(model, weights),
  Stream.map(({ mean, parts }): ReadonlyArray<NdArray.NdArray> => [mean, ...parts])
)
export const beside = Train.predict(trees, model, weights, { withBatch: true }).pipe(
  Stream.map(({ name, prediction }): readonly [string, NdArray.NdArray] => [name, prediction.mean])
)
export const accuracy = Stream.make({ x, y: x, size: 1 }).pipe(
  Train.evaluate({ model: one, loss: Losses.meanSquaredError, metrics: [Metrics.accuracy] }, weights),
  Effect.map(({ accuracy, loss }): number => accuracy + loss)
)
