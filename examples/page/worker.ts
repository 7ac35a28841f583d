// The worker of page.ts: what is trained, and on what.
import { Effect, Layer, Stream } from "effect"
import { Backend, Key, Layers, Losses, Metrics, NdArray, Optimizers, Train } from "effect-neuron"
import * as Browser from "effect-neuron/browser"
import * as Remote from "effect-neuron/remote"
import * as RemoteBrowser from "effect-neuron/remote/browser"
import { Xor } from "./xor.ts"

const table = {
  x: NdArray.make([[0, 0], [0, 1], [1, 0], [1, 1]]),
  y: NdArray.make([[0], [1], [1], [0]]),
  size: 4
}

const server = Remote.layer(
  Xor,
  ({ learningRate, units }) =>
    Effect.gen(function*() {
      const model = Layers.named({ hidden: Layers.dense(units), tanh: Layers.tanh, head: Layers.dense(1) })
      const supervision = { model, loss: Losses.binaryCrossEntropy, metrics: [Metrics.accuracy] } as const
      const optimizer = Optimizers.adjustable(Optimizers.adam, learningRate)
      const trainer = yield* Train.make(
        Train.init({ model, optimizer, input: [2], key: Key.make(1) }),
        Train.supervised({ ...supervision, optimizer })
      )
      return Remote.supervised({ ...supervision, trainer, batches: Stream.forever(Stream.make(table)) })
    }),
  { backend: ({ backend, threads }) => backend === "webgl" ? Backend.layerWebgl : Backend.layerWasmWith({ threads }) }
)

Browser.runMain(Layer.launch(Layer.provide(server, RemoteBrowser.layerRunner)))
