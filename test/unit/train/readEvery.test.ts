import { assert, describe, it, layer } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { Backend, Errors, Key, Layers, Losses, NdArray, Optimizers, Train, Tree } from "effect-neuron"
import { useDevice } from "../../../src/backend/device.ts"
import { leavesNoTensor } from "../../support/backend.ts"
import { batch, batches, init, step } from "../../support/training.ts"

const make = (readEvery: number) => Train.make(init, step, { readEvery })

const training = <A, E, R>(
  readEvery: number,
  run: (t: Effect.Success<ReturnType<typeof make>>) => Effect.Effect<A, E, R>
) => Effect.scoped(Effect.flatMap(make(readEvery), run))

const values = (state: Tree.Tree) => Tree.leaves(state).map((x) => Array.from(x.dataSync()))

layer(Backend.layerWasm, { excludeTestServices: true })("metrics that are read together", (it) => {
  const twelve = (readEvery: number) =>
    training(readEvery, (t) =>
      Effect.gen(function*() {
        const metrics = yield* batches.pipe(Stream.take(12), t.run, Stream.runCollect)
        return { metrics, state: values(yield* t.state) }
      }))

  it.effect("are those of every step, and the state is the same to the bit", () =>
    Effect.gen(function*() {
      const expected = yield* twelve(1)
      // Groups that fit, that do not, and that never fill.
      for (const readEvery of [2, 5, 12, 100]) assert.deepStrictEqual(yield* twelve(readEvery), expected)
    }).pipe(leavesNoTensor))

  it.effect("come in groups of so many steps, and Stream.take behind them leaves no tensor", () =>
    training(5, (t) =>
      Effect.gen(function*() {
        const seen = yield* batches.pipe(
          t.run,
          Stream.mapEffect(({ step }) => Effect.map(t.state, (state) => [step, state.step])),
          Stream.take(7),
          Stream.runCollect
        )
        assert.deepStrictEqual(seen, [[1, 5], [2, 5], [3, 5], [4, 5], [5, 5], [6, 10], [7, 10]])
        // What comes next goes on from there.
        const next = yield* batches.pipe(t.run, Stream.take(1), Stream.runCollect)
        assert.strictEqual(next[0]!.step, 11)
      })).pipe(leavesNoTensor))

  it.effect("are emitted before the failure of a step, a batch or a consumer", () =>
    training(5, (t) =>
      Effect.gen(function*() {
        const seen: Array<number> = []
        const note = ({ step }: { readonly step: number }) => Effect.sync(() => seen.push(step))
        const bad = { ...batch(1), x: NdArray.make(new Float32Array(16 * 49), [16, 7, 7, 1]) }
        const error = yield* Stream.make(batch(0), batch(1), bad).pipe(
          t.run,
          Stream.tap(note),
          Stream.runDrain,
          Effect.flip
        )
        assert.match(error.message, /^train step 3, batch x /)
        assert.deepStrictEqual(seen, [1, 2])
        const failing = Stream.concat(Stream.take(batches, 2), Stream.fail("no more" as const))
        assert.strictEqual(yield* failing.pipe(t.run, Stream.tap(note), Stream.runDrain, Effect.flip), "no more")
        assert.deepStrictEqual(seen, [1, 2, 3, 4])
        const stop = yield* batches.pipe(
          t.run,
          Stream.mapEffect(({ step }) => step === 6 ? Effect.fail("stop" as const) : Effect.void),
          Stream.runDrain,
          Effect.flip
        )
        assert.strictEqual(stop, "stop")
        assert.strictEqual((yield* t.state).step, 9)
      })).pipe(leavesNoTensor))

  it.effect("leave no tensor when training is interrupted with metrics unread", () =>
    Effect.gen(function*() {
      const started = yield* Deferred.make<void>()
      const waiting = Stream.concat(
        Stream.take(batches, 3),
        Stream.fromEffect(Effect.andThen(
          Deferred.succeed(started, undefined),
          Effect.never
        ))
      )
      const fiber = yield* Effect.forkChild(training(5, (t) => waiting.pipe(t.run, Stream.runDrain)))
      yield* Deferred.await(started)
      yield* Fiber.interrupt(fiber)
    }).pipe(leavesNoTensor))

  it.effect("with a loss that is not finite take the state back to the last group", () =>
    Effect.gen(function*() {
      const model = Layers.dense(1)
      const line = (y: number) => ({ x: NdArray.make([1], [1, 1]), y: NdArray.make([y], [1, 1]), size: 1 })
      const optimizer = Optimizers.sgd(0.1)
      const t = yield* Train.make(
        Train.init({ model, optimizer, input: [1], key: Key.make(1) }),
        Train.supervised({ model, optimizer, loss: Losses.meanSquaredError }),
        { readEvery: 3 }
      )
      const seen: Array<number> = []
      const error = yield* Stream.make(1, 1, 1, 1, Infinity, 1).pipe(
        Stream.map(line),
        t.run,
        Stream.tap(({ step }) => Effect.sync(() => seen.push(step))),
        Stream.runDrain,
        Effect.flip
      )
      assert.strictEqual(
        error.message,
        "loss is Infinity at step 5 with learning rate 0.1: expected a finite number; its batch has Infinity in y at [0, 0]"
      )
      assert.deepStrictEqual(seen, [1, 2, 3, 4])
      const state = yield* t.state
      assert.strictEqual(state.step, 3)
      assert.isTrue(Number.isFinite(state.params.kernel.dataSync()[0]))
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("take no more memory with every step", () =>
    training(4, (t) =>
      Effect.gen(function*() {
        const counts = yield* batches.pipe(
          Stream.take(40),
          t.run,
          Stream.map(() => tf.memory().numTensors),
          Stream.runCollect
        )
        assert.strictEqual(new Set(counts).size, 1)
      })).pipe(leavesNoTensor))

  it("are read after a positive number of steps", () => {
    assert.throws(
      () => Train.make(init, step, { readEvery: 0 }),
      RangeError,
      "Train.make: readEvery is a positive integer, got 0"
    )
  })
})

describe("a device", () => {
  /** A device that does as it is told, in the place of the one that computes. */
  const device = () => {
    const told = { lost: false, outOfMemory: false, end: () => {} }
    const lost = new Promise<void>((resolve) => {
      told.end = () => {
        told.lost = true
        resolve()
      }
    })
    useDevice({
      isLost: () => told.lost,
      lost,
      isOutOfMemory: () => told.outOfMemory,
      error: (reason) => new Errors.DeviceError({ backend: "cpu", reason })
    })
    return told
  }

  for (const readEvery of [1, 4]) {
    it.effect(`that is lost fails the training that reads every ${readEvery} steps, which leaves no tensor`, () =>
      Effect.gen(function*() {
        const told = device()
        const error = yield* training(readEvery, (t) =>
          batches.pipe(
            Stream.tap(() => Effect.sync(() => tf.memory().numTensors > 0 && told.end())),
            t.run,
            Stream.runDrain
          )).pipe(Effect.flip)
        assert.strictEqual(error._tag, "DeviceError")
        assert.strictEqual(error.message, "the cpu device is lost, with all tensors on it")
        device()
      }).pipe(leavesNoTensor, Effect.provide(Backend.layerCpu)))

    it.effect(`that is out of memory fails the training that reads every ${readEvery} steps`, () =>
      training(readEvery, (t) =>
        Effect.gen(function*() {
          const told = device()
          yield* batches.pipe(Stream.take(4), t.run, Stream.runDrain)
          told.outOfMemory = true
          const error = yield* batches.pipe(t.run, Stream.runDrain, Effect.flip)
          assert.deepInclude(error, { _tag: "DeviceError", reason: "out of memory" })
          assert.strictEqual((yield* t.state).step, 4)
        })).pipe(leavesNoTensor, Effect.provide(Backend.layerCpu)))
  }

  it.effect("that is lost while it is read ends the read, and fails other programs", () =>
    Effect.gen(function*() {
      const told = device()
      const x = yield* Backend.tensors("one", () => tf.scalar(1))
      x.data = () => new Promise(() => {})
      const reading = yield* Effect.forkChild(Backend.read("read", [x]))
      yield* Effect.yieldNow
      told.end()
      const error = yield* Effect.flip(Fiber.join(reading))
      assert.strictEqual(error.message, "read: the cpu device is lost, with all tensors on it")
      const program = Backend.tensors("two", () => tf.scalar(2))
      assert.strictEqual((yield* Effect.flip(program)).message, "two: the cpu device is lost, with all tensors on it")
      x.dispose()
      device()
    }).pipe(leavesNoTensor, Effect.provide(Backend.layerCpu)))
})
