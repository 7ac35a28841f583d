// error: Type '"other"' is not assignable to type
import { Layers } from "effect-neuron"

export const model = Layers.graph({ inputs: "image" }, ["hidden", Layers.dense(2)], ["head", Layers.dense(1), "other"])
