import { memory } from "@tensorflow/tfjs-core"
import { Effect, Stream } from "effect"
import { Backend, Key, Layers, Losses, NdArray, Optimizers, Pipeline, Train } from "effect-neuron"
import { webgl } from "./backends.ts"

const model = Layers.named({ hidden: Layers.dense(8), tanh: Layers.tanh, head: Layers.dense(1) })
const optimizer = Optimizers.adam(0.1)
const xor = [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]] as const
const examples = Stream.fromIterable(
  xor.map(([a, b, y]) => ({ x: NdArray.make([a, b], [2]), y: NdArray.make([y], [1]) }))
)

const program = Effect.gen(function*() {
  const trainer = yield* Train.make(
    Train.init({ model, optimizer, input: [2], key: Key.make(1) }),
    Train.supervised({ model, optimizer, loss: Losses.meanSquaredError }),
    { readEvery: 20 }
  )
  const losses = yield* examples.pipe(
    Pipeline.batch(4),
    Pipeline.epochs(80),
    trainer.run,
    Stream.map(({ loss }) => loss),
    Stream.runCollect
  )
  return { first: losses[0]!, last: losses.at(-1)!, steps: losses.length }
})

/** What the worker answers for each backend that it is asked for. */
export type Report = Effect.Success<typeof program> & { readonly tensorsLeft: number }

const backends = { wasm: Backend.layerWasm, webgl }

globalThis.addEventListener("message", async ({ data }: MessageEvent<keyof typeof backends>) => {
  const report = await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(backends[data])))
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- this is a worker; windows have origins
  globalThis.postMessage({ ...report, tensorsLeft: memory().numTensors } satisfies Report)
})
