// error: is not assignable to type '"a is the name of a layer before it"'.
import { Layers } from "effect-neuron"

export const model = Layers.sequence(["a", Layers.dense(1)], ["b", Layers.relu], ["a", Layers.dense(1)])
