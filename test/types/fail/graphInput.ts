// error: is missing the following properties from type '{ readonly image: Shape; readonly extra: Shape; }': image,
// extra
import { Key, Layers, Optimizers, Train } from "effect-neuron"

const model = Layers.graph(
  { inputs: { image: "image", extra: "extra" } },
  ["joined", Layers.concatenate("0", "1"), ["image", "extra"]],
  ["head", Layers.dense(1)]
)
export const state = Train.init({ model, optimizer: Optimizers.sgd(0.1), input: [3], key: Key.make(1) })
