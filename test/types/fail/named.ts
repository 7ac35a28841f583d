// error: is not assignable to type '"named takes layers of one tensor, joined takes { x, y }: see Layers.sequence"'.
import { Layers } from "effect-neuron"

export const model = Layers.named({ joined: Layers.concatenate("x", "y"), head: Layers.dense(1) })
