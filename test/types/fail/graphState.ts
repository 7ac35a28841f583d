// error: is not assignable to type '"decoder is given one tensor, and takes { state, x }"'.
import { Layers } from "effect-neuron"

export const model = Layers.graph(
  { inputs: "x" },
  ["encoder", Layers.gru(4, { returns: "state" })],
  ["decoder", Layers.gru<Layers.Resumed>(4), "encoder.x"]
)
