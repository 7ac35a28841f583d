import simd from "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm?url"
import plain from "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.wasm?url"
import { Effect, FileSystem, Layer, Stream } from "effect"
import { Backend, Checkpoint, Key, Losses, Metrics, Optimizers, Pipeline, Train } from "effect-neuron"
import * as Remote from "effect-neuron/remote"
import * as RemoteBrowser from "effect-neuron/remote/browser"
import { dataOf } from "./data.ts"
import { dashboard } from "./definition.ts"
import { IMAGE, modelOf, optimizerOf } from "./models.ts"

// The first batch is there when this many examples are.
const SHUFFLE_BUFFER = 1024, EVALUATION_BATCH = 250

const make = (config: typeof dashboard.config.Type) =>
  Effect.gen(function*() {
    const { batchSize, epochs, resume, seed } = config
    const data = yield* dataOf(config)
    const stepsPerEpoch = Math.ceil(data.sizes.train / batchSize)
    const model = modelOf(config), optimizer = optimizerOf(config, epochs * stepsPerEpoch)
    const supervision = { model, loss: Losses.softmaxCrossEntropy, metrics: [Metrics.accuracy] } as const
    const init = Train.init({ model, optimizer, input: IMAGE, key: Key.make(seed) })
    // A checkpoint in the page's database is read as a file that holds it.
    const state = resume === undefined ? init : Checkpoint.load("saved run", init).pipe(
      Effect.provide(FileSystem.layerNoop({ readFile: () => Effect.succeed(resume) }))
    )
    const trainer = yield* Train.make(state, Train.supervised({ ...supervision, optimizer }))
    const { step } = yield* trainer.state
    const training = Remote.supervised({
      ...supervision,
      trainer,
      batches: data.train.pipe(
        Pipeline.shuffle({ buffer: SHUFFLE_BUFFER, seed }),
        Pipeline.batch(batchSize),
        Pipeline.epochs(epochs, { skip: step, length: stepsPerEpoch })
      ),
      test: data.test.pipe(Pipeline.batch(EVALUATION_BATCH)),
      confusion: true
    })
    const withRate = <M extends object>(metrics: M) =>
      Effect.map(trainer.state, (state) => ({ ...metrics, learningRate: Optimizers.learningRate(state.opt) ?? NaN }))
    type Run = typeof training.run
    return {
      ...training,
      run: ((admit) =>
        training.run(admit).pipe(
          Metrics.throughput({ window: "2 seconds" }) as <A>(self: A) => A,
          Stream.mapEffect(withRate)
        )) as Run
    }
  })

// Of its backend the page tells a worker by its name.
const { name = "wasm" } = globalThis as { readonly name?: string }

const backend = name === "webgl" ?
  Backend.layerWebgl :
  name === "webgpu" ?
  Backend.layerWebgpu :
  Backend.layerWasmWith({
    paths: { "tfjs-backend-wasm.wasm": plain, "tfjs-backend-wasm-simd.wasm": simd },
    threads: Number(/\d/.exec(name)?.[0] ?? 1)
  })

Remote.layer(dashboard, make).pipe(
  Layer.provide([RemoteBrowser.layerRunner, backend]),
  Layer.launch,
  Effect.runFork
)
