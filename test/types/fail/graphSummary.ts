// error: is missing the following properties from type '{ readonly image: Shape; readonly extra: Shape; }': image,
// extra
import { Layers } from "effect-neuron"

const model = Layers.graph(
  { inputs: { image: "image", extra: "extra" } },
  ["joined", Layers.concatenate("0", "1"), ["image", "extra"]],
  ["head", Layers.dense(1)]
)
export const summary = Layers.summary(model, [3])
