// Exclusive or, learned in a worker thread while this one stays free: it watches, steers and asks. The file is both
// sides; a page has them in two, since what it imports is what it loads.
// npm run example examples/worker.ts
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Schema, Stream } from "effect"
import { Backend, Key, Layers, Losses, Metrics, NdArray, Optimizers, Report, Train } from "effect-neuron"
import * as Remote from "effect-neuron/remote"
import * as RemoteNode from "effect-neuron/remote/node"
import { isMainThread } from "node:worker_threads"

const Xor = Remote.define({
  config: Schema.Struct({ units: Schema.Int, learningRate: Schema.Number, seed: Schema.Int })
})

const table = {
  x: NdArray.make([[0, 0], [0, 1], [1, 0], [1, 1]]),
  y: NdArray.make([[0], [1], [1], [0]]),
  size: 4
}

const server = Remote.layer(Xor, ({ learningRate, seed, units }) =>
  Effect.gen(function*() {
    const model = Layers.named({ hidden: Layers.dense(units), tanh: Layers.tanh, head: Layers.dense(1) })
    const supervision = { model, loss: Losses.binaryCrossEntropy, metrics: [Metrics.accuracy] } as const
    const optimizer = Optimizers.adjustable((rate) => Optimizers.adam(rate), learningRate)
    const trainer = yield* Train.make(
      Train.init({ model, optimizer, input: [2], key: Key.make(seed) }),
      Train.supervised({ ...supervision, optimizer })
    )
    return Remote.supervised({ ...supervision, trainer, batches: Stream.forever(Stream.make(table)) })
  }))

const program = Effect.gen(function*() {
  const client = yield* Remote.connect(Xor)
  yield* client.start({ units: 8, learningRate: 0.01, seed: 1 }, { paused: true })
  yield* Report.line(yield* client.step(50))

  // From here on it learns faster, until it is good enough.
  yield* client.setLearningRate(0.05)
  yield* client.resume
  yield* client.watch({ every: 50 }).pipe(
    Stream.takeUntil(({ loss, step }) => Number(loss) < 0.01 || step > 5000),
    Stream.runForEach(Report.line)
  )

  const { step } = yield* client.pause
  const logits = yield* client.predict(table.x)
  const layers = yield* client.activations(table.x)
  const { tensors } = yield* client.stop
  yield* Console.log(`after step ${step}: ${Array.from(logits.data, (logit) => logit > 0 ? 1 : 0).join(" ")}`)
  yield* Console.log(`layers ${layers.map(([path]) => path || "output").join(", ")}; ${tensors} tensors left`)
  const right = logits.data.every((logit, i) => (logit > 0 ? 1 : 0) === table.y.data[i])
  if (!right || tensors > 0) return yield* Effect.fail("exclusive or was not learned")
}).pipe(Effect.scoped, Effect.provide(RemoteNode.layerWorker(new URL(import.meta.url))))

const worker = Layer.launch(server.pipe(Layer.provide([RemoteNode.layerRunner, Backend.layerWasm])))

NodeRuntime.runMain<unknown, unknown>(isMainThread ? program : worker)
