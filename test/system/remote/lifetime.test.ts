import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Errors } from "effect-neuron"
import * as Remote from "effect-neuron/remote"
import * as RemoteNode from "effect-neuron/remote/node"
import { TestClock } from "effect/testing"
import { Worker } from "node:worker_threads"
import { askAnother } from "../../support/askAnother.ts"
import { Bands, batch, Chosen } from "./program.ts"

const config = { seed: 1, learningRate: 0.01 }

const good = () => new Worker(new URL("./worker.ts", import.meta.url))
const faulty = (fault: string) =>
  new Worker(new URL("./faulty.ts", import.meta.url), { workerData: fault, stderr: true })

const connect = () => Remote.connect(Bands)

/** Connects to workers, of which `exits` says how each has ended. */
const connecting = <A, E>(
  use: (
    client: Effect.Success<ReturnType<typeof connect>>,
    exits: ReadonlyArray<Promise<unknown>>
  ) => Effect.Effect<A, E>,
  spawn: (id: number) => Worker = good,
  options: RemoteNode.WorkerOptions = {}
) =>
  Effect.gen(function*() {
    const exits: Array<Promise<number>> = []
    const platform = RemoteNode.layerWorker(() => {
      const worker = spawn(exits.length)
      exits.push(new Promise((resolve) => worker.once("exit", resolve)))
      return worker
    }, options)
    const result = yield* connect().pipe(
      Effect.flatMap((client) => use(client, exits)),
      Effect.scoped,
      Effect.provide(platform)
    )
    return [result, yield* Effect.promise(() => Promise.all(exits))] as const
  })

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

  it.live("trains on the backend, and in the threads, that each training asks for", () =>
    Effect.gen(function*() {
      const choosing = () => new Worker(new URL("./choosing.ts", import.meta.url))
      const client = yield* Remote.connect(Chosen).pipe(Effect.provide(RemoteNode.layerWorker(choosing)))
      const train = (choice: Pick<typeof Chosen.config.Type, "backend" | "threads">) =>
        Effect.gen(function*() {
          yield* client.start({ ...config, ...choice }, { paused: true })
          yield* client.step(3)
          return yield* client.predict(batch(0).x)
        })
      const wasm = yield* train({ backend: "wasm" })
      // The bits of one thread are those of any, and the plain kernels have others.
      assert.deepStrictEqual(yield* train({ backend: "wasm", threads: 2 }), wasm)
      const cpu = yield* train({ backend: "cpu" })
      assert.notDeepEqual(cpu, wasm)
      wasm.data.forEach((value, i) => assert.closeTo(value, cpu.data[i]!, 1e-4))

      const none = yield* Effect.flip(train({ backend: "webgl" }))
      assert.instanceOf(none, Errors.BackendError)
      assert.strictEqual(none.backend, "webgl")
      const many = yield* Effect.flip(train({ backend: "wasm", threads: 99 }))
      assert.match(
        many.message,
        /^configuration: expected a valid one, found threads: expected an integer from 1 to 32/
      )
      assert.deepStrictEqual(yield* client.status, { phase: "none", step: 0, tensors: 0 })
      assert.deepStrictEqual(yield* train({ backend: "wasm" }), wasm)
    }).pipe(Effect.scoped))

  it.live("that does not end when it is asked to is terminated after its grace", () =>
    Effect.gen(function*() {
      const [{ phase }, codes] = yield* connecting((client) => client.start(config), () => faulty("deaf"), {
        grace: "10 millis"
      })
      assert.strictEqual(phase, "running")
      // What `terminate` gives.
      assert.deepStrictEqual(codes, [1])
    }))

  it.effect("that crashes is a WorkerLost, and another one takes its place", () =>
    Effect.gen(function*() {
      const [lost] = yield* connecting((client) =>
        Effect.gen(function*() {
          yield* client.start({ ...config, fault: "crash" })
          const error = yield* Effect.flip(Stream.runDrain(client.watch()))
          assert.deepInclude(yield* askAnother(client.status), { phase: "none" })
          return error
        })
      )
      assert.instanceOf(lost, Remote.WorkerLost)
      assert.match(lost.message, /exited with code 3/)
    }))
})

describe("a worker that does not start", () => {
  for (
    const [fault, reason] of [
      ["backend", /^the wasm backend could not be started: /],
      ["defect", /^the layer is broken$/],
      ["module", /^the module is broken$/]
    ] as const
  ) {
    it.effect(`says why to whoever asks, before and after (${fault})`, () =>
      connecting((client) =>
        Effect.gen(function*() {
          const before = [client.start(config), Stream.runDrain(client.watch()), client.weights()] as const
          const errors = yield* Effect.all(before.map((question) => Effect.flip(question as typeof client.status)), {
            concurrency: "unbounded"
          })
          for (const error of [...errors, yield* Effect.flip(askAnother(client.start(config)))]) {
            assert.instanceOf(error, Remote.WorkerLost)
            assert.match(error.reason, reason)
          }
        }), () => faulty(fault)))
  }

  it.effect("is not started again before it is asked for, and then knows nothing of what was asked before", () =>
    connecting((client, exits) =>
      Effect.gen(function*() {
        assert.instanceOf(yield* Effect.flip(client.start(config)), Remote.WorkerLost)
        yield* TestClock.adjust("1 hour")
        assert.strictEqual(exits.length, 1)
        assert.deepInclude(yield* askAnother(client.status), { phase: "none", step: 0 })
        assert.strictEqual((yield* client.start(config)).phase, "running")
        assert.strictEqual(exits.length, 2)
      }), (id) => id === 0 ? faulty("backend") : good()))

  it.effect("also where none can be made", () =>
    connecting((client) =>
      Effect.gen(function*() {
        for (const question of [client.status, askAnother(client.status)]) {
          assert.include((yield* Effect.flip(question)).message, "the worker is lost: no threads here")
        }
      }), () => {
      throw new Error("no threads here")
    }))
})
