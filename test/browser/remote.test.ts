import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import * as Remote from "effect-neuron/remote"
import * as RemoteBrowser from "effect-neuron/remote/browser"
import { Bands } from "../remote/program.ts"

const config = { seed: 1, learningRate: 0.01 }

/** Connects to workers of the names that `nameOf` gives the first of them, the second, and so on. */
const connecting = <A, E>(
  nameOf: (id: number) => string,
  use: (
    client: Effect.Success<ReturnType<typeof Remote.connect<typeof Bands.config, typeof Bands.failure>>>
  ) => Effect.Effect<A, E>
) => {
  let workers = 0
  const worker = () =>
    new Worker(new URL("./remoteWorker.ts", import.meta.url), { type: "module", name: nameOf(workers++) })
  return Remote.connect(Bands).pipe(
    Effect.flatMap(use),
    Effect.scoped,
    Effect.provide(RemoteBrowser.layerWorker(worker))
  )
}

describe("a worker of a page that does not start", () => {
  const faults = [
    ["no webgl", /^the webgl backend could not be started: there is no WebGL here/],
    ["no wasm", /^the wasm backend could not be started: /],
    ["broken layer", /^the layer is broken$/],
    ["broken module", /the module is broken$/],
    ["broken promise", /the promise is broken$/]
  ] as const
  it.live("says why to whoever asks, before and after", () =>
    Effect.forEach(faults, ([fault, reason]) =>
      connecting(() => fault, (client) =>
        Effect.gen(function*() {
          const before = [client.start(config), Stream.runDrain(client.watch()), client.weights()] as const
          const errors = yield* Effect.all(before.map((question) => Effect.flip(question as typeof client.status)), {
            concurrency: "unbounded"
          })
          for (const error of [...errors, yield* Effect.flip(client.start(config))]) {
            assert.instanceOf(error, Remote.WorkerLost, fault)
            assert.match(error.reason, reason)
          }
        })), { concurrency: "unbounded" }))

  it.live("is started again when it is asked for", () =>
    connecting((id) => id === 0 ? "no webgl" : "wasm", (client) =>
      Effect.gen(function*() {
        assert.instanceOf(yield* Effect.flip(client.start(config)), Remote.WorkerLost)
        assert.deepInclude(yield* client.status, { phase: "none", step: 0 })
        assert.strictEqual((yield* client.start(config)).phase, "running")
      })))
})
