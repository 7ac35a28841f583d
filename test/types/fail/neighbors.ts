// error: is not assignable to type '"inputs gives { x, y }, joined takes { x, z }"'.
import { Layers } from "effect-neuron"

export const model = Layers.sequence(
  ["inputs", Layers.each({ x: Layers.identity, y: Layers.embedding({ size: 10, features: 8 }) })],
  ["joined", Layers.concatenate("x", "z")],
  ["head", Layers.dense(1)]
)
