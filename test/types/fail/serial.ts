// error: type '"0 gives one tensor, 1 takes { x, y }"'.
import { Layers } from "effect-neuron"

export const model = Layers.serial(Layers.relu, Layers.concatenate("x", "y"))
