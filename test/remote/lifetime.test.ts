import { NodeWorker } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import * as Remote from "effect-neuron/remote"
import { once } from "node:events"
import { Worker } from "node:worker_threads"
import { Bands } from "./program.ts"

const config = { seed: 1, learningRate: 0.01 }

/** Connects to workers, and says how each has ended. */
const connecting = <A, E>(
  use: (client: Effect.Success<ReturnType<typeof connect>>) => Effect.Effect<A, E>
) =>
  Effect.gen(function*() {
    const exits: Array<Promise<Array<unknown>>> = []
    const platform = NodeWorker.layer(() => {
      const worker = new Worker(new URL("./worker.ts", import.meta.url))
      exits.push(once(worker, "exit"))
      return worker
    })
    const result = yield* connect().pipe(Effect.flatMap(use), Effect.scoped, Effect.provide(platform))
    return [result, (yield* Effect.promise(() => Promise.all(exits))).flat()] as const
  })
const connect = () => Remote.connect(Bands)

describe("a worker", () => {
  it.live("ends with its Scope, in the middle of a training too, and the next one begins anew", () =>
    Effect.gen(function*() {
      const first = connecting((client) =>
        Effect.gen(function*() {
          assert.strictEqual((yield* client.status).phase, "none")
          yield* client.start(config)
          return yield* client.watch({ every: 5 }).pipe(Stream.take(2), Stream.runCollect)
        })
      )
      const [seen, [code]] = yield* first
      assert.isTrue(seen.every(({ steps }) => steps >= 5))
      // It was not terminated, which gives 1: it was asked to end, and did.
      assert.notStrictEqual(code, 1)
      const [again] = yield* first
      assert.strictEqual(again[0]!.step - again[0]!.steps, 0)
    }))

  it.live("that crashes is a WorkerLost, and another one takes its place", () =>
    Effect.gen(function*() {
      const [lost] = yield* connecting((client) =>
        Effect.gen(function*() {
          yield* client.start({ ...config, fault: "crash" })
          const error = yield* Effect.flip(Stream.runDrain(client.watch()))
          assert.deepInclude(yield* client.status, { phase: "none" })
          return error
        })
      )
      assert.instanceOf(lost, Remote.WorkerLost)
      assert.match(lost.message, /exited with code: 3/)
    }))
})
