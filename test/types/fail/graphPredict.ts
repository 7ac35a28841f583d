// error: Type 'NdArray' is missing the following properties from type '{ readonly image: NdArray; readonly extra:
// NdArray; }'
import { Stream } from "effect"
import { Layers, NdArray, Train } from "effect-neuron"

const model = Layers.graph(
  { inputs: { image: "image", extra: "extra" } },
  ["joined", Layers.concatenate("0", "1"), ["image", "extra"]],
  ["head", Layers.dense(1)]
)
declare const weights: Train.Weights<Layers.Params<typeof model>, Layers.State<typeof model>>

export const predictions = Train.predict(Stream.make({ x: NdArray.make([1], [1, 1]) }), model, weights)
