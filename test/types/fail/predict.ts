// error: Property 'size' does not exist on type
import type { Tensor } from "@tensorflow/tfjs-core"
import { Stream } from "effect"
import { NdArray, Train } from "effect-neuron"
import type { Layers } from "effect-neuron"

declare const model: Layers.Layer<{}, {}, Tensor, { readonly mean: Tensor }>

export const sizes = Stream.make({ x: NdArray.make([1], [1, 1]), size: 1 }).pipe(
  Train.predict(model, { params: {}, state: {} }),
  Stream.map(({ size }) => size)
)
