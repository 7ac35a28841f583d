import { memory } from "@tensorflow/tfjs-core"
import { Effect, Stream } from "effect"
import { parentPort } from "node:worker_threads"
// A thread of Node alone reads this file, where the package's own name means what has been built.
import { Backend, Key, Layers, Losses, NdArray, Optimizers, Pipeline, Train } from "../../../src/index.ts"

const model = Layers.named({ hidden: Layers.dense(8), tanh: Layers.tanh, head: Layers.dense(1) })
const optimizer = Optimizers.adam(0.03)
const xor = [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]] as const
const examples = Stream.fromIterable(
  xor.map(([a, b, y]) => ({ x: NdArray.make([a, b], [2]), y: NdArray.make([y], [1]) }))
)

const program = Effect.gen(function*() {
  const { name } = yield* Backend.Backend
  const trainer = yield* Train.make(
    Train.init({ model, optimizer, input: [2], key: Key.make(1) }),
    Train.supervised({ model, optimizer, loss: Losses.meanSquaredError })
  )
  const losses = yield* examples.pipe(
    Pipeline.batch(4),
    Pipeline.epochs(200),
    trainer.run,
    Stream.map(({ loss }) => loss),
    Stream.runCollect
  )
  return { backend: name, first: losses[0], last: losses.at(-1), steps: losses.length }
})

const report = await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(Backend.layerWasm)))
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- this is a port; windows have origins
parentPort!.postMessage({ ...report, tensorsLeft: memory().numTensors })
