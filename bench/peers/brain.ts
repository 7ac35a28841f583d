import { LEARNING_RATE } from "../models.ts"
import { arrays, CLASSES, INPUTS, isRecurrent, load, PIXELS, STEPS, UNITS } from "./peer.ts"
import type { Peer } from "./peer.ts"

interface Net {
  readonly train: (data: ReadonlyArray<object>, options: object) => { readonly error: number }
}

interface Brain {
  readonly NeuralNetwork: new(options: object) => Net
  readonly recurrent: { readonly [name in "LSTMTimeStep" | "GRUTimeStep"]: new(options: object) => Net }
}

/**
 * The classes of brain.js that run on the CPU. They learn from one example at a time and have the squared error only,
 * so that a step is a pass over a batch, with an update for each of its examples. Its recurrent networks predict the
 * next features of a sequence at each step, and have no Adam.
 */
export const brain: Peer = async (model, batch) => {
  const { NeuralNetwork, recurrent } = await load<Brain>("brain.js")
  if (isRecurrent(model)) {
    const Network = recurrent[model === "lstm" ? "LSTMTimeStep" : "GRUTimeStep"]
    const net = new Network({ inputSize: INPUTS, hiddenLayers: [UNITS], outputSize: INPUTS })
    const { x } = arrays(batch, STEPS * INPUTS)
    const data = Array.from(
      { length: batch },
      (_, i) => Array.from({ length: STEPS }, (_, t) => x.slice((i * STEPS + t) * INPUTS, (i * STEPS + t + 1) * INPUTS))
    )
    const options = { learningRate: LEARNING_RATE, errorThresh: 1e-12, log: false }
    const steps = (iterations: number) => net.train(data, { ...options, iterations }).error
    return { step: () => steps(1), steps }
  }
  if (model !== "mlp") throw new Error("brain.js has neither convolutions that train on the CPU nor attention")
  const net = new NeuralNetwork({ inputSize: PIXELS, hiddenLayers: [128], outputSize: CLASSES })
  const { x, y } = arrays(batch)
  const data = Array.from({ length: batch }, (_, i) => ({
    input: x.slice(i * PIXELS, (i + 1) * PIXELS),
    output: y.slice(i * CLASSES, (i + 1) * CLASSES)
  }))
  const options = { activation: "relu", praxis: "adam", learningRate: LEARNING_RATE, errorThresh: 1e-12, log: false }
  const steps = (iterations: number) => net.train(data, { ...options, iterations }).error
  return { step: () => steps(1), steps }
}
