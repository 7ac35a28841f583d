import { LEARNING_RATE } from "../models.ts"
import { arrays, CLASSES, INPUTS, isRecurrent, load, PIXELS, STEPS, UNITS } from "./peer.ts"
import type { Peer, PeerModel } from "./peer.ts"

interface Disposable {
  readonly dispose: () => void
}

interface Core {
  readonly env: () => { readonly set: (flag: string, value: boolean) => void }
  readonly setBackend: (name: string) => Promise<boolean>
  readonly tensor: (data: Float32Array, shape: ReadonlyArray<number>) => Disposable
  readonly train: { readonly adam: (learningRate: number) => object }
}

interface Sequential {
  readonly compile: (options: object) => void
  readonly trainOnBatch: (x: Disposable, y: Disposable) => Promise<number>
}

interface LayersModule {
  readonly sequential: (options: { readonly layers: ReadonlyArray<object> }) => Sequential
  readonly layers: { readonly [name: string]: (options?: object) => object }
}

const layersOf = (model: Exclude<PeerModel, "block">, { layers }: LayersModule): ReadonlyArray<object> => {
  if (isRecurrent(model)) {
    // Its GRU resets the state before the product with it and not after, which it says that it cannot. Its orthogonal
    // initializer wants methods of tensors that only the whole of TensorFlow.js brings.
    const recurrent = layers[model]!({
      ...{ units: UNITS, inputShape: [STEPS, INPUTS] },
      ...{ recurrentActivation: "sigmoid", recurrentInitializer: "glorotUniform" }
    })
    return [recurrent, layers["dense"]!({ units: CLASSES, activation: "softmax" })]
  }
  const conv = (filters: number, first: object = {}) =>
    layers["conv2d"]!({ filters, kernelSize: 3, padding: "same", activation: "relu", ...first })
  const pool = () => layers["maxPooling2d"]!({ poolSize: 2 })
  const flat = (first: object = {}) => layers["flatten"]!(first)
  const head = [
    layers["dense"]!({ units: 128, activation: "relu" }),
    layers["dense"]!({ units: CLASSES, activation: "softmax" })
  ]
  const inputShape = [28, 28, 1]
  return model === "mlp"
    ? [flat({ inputShape }), ...head]
    : [conv(32, { inputShape }), pool(), conv(64), pool(), flat(), ...head]
}

/**
 * The layers of TensorFlow.js: stock kernels, with one thread. The loss of its layers is that of probabilities, since
 * it has no other by name.
 */
export const tfjsLayers = (backend: "wasm" | "cpu"): Peer => async (model, batch) => {
  if (model === "block") throw new Error("the layers of TensorFlow.js have no attention")
  const tf = await load<Core>("@tensorflow/tfjs-core")
  const layers = await load<LayersModule>("@tensorflow/tfjs-layers")
  await load(`@tensorflow/tfjs-backend-${backend}`)
  if (backend === "wasm") tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false)
  if (!await tf.setBackend(backend)) throw new Error(`the ${backend} backend does not start`)
  const trained = layers.sequential({ layers: layersOf(model, layers) })
  trained.compile({ optimizer: tf.train.adam(LEARNING_RATE), loss: "categoricalCrossentropy" })
  const example = isRecurrent(model) ? [STEPS, INPUTS] : [28, 28, 1]
  const host = arrays(batch, isRecurrent(model) ? STEPS * INPUTS : PIXELS)
  return {
    step: async () => {
      const x = tf.tensor(host.x, [batch, ...example]), y = tf.tensor(host.y, [batch, CLASSES])
      const loss = await trained.trainOnBatch(x, y)
      x.dispose()
      y.dispose()
      return loss
    }
  }
}
