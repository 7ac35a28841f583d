// error: is not assignable to type '"inputs gives { x, y }, head takes one tensor"'.
import { Layers } from "effect-neuron"

export const model = Layers.sequence(
  ["inputs", Layers.each({ x: Layers.identity, y: Layers.relu })],
  ["head", Layers.dense(1)]
)
