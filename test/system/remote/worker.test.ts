import { assert, layer } from "@effect/vitest"
import { Context, Effect, Fiber, Layer, Stream } from "effect"
import { Backend, Checkpoint, Errors, Layers, NdArray, Train, Tree } from "effect-neuron"
import * as Remote from "effect-neuron/remote"
import * as RemoteNode from "effect-neuron/remote/node"
import { Bands, batch, NoSuchData, parts } from "./program.ts"
import type { Config } from "./program.ts"

const config: Config = { seed: 1, learningRate: 0.01 }

class Client extends Context.Service<Client, Remote.Client<Config, NoSuchData>>()("test/Client") {
  static readonly layer = Layer.effect(Client, Remote.connect(Bands)).pipe(
    Layer.provide(RemoteNode.layerWorker(new URL("./worker.ts", import.meta.url)))
  )
}

const host = (x: Tree.Tree) => x as unknown as { readonly dataSync: () => Float32Array; readonly shape: Array<number> }
const toHost = (x: Tree.Tree) => NdArray.make(host(x).dataSync().slice(), host(x).shape)

/** The same training in this process: its metrics, and what `use` makes of its state after `steps` steps. */
const here = <A, E>(
  steps: number,
  use: (
    state: Effect.Success<ReturnType<typeof parts>["trainer"]>["state"] extends Effect.Effect<infer T> ? T : never
  ) => Effect.Effect<A, E, Backend.Backend>
) =>
  Effect.gen(function*() {
    const trainer = yield* parts(config).trainer
    const metrics = yield* Stream.range(0, steps - 1).pipe(Stream.map(batch), trainer.run, Stream.runCollect)
    return [metrics, yield* use(yield* trainer.state)] as const
  }).pipe(Effect.scoped)

/** Without what makes metrics mergeable, which stays in the worker. */
const plain = <A>(metrics: A): A => JSON.parse(JSON.stringify(metrics))

