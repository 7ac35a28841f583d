import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import * as Remote from "effect-neuron/remote"
import * as RemoteNode from "effect-neuron/remote/node"
import { Bands } from "./program.ts"

const config = { seed: 1, learningRate: 0.01 }
const worker = RemoteNode.layerWorker(new URL("./worker.ts", import.meta.url))
describe("a training in a worker", () => {
  it.live("tries", () =>
    Effect.gen(function*() {
      const client = yield* Remote.connect(Bands)
      console.log(yield* client.status)
      console.log(yield* client.start({ ...config, batches: 5 }, { paused: true }))
      const seen = yield* Effect.forkChild(Stream.runCollect(client.watch()), { startImmediately: true })
      console.log(yield* client.step(2))
      console.log(yield* client.setLearningRate(0.5))
      console.log(Object.keys(yield* client.weights()))
      console.log(yield* client.gradientNorms)
      console.log(yield* client.evaluate)
      console.log((yield* client.checkpoint).length)
      console.log(yield* client.resume)
      console.log(yield* Fiber.join(seen))
      console.log(yield* client.stop)
    }).pipe(Effect.scoped, Effect.provide(worker)))
})
