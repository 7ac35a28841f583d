// error: is missing the following properties from type 'NdArray': data, shape
import { Effect, Schema, Stream } from "effect"
import { Key, Layers, Losses, NdArray, Optimizers, Train } from "effect-neuron"
import * as Remote from "effect-neuron/remote"

const Prices = Remote.define({
  config: Schema.Struct({ seed: Schema.Int }),
  input: Schema.Struct({ rooms: Remote.array, street: Remote.array })
})
const supervision = { model: Layers.dense(1), loss: Losses.meanSquaredError }, optimizer = Optimizers.sgd(0.1)
const batches = Stream.make({ x: NdArray.make([1], [1, 1]), y: NdArray.make([1], [1, 1]), size: 1 })

export const worker = Remote.layer(Prices, ({ seed }) =>
  Effect.gen(function*() {
    const trainer = yield* Train.make(
      Train.init({ model: supervision.model, optimizer, input: [1], key: Key.make(seed) }),
      Train.supervised({ ...supervision, optimizer })
    )
    return Remote.supervised({ ...supervision, trainer, batches })
  }))
