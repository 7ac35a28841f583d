// error: Type '"encoder.cells"' is not assignable to type
import { Layers } from "effect-neuron"

export const model = Layers.graph(
  { inputs: "x" },
  ["encoder", Layers.gru(4, { returns: "state" })],
  ["head", Layers.dense(1), "encoder.cells"]
)
