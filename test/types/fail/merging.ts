// error: is not assignable to type '"sum is given a tuple of 1, and takes { 0, 1 }"'.
import { Layers } from "effect-neuron"

export const model = Layers.graph({ inputs: "image" }, ["hidden", Layers.dense(2)], ["sum", Layers.add("0", "1"), [
  "image"
]])
