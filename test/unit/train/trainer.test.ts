import { assert, describe, layer } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Deferred, Effect, Exit, Fiber, Stream } from "effect"
import { Backend, Key, Layers, Losses, Metrics, NdArray, Optimizers, Train, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { batch, batches, init, optimizer, step } from "../../support/training.ts"

const trainer = Train.make(init, step)

/** Runs a stream of metrics on a trainer of its own. */
const training = <A, E, R>(
  run: (t: Effect.Success<typeof trainer>) => Effect.Effect<A, E, R>
) => Effect.scoped(Effect.flatMap(trainer, run))

layer(Backend.layerWasm, { excludeTestServices: true })("Trainer", (it) => {
  it.effect("learns, and emits the metrics of each step", () =>
    training((t) =>
      Effect.gen(function*() {
        const metrics = yield* batches.pipe(t.run, Stream.take(60), Stream.runCollect)
        assert.deepStrictEqual(metrics.map(({ step }) => step), Array.from({ length: 60 }, (_, i) => i + 1))
        assert.deepStrictEqual(
          Object.keys(metrics[0]!).sort(),
          ["accuracy", "endOfEpoch", "epoch", "loss", "size", "step"]
        )
        assert.isAbove(metrics[0]!.loss, 1)
        assert.isBelow(metrics[59]!.loss, 0.1)
        assert.strictEqual(metrics[59]!.accuracy, 1)
        assert.strictEqual((yield* t.state).step, 60)
      })
    ).pipe(leavesNoTensor))

  for (const readEvery of [1, 3]) {
    it.effect(`names a metric whose finish throws, and keeps the state before it, reading every ${readEvery}`, () =>
      Effect.gen(function*() {
        const finish = () => {
          throw new Error("no")
        }
        const counting = Train.step(
          () => "count",
          ({ at, step }: { readonly step: number; readonly at: tf.Tensor }, x: number) => {
            const loss = tf.scalar(x), total = { parts: [tf.scalar(x)], merge: (a: Metrics.Parts) => a, finish }
            return [{ step: step + 1, at: tf.add(at, x) }, { loss, total }]
          }
        )
        const zero = Backend.tensors("zero", () => ({ step: 0, at: tf.scalar(0) }))
        const t = yield* Train.make(zero, counting, { readEvery })
        const failure = yield* Effect.flip(Stream.make(1, 2, 3).pipe(t.run, Stream.runDrain))
        assert.strictEqual(failure._tag, "TensorError")
        assert.strictEqual(failure.message, "metric total: no")
        const { at, step } = yield* t.state
        assert.deepStrictEqual([step, at.dataSync()[0]], [0, 0])
      }).pipe(Effect.scoped, leavesNoTensor))
  }

  it.effect("keeps what a step measures of its own state", () =>
    Effect.gen(function*() {
      type Mean = { readonly step: number; readonly mean: tf.Tensor }
      const average = Train.step(() => "average", ({ mean, step }: Mean, x: number) => {
        const next = tf.add(mean, tf.div(tf.sub(x, mean), step + 1))
        return [{ step: step + 1, mean: next }, { mean: next, before: mean }]
      })
      const zero = Backend.tensors("zero", () => ({ step: 0, mean: tf.scalar(0) }))
      const t = yield* Train.make(zero, average)
      const measured = yield* Stream.make(2, 4, 9).pipe(t.run, Stream.runCollect)
      assert.deepStrictEqual(measured, [
        { step: 1, mean: 2, before: 0 },
        { step: 2, mean: 3, before: 2 },
        { step: 3, mean: 5, before: 3 }
      ])
      // Refused, and the state is still there.
      const failure = yield* Effect.flip(Stream.make(Infinity).pipe(t.run, Stream.runDrain))
      assert.strictEqual(failure._tag, "NonFiniteError")
      assert.deepStrictEqual(yield* Stream.make(1).pipe(t.run, Stream.runCollect), [{ step: 4, mean: 4, before: 5 }])
    }).pipe(Effect.scoped, leavesNoTensor))

  describe("leaves no tensor behind", () => {
    it.effect("after success, and after Stream.take", () =>
      training((t) => batches.pipe(Stream.take(5), t.run, Stream.runDrain)).pipe(
        Effect.andThen(training((t) => batches.pipe(t.run, Stream.take(3), Stream.runDrain))),
        leavesNoTensor
      ))

    it.effect("when it is interrupted between steps, with batches waiting", () =>
      Effect.gen(function*() {
        const started = yield* Deferred.make<void>()
        const fiber = yield* Effect.forkChild(training((t) =>
          batches.pipe(
            Stream.buffer({ capacity: 4 }),
            t.run,
            Stream.tap(({ step }) => step === 3 ? Deferred.succeed(started, undefined) : Effect.void),
            Stream.runDrain
          )
        ))
        yield* Deferred.await(started)
        yield* Fiber.interrupt(fiber)
        assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
      }).pipe(leavesNoTensor))

    it.effect("when it times out", () =>
      training((t) => batches.pipe(t.run, Stream.runDrain)).pipe(
        Effect.timeoutOption("50 millis"),
        Effect.tap((result) => Effect.sync(() => assert.isTrue(result._tag === "None"))),
        leavesNoTensor
      ))

    it.effect("when the consumer fails", () =>
      training((t) =>
        batches.pipe(
          t.run,
          Stream.mapEffect(({ step }) => step === 3 ? Effect.fail("stop" as const) : Effect.void),
          Stream.runDrain
        )
      ).pipe(
        Effect.flip,
        Effect.tap((error) => Effect.sync(() => assert.strictEqual(error, "stop"))),
        leavesNoTensor
      ))

    it.effect("when a batch does not fit, which is a TensorError that names step and shapes", () =>
      training((t) =>
        Effect.gen(function*() {
          const bad = { ...batch(1), x: NdArray.make(new Float32Array(16 * 49), [16, 7, 7, 1]) }
          const error = yield* Stream.make(batch(0), bad, batch(2)).pipe(t.run, Stream.runDrain, Effect.flip)
          assert.strictEqual(error._tag, "TensorError")
          assert.match(error.message, /^train step 2, batch x \[16, 7, 7, 1\] y \[16\]: /)
          assert.strictEqual((yield* t.state).step, 1)
        })
      ).pipe(leavesNoTensor))

    it.effect("when the model does not fit its input, which is a ShapeError that names the layer", () =>
      Effect.gen(function*() {
        const model = Layers.named({
          conv1: Layers.conv2d({ filters: 2, kernelSize: 3 }),
          head: Layers.dense(4),
          conv2: Layers.conv2d({ filters: 2, kernelSize: 3 })
        })
        const wrong = Train.init({ model, optimizer, input: [64], key: Key.make(1) })
        const error = yield* Effect.flip(Effect.scoped(Train.make(wrong, () => Effect.die("no step is taken"))))
        assert.strictEqual(error.message, "conv1 (conv2d) expects [height, width, channels], got [64]")
      }).pipe(leavesNoTensor))

    it.effect("in 1,000 steps", () =>
      training((t) =>
        Effect.gen(function*() {
          yield* batches.pipe(Stream.take(1), t.run, Stream.runDrain)
          const before = tf.memory().numTensors
          const counts = yield* batches.pipe(
            Stream.take(1000),
            t.run,
            Stream.map(() => tf.memory().numTensors),
            Stream.runCollect
          )
          assert.deepStrictEqual([...new Set(counts)], [before])
        })
      ).pipe(leavesNoTensor))
  })

  it.effect("goes on where an earlier stream stopped", () =>
    Effect.gen(function*() {
      const steps = (take: ReadonlyArray<number>) =>
        training((t) =>
          Effect.gen(function*() {
            let from = 0
            for (const n of take) {
              yield* batches.pipe(Stream.drop(from), Stream.take(n), t.run, Stream.runDrain)
              from += n
            }
            return Tree.leaves(yield* t.state).map((x) => Array.from(x.dataSync()))
          })
        )
      assert.deepStrictEqual(yield* steps([2, 3]), yield* steps([5]))
    }))

  it.effect("ends with a NonFiniteError that names step and learning rate, and keeps the state before it", () =>
    Effect.gen(function*() {
      const model = Layers.dense(1), optimizer = Optimizers.sgd(1e30)
      const diverging = Train.make(
        Train.init({ model, optimizer, input: [1], key: Key.make(1) }),
        Train.supervised({ model, optimizer, loss: Losses.meanSquaredError })
      )
      const line = { x: NdArray.make([1, 2], [2, 1]), y: NdArray.make([2, 4], [2, 1]), size: 2 }
      const t = yield* diverging
      const error = yield* Stream.forever(Stream.make(line)).pipe(t.run, Stream.runDrain, Effect.flip)
      assert.strictEqual(error._tag, "NonFiniteError")
      assert.strictEqual(error.message, "loss is Infinity at step 2 with learning rate 1e+30: expected a finite number")
      const { params, step } = yield* t.state
      assert.strictEqual(step, 1)
      assert.isTrue(Number.isFinite(params.kernel.dataSync()[0]))
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("is not ended by a metric, whatever its name and its value, but by a loss of a step's own", () =>
    Effect.gen(function*() {
      const model = Layers.dense(1), optimizer = Optimizers.sgd(0.1), { meanSquaredError: loss } = Losses
      const measure = (y: tf.Tensor) => ({ total: tf.sum(y) })
      const metrics = [
        Metrics.make({ name: "classLoss", measure, finish: ({ total }) => ({ first: total.length }) }),
        Metrics.make({ name: "emptyLoss", measure, finish: () => NaN })
      ]
      const init = Train.init({ model, optimizer, input: [1], key: Key.make(1) })
      const line = { x: NdArray.make([1, 2], [2, 1]), y: NdArray.make([2, 4], [2, 1]), size: 2 }
      const supervised = Train.supervised({ model, optimizer, loss, metrics })
      const t = yield* Train.make(init, supervised)
      const [{ classLoss, emptyLoss } = assert.fail()] = yield* Stream.runCollect(t.run(Stream.make(line)))
      assert.deepStrictEqual([classLoss, emptyLoss], [{ first: 1 }, NaN])
      const own = Train.step(() => "own", (state: Effect.Success<typeof init>) => [
        { ...state, step: state.step + 1 },
        { criticLoss: tf.scalar(NaN), other: tf.scalar(NaN) }
      ])
      const error = yield* (yield* Train.make(init, own)).run(Stream.make(1)).pipe(Stream.runDrain, Effect.flip)
      assert.strictEqual(error.message, "criticLoss is NaN at step 1 with learning rate 0.1: expected a finite number")
    }).pipe(Effect.scoped, leavesNoTensor))

  for (const readEvery of [1, 3]) {
    it.effect(`names what is not finite in the batch, where metrics of ${readEvery} steps are read together`, () =>
      Effect.gen(function*() {
        const model = Layers.dense(1), optimizer = Optimizers.sgd(0.1)
        const t = yield* Train.make(
          Train.init({ model, optimizer, input: [2, 3], key: Key.make(1) }),
          Train.supervised({ model, optimizer, loss: Losses.meanSquaredError }),
          { readEvery }
        )
        const good = {
          x: NdArray.make(new Float32Array(12), [2, 2, 3]),
          y: NdArray.make([1, 2, 3, 4], [2, 2, 1]),
          size: 2
        }
        const x = good.x.data.map((_, i) => i === 10 ? NaN : 0) as Float32Array
        const bad = { ...good, x: NdArray.make(x, [2, 2, 3]) }
        const error = yield* Stream.make(good, bad, good).pipe(t.run, Stream.runDrain, Effect.flip)
        assert.strictEqual(
          error.message,
          "loss is NaN at step 2 with learning rate 0.1: expected a finite number; its batch has NaN in x at [1, 1, 1]"
        )
        assert.strictEqual((yield* t.state).step, readEvery === 1 ? 1 : 0)
      }).pipe(Effect.scoped, leavesNoTensor))
  }

  it.effect("steps are pure: the state and batch that they are given stay as they are", () =>
    Effect.gen(function*() {
      const state = yield* init
      const values = () => Tree.leaves(state).map((x) => Array.from(x.dataSync()))
      const before = values()
      const [first, measured1] = yield* step(state, batch(0))
      const [second, measured2] = yield* step(state, batch(0))
      assert.deepStrictEqual(values(), before)
      assert.deepStrictEqual(
        Tree.leaves(first).map((x) => Array.from(x.dataSync())),
        Tree.leaves(second).map((x) => Array.from(x.dataSync()))
      )
      for (const tree of [state, first, second]) Tree.disposeExcept(tree)
      for (const { accuracy, loss } of [measured1, measured2]) tf.dispose([accuracy.parts, loss.parts] as never)
    }).pipe(leavesNoTensor))

  it.effect("takes one step at a time, however many streams run", () =>
    training((t) =>
      Effect.gen(function*() {
        const some = batches.pipe(Stream.take(20), t.run, Stream.runDrain)
        yield* Effect.all([some, some, some], { concurrency: "unbounded" })
        assert.strictEqual((yield* t.state).step, 60)
      })
    ).pipe(leavesNoTensor))

  it.effect("lets other fibers, timers and signals in while it trains", () =>
    training((t) =>
      Effect.gen(function*() {
        let ticks = 0, turns = 0
        const clock = setInterval(() => ticks += 1, 1)
        const others = yield* Effect.forkChild(Effect.forever(Effect.sync(() => turns += 1)))
        yield* batches.pipe(
          t.run,
          // Ends only if both get their turns between steps that never wait for anything.
          Stream.takeUntil(() => ticks >= 3 && turns >= 3),
          Stream.runDrain
        )
        clearInterval(clock)
        yield* Fiber.interrupt(others)
      })
    ))
})