layer(Layer.merge(Client.layer, Backend.layerWasm), { excludeTestServices: true })("a worker", (it) => {
  it.effect("trains as this process does, bit for bit", () =>
    Effect.gen(function*() {
      const client = yield* Client
      yield* client.start({ ...config, batches: 10 }, { paused: true })
      const watching = yield* Effect.forkChild(Stream.runCollect(client.watch()))
      yield* client.resume
      const points = yield* Fiber.join(watching)
      const [metrics, [weights, bytes]] = yield* here(10, (state) =>
        Effect.gen(function*() {
          const weights = Tree.entries({ params: state.params }).map(([path, x]) => [path, toHost(x)] as const)
          return [Object.fromEntries(weights), yield* Checkpoint.encode(state)] as const
        }))
      assert.deepStrictEqual(points, metrics.map((step) => Object.assign({ steps: 1 }, plain(step))))
      assert.deepStrictEqual(yield* client.weights(), weights)
      assert.deepStrictEqual(yield* client.checkpoint, bytes)
      assert.deepInclude(yield* client.status, { phase: "finished", step: 10 })
    }))

  it.effect("gives predictions, activations and evaluations of its state", () =>
    Effect.gen(function*() {
      const client = yield* Client
      yield* client.start(config, { paused: true })
      const last = yield* client.step(5)
      assert.deepInclude(last, { step: 5, steps: 1 })
      const { x } = batch(50), { supervision } = parts(config)
      const [, expected] = yield* here(5, (state) =>
        Effect.gen(function*() {
          const activations = yield* Backend.tensors("activations", () =>
            Layers.activations(supervision.model, state.params, state.state, Backend.toTensors(x))
              .map(([path, y]) => [path, toHost(y)] as const))
          const { size, ...metrics } = yield* Train.evaluate(Stream.make(batch(1000), batch(1001)), supervision, state)
          return { activations, metrics, size }
        }))
      assert.deepStrictEqual(yield* client.activations(x), expected.activations)
      assert.deepStrictEqual(yield* client.predict(x), expected.activations.at(-1)![1])
      const { confusion, ...rest } = yield* client.evaluate
      assert.deepStrictEqual(rest, { step: 5, size: expected.size, metrics: plain(expected.metrics) })
      const right = [0, 5, 10, 15].reduce((sum, i) =>
        sum + confusion!.data[i]!, 0)
      assert.strictEqual(right / 32, expected.metrics.accuracy)
      assert.deepStrictEqual(Object.keys(yield* client.weights(["params.head.0", "params.hidden.bias"])), [
        "params.hidden.bias",
        "params.head.0.kernel",
        "params.head.0.bias"
      ])
      // What was sent is still here: it was copied.
      assert.strictEqual(x.data.length, 256)
    }))

  it.effect("takes no step while it is paused, and goes on where it was", () =>
    Effect.gen(function*() {
      const client = yield* Client
      yield* client.start(config)
      yield* client.watch().pipe(Stream.takeUntil(({ step }) => step >= 20), Stream.runDrain)
      const { phase, step } = yield* client.pause
      assert.strictEqual(phase, "paused")
      for (let i = 0; i < 5; i++) assert.strictEqual((yield* client.status).step, step)
      assert.strictEqual((yield* client.step()).step, step + 1)
      assert.strictEqual((yield* client.resume).phase, "running")
      yield* client.watch().pipe(Stream.takeUntil((point) => point.step > step + 20), Stream.runDrain)
    }))

  it.effect("loses no step for a consumer that is slower than it", () =>
    Effect.gen(function*() {
      const client = yield* Client
      yield* client.start(config, { paused: true })
      let last = 0, merged = 0
      yield* client.watch({ capacity: 8 }).pipe(
        Stream.onStart(client.resume),
        // A consumer that waits until the training has taken twenty steps more.
        Stream.tap(({ step }) => Effect.repeat(client.status, { until: (status) => status.step >= step + 20 })),
        Stream.tap((point) =>
          Effect.sync(() => {
            assert.strictEqual(point.step - point.steps, last)
            last = point.step
            if (point.steps > 1) merged += 1
          })
        ),
        // How many are on their way before one is merged depends on the machine.
        Stream.takeUntil(() => merged >= 3),
        Stream.runDrain
      )
    }))

  it.effect("takes another learning rate from the next step on", () =>
    Effect.gen(function*() {
      const client = yield* Client
      yield* client.start(config, { paused: true })
      yield* client.step(3)
      const before = yield* client.weights()
      assert.strictEqual((yield* client.status).learningRate, 0.01)
      assert.strictEqual((yield* client.setLearningRate(0)).learningRate, 0)
      assert.strictEqual((yield* client.status).learningRate, 0)
      yield* client.step()
      assert.deepStrictEqual(yield* client.weights(), before)
      assert.strictEqual((yield* client.status).learningRate, 0)
      assert.strictEqual((yield* client.setLearningRate(0.1)).learningRate, 0.1)
      yield* client.step()
      assert.notDeepEqual(yield* client.weights(), before)

      assert.instanceOf(yield* Effect.flip(client.setLearningRate(-1)), Errors.DataError)
      assert.match((yield* Effect.flip(client.setLearningRate(1, { under: "critic" }))).message, /below critic/)
      yield* client.start({ ...config, fault: "fixed rate" }, { paused: true })
      const error = yield* Effect.flip(client.setLearningRate(1))
      assert.instanceOf(error, Remote.TrainingUnavailable)
    }))

  it.effect("frees all tensors of a training that is stopped or replaced, also while it runs", () =>
    Effect.gen(function*() {
      const client = yield* Client
      yield* client.start(config)
      yield* client.start(config)
      const watching = yield* Effect.forkChild(Stream.runDrain(client.watch()), { startImmediately: true })
      assert.isAbove((yield* client.status).tensors, 0)
      assert.deepStrictEqual(yield* client.stop, { phase: "none", step: 0, tensors: 0 })
      yield* Fiber.join(watching)
      assert.strictEqual((yield* Effect.flip(client.predict(batch(0).x))).message, "predict: no training was started")
    }))

  it.effect("fails to start with the errors of the library and those of the program", () =>
    Effect.gen(function*() {
      const client = yield* Client
      const start = (more: Partial<Config>) => Effect.flip(client.start({ ...config, ...more }))
      assert.deepStrictEqual(yield* start({ fault: "missing" }), new NoSuchData({ name: "bands" }))
      const shape = yield* start({ fault: "shape" })
      assert.instanceOf(shape, Errors.ShapeError)
      assert.match(shape.message, /^hidden \(dense\) expects /)
      const refused = yield* start({ hidden: -1 })
      assert.instanceOf(refused, Errors.DataError)
      assert.match(refused.message, /^configuration: expected a valid one, found .*-1/)
      const wrong = yield* start({ seed: "one" as never })
      assert.instanceOf(wrong, Errors.DataError)
      assert.match(wrong.message, /seed/)
      assert.deepInclude(yield* client.status, { phase: "none", tensors: 0 })
    }))

  it.effect("ends the metrics with the error that ends the training", () =>
    Effect.gen(function*() {
      const client = yield* Client
      const watch = (more: Partial<Config>) =>
        Effect.andThen(client.start({ ...config, ...more }), Effect.flip(Stream.runDrain(client.watch())))
      const batch = yield* watch({ fault: "batch" })
      assert.instanceOf(batch, Errors.TensorError)
      assert.match(batch.message, /^train step 3, batch x \[16, 8, 2\] y \[16\]: /)
      assert.deepInclude(yield* client.status, { phase: "failed", step: 2 })
      assert.strictEqual((yield* Effect.flip(client.resume)).message, "resume: the training has failed")
      assert.deepStrictEqual(yield* watch({ fault: "data" }), new NoSuchData({ name: "batch 2" }))
      const diverged = yield* watch({ fault: "nan" })
      assert.deepStrictEqual(
        diverged,
        new Errors.NonFiniteError({
          metric: "loss",
          value: NaN,
          step: 3,
          learningRate: 0.01,
          batch: "NaN in x at [0, 0]"
        })
      )
    }))

  it.effect("refuses what is no request", () =>
    Effect.gen(function*() {
      const client = yield* Client
      yield* client.start(config, { paused: true })
      const failures = [
        yield* Effect.flip(client.step(0)),
        yield* Effect.flip(Stream.runDrain(client.watch({ every: 0.5 }))),
        yield* Effect.flip(client.predict({ data: Float32Array.of(1), shape: [2] }))
      ]
      for (const failure of failures) assert.instanceOf(failure, Errors.DataError)
      assert.match((yield* Effect.flip(client.gradientNorms)).message, /no step was taken yet/)
    }))
})
