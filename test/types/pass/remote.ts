import { Effect, Schema, Stream } from "effect"
import { Key, Layers, Losses, NdArray, Optimizers, Train } from "effect-neuron"
import * as Remote from "effect-neuron/remote"

export const Prices = Remote.define({
  config: Schema.Struct({ learningRate: Schema.Number }),
  input: Schema.Struct({ rooms: Remote.array, street: Remote.array }),
  output: Schema.Struct({ low: Remote.array, high: Remote.array })
})
export const Line = Remote.define({ config: Schema.Struct({ learningRate: Schema.Number }) })

// A client takes and gives what the definition says, which is one array where it says nothing.
const x = NdArray.make([1, 2], [2, 1])
export const predicted = Effect.gen(function*() {
  const client = yield* Remote.connect(Prices)
  yield* client.start({ learningRate: 0.1 }, { paused: true })
  const { high, low }: { readonly high: NdArray.NdArray; readonly low: NdArray.NdArray } = yield* client.predict({
    rooms: x,
    street: x
  })
  return [low, high]
})
export const client: Effect.Effect<Remote.ClientOf<typeof Line>, unknown, unknown> = Remote.connect(Line)
export const line = Effect.flatMap(client, ({ predict }) => Effect.map(predict(x), ({ shape }) => shape))

// A worker holds a training of a model of that input and output.
const prices = Layers.graph(
  { inputs: { rooms: "rooms", street: "street" }, outputs: { low: "low", high: "high" } },
  ["place", Layers.embedding({ size: 9, features: 2 }), "street"],
  ["flat", Layers.flatten],
  ["both", Layers.concatenate("0", "1"), ["rooms", "flat"]],
  ["low", Layers.dense(1)],
  ["high", Layers.dense(1), "both"]
)
const loss: Losses.Loss<Layers.Output<typeof prices>> = ({ low }, y) => Losses.meanSquaredError(low, y)
const supervision = { model: prices, loss }
export const worker = Remote.layer(Prices, ({ learningRate }) =>
  Effect.gen(function*() {
    const optimizer = Optimizers.sgd(learningRate), input = { rooms: [1], street: [1] }
    const trainer = yield* Train.make(
      Train.init({ model: prices, optimizer, input, key: Key.make(1) }),
      Train.supervised({ ...supervision, optimizer })
    )
    const batches = Stream.make({ x: { rooms: x, street: x }, y: x, size: 2 })
    return Remote.supervised({ ...supervision, trainer, batches })
  }))
