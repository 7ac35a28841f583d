// error: Property 'y' is missing
import { Key, Layers, Optimizers, Train } from "effect-neuron"

const model = Layers.sequence(["joined", Layers.concatenate("x", "y")], ["head", Layers.dense(1)])
export const state = Train.init({ model, optimizer: Optimizers.sgd(0.1), input: { x: [1] }, key: Key.make(1) })
