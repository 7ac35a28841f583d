import { LEARNING_RATE } from "../models.ts"
import { arrays, CLASSES, load, PIXELS } from "./peer.ts"
import type { Peer } from "./peer.ts"

interface Net {
  readonly train: (data: ReadonlyArray<object>, options: object) => { readonly error: number }
}

interface Brain {
  readonly NeuralNetwork: new(options: object) => Net
}

/**
 * The class of brain.js that runs on the CPU. It learns from one example at a time and has the squared error only, so
 * that a step is a pass over a batch, with an update of Adam for each of its examples.
 */
export const brain: Peer = async (model, batch) => {
  if (model !== "mlp") throw new Error("brain.js has neither convolutions that train on the CPU nor attention")
  const { NeuralNetwork } = await load<Brain>("brain.js")
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
