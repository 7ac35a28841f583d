// error: Expected at least 2 arguments, but got 1.
import { Layers } from "effect-neuron"

export const layer = Layers.multiply("a")
