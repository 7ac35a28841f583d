// A convolutional network on MNIST, or on generated digits where MNIST cannot be had.
// npm run example examples/mnist-cnn.ts
// EXAMPLES=2560 trains on that many examples; without it one whole epoch is trained, for 98 %.
import { NodeServices } from "@effect/platform-node"
import { Config, Console, Effect, Stream } from "effect"
import { Backend, Datasets, Key, Layers, Losses, Metrics, Optimizers, Pipeline, Train } from "effect-neuron"

const model = Layers.named({
  scale: Layers.rescale({ scale: 1 / 255 }),
  conv1: Layers.conv2d({ filters: 16, kernelSize: 5, strides: 2 }),
  relu1: Layers.relu,
  conv2: Layers.conv2d({ filters: 32, kernelSize: 5, strides: 2 }),
  relu2: Layers.relu,
  flat: Layers.flatten,
  drop: Layers.dropout(0.25),
  hidden: Layers.dense(128),
  relu3: Layers.relu,
  head: Layers.dense(10)
})
const optimizer = Optimizers.chain(Optimizers.clipByGlobalNorm(1), Optimizers.adam(2e-3))
const supervision = { model, loss: Losses.softmaxCrossEntropy, metrics: [Metrics.accuracy] } as const

const program = Effect.gen(function*() {
  const dataset = yield* Datasets.mnist({ pixels: "uint8" }).pipe(
    Effect.catchTag("DatasetUnavailable", () => Effect.succeed(Datasets.digits({ pixels: "uint8" })))
  )
  const examples = yield* Config.Int("EXAMPLES").pipe(Config.withDefault(dataset.sizes.train))
  const target = examples < dataset.sizes.train ? 0.8 : 0.98

  const trainer = yield* Train.make(
    Train.init({ model, optimizer, input: dataset.shapes.x, key: Key.make(42) }),
    Train.supervised({ ...supervision, optimizer })
  )
  yield* dataset.train.pipe(
    Stream.take(examples),
    Pipeline.shuffle({ buffer: 10_000, seed: 7 }),
    Pipeline.batch(64),
    Pipeline.epochs(1),
    Pipeline.prefetch(2),
    trainer.run,
    Metrics.running(),
    Stream.filter(({ endOfEpoch, step }) => endOfEpoch || step % 100 === 0),
    Stream.runForEach(({ accuracy, loss, step }) =>
      Console.log(`step ${step}: loss ${loss.toFixed(4)}, accuracy ${accuracy.toFixed(4)}`)
    )
  )
  const test = dataset.test.pipe(Pipeline.batch(250))
  const result = yield* Train.evaluate(test, supervision, trainer)
  yield* Console.log(`${dataset.name}, ${result.size} test examples: accuracy ${result.accuracy}, loss ${result.loss}`)
  if (result.accuracy < target) return yield* Effect.fail(`expected an accuracy of ${target}, got ${result.accuracy}`)
})

await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide([Backend.layerWasm, NodeServices.layer])))
