import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, ManagedRuntime, Stream } from "effect"
// Node alone reads this file, where the package's own name means what has been built.
import { Backend, Key, Layers, Losses, NdArray, Optimizers, Random, Train } from "../../../src/index.ts"

// node trainInThreads.ts leave|wait: trains with threads, says so, and either ends without closing the backend's layer,
// or waits for a signal.
const model = Layers.named({ hidden: Layers.dense(256), relu: Layers.relu, head: Layers.dense(2) })
const optimizer = Optimizers.adam(1e-2)
const batch = {
  x: NdArray.make(Random.uniform(Key.make(1), 64 * 256), [64, 256]),
  y: NdArray.make(Int32Array.from({ length: 64 }, (_, i) => i % 2), [64]),
  size: 64
}
const train = Effect.gen(function*() {
  const trainer = yield* Train.make(
    Train.init({ model, optimizer, input: [256], key: Key.make(1) }),
    Train.supervised({ model, optimizer, loss: Losses.softmaxCrossEntropy })
  )
  yield* trainer.run(Stream.fromEffectRepeat(Effect.succeed(batch))).pipe(Stream.take(20), Stream.runDrain)
  yield* Console.log("trained")
}).pipe(Effect.scoped)
const layer = Backend.layerWasmWith({ threads: 3 })

if (process.argv[2] === "leave") await ManagedRuntime.make(layer).runPromise(train)
else NodeRuntime.runMain(Effect.andThen(train, Effect.never).pipe(Effect.provide(layer)))
