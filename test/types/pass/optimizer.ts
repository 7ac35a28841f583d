import { neg } from "@tensorflow/tfjs-core"
import { Optimizers, Tree } from "effect-neuron"

// A state of its own type, without a cast.
export const counting = Optimizers.make<{ readonly steps: number }>({
  init: () => ({ steps: 0 }),
  update: (updates, { steps }) => [Tree.map(updates, (g) => neg(g)), { steps: steps + 1 }]
})
export const whole = Optimizers.chain(counting, Optimizers.scale(0.1))
