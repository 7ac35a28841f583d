// error: is not assignable to type '"joined is given { a }, and takes { a, b }"'.
import { Layers } from "effect-neuron"

export const model = Layers.graph(
  { inputs: "image" },
  ["hidden", Layers.dense(2)],
  ["joined", Layers.concatenate("a", "b"), { a: "image" }]
)
