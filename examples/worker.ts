// An experiment that a worker thread trains while this one stays free: it watches, steers and asks. The file is both
// sides; a page has them in two, since what it imports is what it loads.
// npm run example examples/worker.ts
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Schema, Stream } from "effect"
import { Backend, Datasets, Experiment, Layers, Losses, Metrics, NdArray } from "effect-neuron"
import * as Remote from "effect-neuron/remote"
import * as RemoteNode from "effect-neuron/remote/node"
import { isMainThread } from "node:worker_threads"

const table = {
  x: NdArray.make([[0, 0], [0, 1], [1, 0], [1, 1]]),
  y: NdArray.make([[0], [1], [1], [0]])
}

const xor = Experiment.supervised({
  name: "xor",
  description: "Exclusive or",
  config: Schema.Struct({
    ...Experiment.options({ epochs: 5000, batchSize: 4, learningRate: 0.05, validation: 0 }),
    units: Experiment.option(Experiment.positiveInt, 8, "Units of the hidden layer")
  }),
  data: () => Datasets.fromArrays({ ...table, test: table }),
  model: ({ units }) => Layers.named({ hidden: Layers.dense(units), tanh: Layers.tanh, head: Layers.dense(1) }),
  loss: () => Losses.binaryCrossEntropy,
  metrics: () => [Metrics.accuracy]
})

const program = Effect.gen(function*() {
  const client = yield* Remote.connect(xor)
  // What is not the default.
  yield* client.start({ learningRate: 0.01, seed: 1 }, { paused: true })
  const { step: first } = yield* client.step(50)
  yield* Console.log(`it waits after step ${first}`)

  // From here on it learns faster, until it is good enough.
  yield* client.setLearningRate(0.05)
  yield* client.resume
  yield* client.watch({ every: 50 }).pipe(
    Stream.tap(({ loss, step }) => Console.log(`step ${step}, loss ${Number(loss).toFixed(4)}`)),
    Stream.takeUntil(({ loss }) => Number(loss) < 0.01),
    Stream.runDrain
  )

  const { step } = yield* client.pause
  const { metrics } = yield* client.evaluate
  const logits = (yield* client.predict(table.x)) as NdArray.NdArray
  const layers = yield* client.activations(table.x)
  const { tensors } = yield* client.stop
  const told = Array.from(logits.data, (logit) => logit > 0 ? 1 : 0)
  yield* Console.log(`after step ${step}, accuracy ${metrics["accuracy"]}: ${told.join(" ")}`)
  yield* Console.log(`layers ${layers.map(([path]) => path || "output").join(", ")}; ${tensors} tensors left`)
  const right = told.every((bit, i) => bit === table.y.data[i])
  if (!right || tensors > 0) return yield* Effect.fail("exclusive or was not learned")
}).pipe(Effect.scoped, Effect.provide(RemoteNode.layerWorker(new URL(import.meta.url))))

// With a folder, `{ folder: "runs/xor" }`, its run would be recorded, and gone on with.
const worker = Layer.launch(Remote.experiment(xor).pipe(Layer.provide([RemoteNode.layerRunner, Backend.layerWasm])))

NodeRuntime.runMain<unknown, unknown>(isMainThread ? program : worker)
