import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Result, Stream } from "effect"
import { Errors, Safetensors } from "effect-neuron"
import * as Remote from "effect-neuron/remote"
import * as RemoteBrowser from "effect-neuron/remote/browser"
import { askAnother } from "../../support/askAnother.ts"
import { Bands, batch } from "../remote/program.ts"
import { hasWebgpu } from "./backends.ts"

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

/** A training in a worker, and the answers to all that can be asked about it, of which no tensor stays. */
const answers = (backend: string) =>
  connecting(() => backend, (client) =>
    Effect.gen(function*() {
      yield* client.start(config, { paused: true })
      const point = yield* client.step(5)
      const { tensors } = yield* client.status
      const { x } = batch(50)
      const { confusion, metrics } = yield* client.evaluate
      const checkpoint = Safetensors.decode(yield* client.checkpoint, "checkpoint")
      const found = {
        loss: point["loss"] as number,
        metrics,
        norms: (yield* client.gradientNorms).norms,
        weights: yield* client.weights(),
        checkpoint: Result.getOrThrow(checkpoint).tensors,
        activations: yield* client.activations(x),
        prediction: yield* client.predict(x)
      }
      assert.strictEqual(Array.from(confusion!.data).reduce((sum, count) => sum + count), 32)
      assert.strictEqual((yield* client.status).tensors, tensors)

      // Those who ask change their minds, before and while they are answered.
      yield* client.resume
      const questions: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
        client.weights(),
        client.predict(x),
        client.activations(x),
        client.gradientNorms,
        client.evaluate,
        client.checkpoint
      ]
      for (const [i, question] of [...questions, ...questions].entries()) {
        const asking = yield* Effect.forkChild(question, { startImmediately: true })
        yield* Effect.repeat(Effect.yieldNow, { times: i })
        yield* Fiber.interrupt(asking)
      }
      const asking = yield* Effect.forkChild(Effect.exit(client.evaluate), { startImmediately: true })
      assert.deepStrictEqual(yield* client.stop, { phase: "none", step: 0, tensors: 0 })
      yield* Fiber.join(asking)
      return found
    }))

/** That two values are alike, number by number, within `tolerance`. */
const assertAlike = (found: unknown, expected: unknown, tolerance: number, path = ""): void => {
  if (typeof expected === "number") assert.closeTo(found as number, expected, tolerance, path)
  else if (typeof expected !== "object" || expected === null) assert.strictEqual(found, expected, path)
  else {
    assert.deepStrictEqual(Object.keys(found as object), Object.keys(expected), path)
    for (const [key, value] of Object.entries(expected)) {
      assertAlike((found as { readonly [key: string]: unknown })[key], value, tolerance, `${path}.${key}`)
    }
  }
}

describe("a training in a worker of a page", () => {
  it.live("answers on every backend alike, and leaves no tensor", () =>
    Effect.gen(function*() {
      const expected = yield* answers("wasm")
      for (const backend of (yield* hasWebgpu) ? ["webgl", "webgpu"] : ["webgl"]) {
        assertAlike(yield* answers(backend), expected, 1e-3, backend)
      }
    }))

  it.live("fails as its device does, when that is lost", () =>
    connecting(() => "webgl", (client) =>
      Effect.gen(function*() {
        yield* client.start(config)
        const channel = new BroadcastChannel("lose context")
        const lose = Stream.tap(() => Effect.sync(() => channel.postMessage("now")))
        const error = yield* Effect.flip(Stream.runDrain(lose(client.watch())))
        assert.deepStrictEqual(error, new Errors.DeviceError({ backend: "webgl", reason: "lost" }))
        channel.close()
      })))
})

describe("a worker of a page that does not start", () => {
  const faults = [
    ["no webgl", /^the webgl backend could not be started: there is no WebGL here/],
    ["no wasm", /^the wasm backend could not be started: /],
    ["broken layer", /^the layer is broken$/],
    ["broken module", /the module is broken$/],
    ["broken promise", /the promise is broken$/]
  ] as const
  it.live("says why to whoever asks", () =>
    Effect.forEach(faults, ([fault, reason]) =>
      connecting(() => fault, (client) =>
        Effect.gen(function*() {
          const questions: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
            client.start(config),
            Stream.runDrain(client.watch()),
            client.weights()
          ]
          for (const error of yield* Effect.forEach(questions, Effect.flip, { concurrency: "unbounded" })) {
            assert.instanceOf(error, Remote.WorkerLost, fault)
            assert.match(error.reason, reason)
          }
        }))))

  it.effect("is started again when it is asked for", () =>
    connecting((id) => id < 2 ? "no webgl" : "wasm", (client) =>
      Effect.gen(function*() {
        for (const question of [client.start(config), askAnother(client.start(config))]) {
          assert.instanceOf(yield* Effect.flip(question), Remote.WorkerLost)
        }
        assert.deepInclude(yield* askAnother(client.status), { phase: "none", step: 0 })
        assert.strictEqual((yield* client.start(config)).phase, "running")
      })))
})
