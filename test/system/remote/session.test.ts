import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, layer } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Fiber, FileSystem, Pull, Stream } from "effect"
import {
  Backend,
  Checkpoint,
  Initializers,
  Key,
  Layers,
  Losses,
  Metrics,
  NdArray,
  Optimizers,
  Train,
  Tree
} from "effect-neuron"
import * as Remote from "effect-neuron/remote"
import { open } from "../../../src/remote/session.ts"
import { leavesNoTensor } from "../../support/backend.ts"
import { batch, make, parts } from "./program.ts"

const config = { seed: 3, learningRate: 0.01 }

const session = (batches?: number) =>
  Effect.gen(function*() {
    const training = yield* make(batches === undefined ? config : { ...config, batches })
    return { training, session: yield* open(training, true) }
  })

/** Lets every other fiber that can go on do so, often. */
const others = Effect.forEach(Array.from({ length: 50 }), () => Effect.yieldNow)

layer(Backend.layerWasm)("a session", (it) => {
  it.effect("with a watcher that waits stops at its capacity, and goes on when it is read or gone", () =>
    Effect.gen(function*() {
      const { session: { resume, watch }, training } = yield* session()
      const steps = Effect.map(training.state, ({ step }) => step)
      yield* Effect.scoped(Effect.gen(function*() {
        const pull = yield* Stream.toPull(watch({ capacity: 4, whenFull: "wait" }))
        const first = yield* Effect.forkChild(pull, { startImmediately: true })
        yield* resume
        const [one] = yield* Fiber.join(first)
        assert.strictEqual(one.step, 1)
        yield* Effect.repeat(Effect.andThen(others, steps), { until: (n) => n >= 4 })
        yield* others
        const before = yield* steps
        assert.isAtMost(before, 9)
        yield* others
        assert.strictEqual(yield* steps, before)
        const rest = yield* pull
        assert.isAtMost(rest.length, 5)
        yield* Effect.repeat(Effect.andThen(others, steps), { until: (n) => n > before })
      }))
      const alone = yield* steps
      yield* Effect.repeat(Effect.andThen(others, steps), { until: (n) => n > alone + 10 })
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("goes on without a watcher that merges, which gets every step in few elements", () =>
    Effect.gen(function*() {
      const { session: { phase, resume, watch } } = yield* session(100)
      const pull = yield* Stream.toPull(watch({ capacity: 8 }))
      const first = yield* Effect.forkChild(pull, { startImmediately: true })
      yield* resume
      const some = yield* Fiber.join(first)
      yield* Effect.repeat(others, { until: () => phase() === "finished" })
      const rest = yield* pull
      assert.isAtMost(rest.length, 8)
      assert.strictEqual([...some, ...rest].reduce((sum, { steps }) => sum + steps, 0), 100)
      assert.strictEqual(rest.at(-1)!.step, 100)
      assert.isTrue(Pull.isDoneCause((yield* Effect.exit(pull) as never as Effect.Effect<{ cause: never }>).cause))
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("shows those who come late the whole course", () =>
    Effect.gen(function*() {
      const { session: { resume, watch } } = yield* session(40)
      yield* resume
      yield* Stream.runDrain(watch({}))
      const late = yield* Stream.runCollect(watch({ capacity: 5 }))
      assert.deepStrictEqual(late.map(({ step }) => step), [8, 16, 24, 32, 40])
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("takes steps whose metrics are read together in one turn, and pauses behind them", () =>
    Effect.gen(function*() {
      // Without an end, which a fast machine would come to before the pause.
      const training = yield* make({ ...config, readEvery: 4 })
      const { between, pause, resume, step } = yield* open(training, true)
      const steps = Effect.map(training.state, ({ step }) => step)
      assert.deepInclude(yield* step(1), { step: 1 })
      assert.strictEqual(yield* between(steps), 4)
      yield* others
      assert.strictEqual(yield* steps, 4)
      yield* resume
      yield* pause
      assert.strictEqual((yield* between(steps)) % 4, 0)
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("takes what is left at the end where it is less than is read together", () =>
    Effect.gen(function*() {
      const training = yield* make({ ...config, batches: 10, readEvery: 4 })
      const { between, phase, resume, step, watch } = yield* open(training, true)
      assert.deepInclude(yield* step(1), { step: 1 })
      yield* resume
      const points = yield* Stream.runCollect(watch({}))
      assert.deepStrictEqual(points.map(({ step }) => step), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
      assert.strictEqual(phase(), "finished")
      assert.strictEqual(yield* between(Effect.map(training.state, ({ step }) => step)), 10)
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("takes no step while something is done between two, and what is done ends when it is stopped", () =>
    Effect.gen(function*() {
      const error = yield* Effect.gen(function*() {
        const { session: { between, resume }, training } = yield* session()
        yield* resume
        const before = yield* between(Effect.map(training.state, ({ step }) => step))
        const same = yield* between(
          Effect.flatMap(training.state, ({ step }) => Effect.as(others, step))
        )
        assert.isAtLeast(same, before)
        yield* between(Effect.gen(function*() {
          const { step } = yield* training.state
          yield* others
          assert.strictEqual((yield* training.state).step, step)
        }))
        return yield* Effect.forkDetach(between(Effect.never), { startImmediately: true })
      }).pipe(Effect.scoped, Effect.flatMap(Fiber.join), Effect.flip)
      assert.strictEqual(error._tag, "TrainingUnavailable")
    }).pipe(leavesNoTensor))

  it.effect("is looked at as it is when it is asked, while it takes steps, until it is stopped", () =>
    Effect.gen(function*() {
      const looking = yield* Effect.gen(function*() {
        const { supervision, trainer: makeTrainer } = parts(config), trainer = yield* makeTrainer
        const batches = Stream.iterate(0, (i) => i + 1).pipe(Stream.map(batch))
        let looked = false
        // Their second batch is there when ten steps have been taken.
        const test = Stream.concat(
          Stream.sync(() => {
            looked = true
            return batch(1000)
          }),
          Stream.fromEffect(
            Effect.repeat(Effect.andThen(others, trainer.state), { until: ({ step }) => step >= 10 }).pipe(
              Effect.as(batch(1001))
            )
          )
        )
        const training = Remote.supervised({ ...supervision, trainer, batches, test })
        const { beside, resume } = yield* open(training, true)
        const expected = yield* Train.evaluate(Stream.make(batch(1000), batch(1001)), supervision, trainer)
        const asking = yield* Effect.forkChild(beside(training.evaluate!), { startImmediately: true })
        yield* Effect.repeat(others, { until: () => looked })
        yield* resume
        const { metrics, step } = yield* Fiber.join(asking)
        // Steps were taken meanwhile: the answer says of which one it is.
        assert.strictEqual(step, 0)
        assert.deepStrictEqual(metrics, { accuracy: expected.accuracy, loss: expected.loss })
        assert.isAtLeast((yield* trainer.state).step, 10)
        return yield* Effect.forkDetach(beside(training.use(() => Effect.never)), { startImmediately: true })
      }).pipe(Effect.scoped)
      assert.strictEqual((yield* Effect.flip(Fiber.join(looking)))._tag, "TrainingUnavailable")
    }).pipe(leavesNoTensor))

  it.effect("evaluates once, with the confusion matrix that the metric has", () =>
    Effect.gen(function*() {
      const { supervision, trainer: makeTrainer } = parts(config), trainer = yield* makeTrainer
      let runs = 0
      const test = Stream.suspend(() => {
        runs++
        const last = batch(1001), weight = NdArray.make(Float32Array.from(last.y.data, (y) => y / 2), [16])
        return Stream.make(batch(1000), { ...last, weight })
      })
      const metrics = [...supervision.metrics, Metrics.confusion(4)] as const
      const { confusion, ...expected } = yield* Train.evaluate(test, { ...supervision, metrics }, trainer)
      runs = 0
      const found = yield* Remote.supervised({ ...supervision, trainer, batches: Stream.empty, test, confusion: true })
        .evaluate!
      assert.strictEqual(runs, 1)
      assert.deepStrictEqual(found.confusion, NdArray.make(confusion.counts))
      assert.deepStrictEqual(found.metrics, { accuracy: expected.accuracy, loss: expected.loss })
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("predicts a tree where its model gives one", () =>
    Effect.gen(function*() {
      const dense = (units: number) => Layers.dense(units, { kernelInitializer: Initializers.ones })
      const model = Layers.each({ a: dense(1), b: dense(2) }), optimizer = Optimizers.sgd(0.1)
      type Pair = { readonly a: tf.Tensor; readonly b: tf.Tensor }
      const supervision = { model, loss: (y: Pair, t: Pair) => Losses.meanSquaredError(y.a, t.a) }
      const trainer = yield* Train.make(
        Train.init({ model, optimizer, input: { a: [2], b: [1] }, key: Key.make(1) }),
        Train.supervised({ ...supervision, optimizer })
      )
      const { predict } = Remote.supervised({ ...supervision, trainer, batches: Stream.empty })
      const averaged = yield* Train.make(
        Train.withAverage(Train.init({ model, optimizer, input: { a: [2], b: [1] }, key: Key.make(1) })),
        Train.averaging(Train.supervised({ ...supervision, optimizer }), { decay: 0.5 })
      )
      yield* averaged.modify((state) => ({ ...state, average: Tree.map(state.average, (leaf) => tf.mul(leaf, 2)) }))
      const byAverage = Remote.supervised({
        ...supervision,
        trainer: averaged,
        batches: Stream.empty,
        weights: Train.averageOf
      })
      assert.deepStrictEqual(yield* byAverage.predict!({ a: NdArray.make([[1, 2]]), b: NdArray.make([[3]]) }), {
        a: NdArray.make([[6]]),
        b: NdArray.make([[6, 6]])
      })
      assert.deepStrictEqual(yield* predict!({ a: NdArray.make([[1, 2]]), b: NdArray.make([[3]]) }), {
        a: NdArray.make([[3]]),
        b: NdArray.make([[3, 3]])
      })
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("that is stopped while it runs leaves no tensor", () =>
    Effect.gen(function*() {
      const before = tf.memory().numTensors
      yield* Effect.scoped(Effect.gen(function*() {
        const { session: { resume, watch } } = yield* session()
        yield* resume
        yield* watch({}).pipe(Stream.takeUntil(({ step }) => step >= 3), Stream.runDrain)
        assert.isAbove(tf.memory().numTensors, before)
      }))
    }).pipe(leavesNoTensor))

  it.effect("ends its watchers whenever it is stopped, before it has begun too", () =>
    Effect.forEach([0, 1, 2, 3, 5, 8, 13], (turns) =>
      Effect.gen(function*() {
        const watching = yield* Effect.scoped(Effect.gen(function*() {
          const { session: { resume, watch } } = yield* session()
          const watching = yield* Effect.forkDetach(Stream.runDrain(watch({})), { startImmediately: true })
          yield* resume
          yield* Effect.repeat(Effect.yieldNow, { times: turns })
          return watching
        }))
        yield* Fiber.join(watching)
      })).pipe(leavesNoTensor))

  it.effect("saves itself as it goes and when it is stopped, and fails as its saving does", () =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem, folder = yield* files.makeTempDirectoryScoped()
      const saved = Effect.map(Checkpoint.list(folder), (all) => all.map(({ step }) => step))
      const { supervision, trainer: makeTrainer } = parts(config)
      const batches = Stream.iterate(0, (i) => i + 1).pipe(Stream.map(batch))
      yield* Effect.scoped(Effect.gen(function*() {
        const trainer = yield* makeTrainer
        const training = Remote.supervised({
          ...supervision,
          trainer,
          batches,
          checkpoint: (metrics) =>
            metrics.pipe(
              Checkpoint.every(2, { folder, trainer }),
              Checkpoint.best({ folder, trainer, monitor: ({ step }) => -step })
            )
        })
        const { step } = yield* open(training, true)
        yield* step(3)
        assert.deepStrictEqual(yield* saved, [3, 2])
      }))
      assert.deepStrictEqual(yield* saved, [3, 3])
      yield* Effect.scoped(Effect.gen(function*() {
        const trainer = yield* makeTrainer
        yield* files.writeFileString(`${folder}/a file`, "")
        const checkpoint = Checkpoint.every(2, { folder: `${folder}/a file/in the way`, trainer })
        const { step } = yield* open(Remote.training(trainer, batches, { checkpoint }), true)
        assert.strictEqual((yield* Effect.flip(step(2)))._tag, "CheckpointError")
      }))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer), leavesNoTensor))

  it.effect("gives up a step that is asked for when it is paused or its batches end", () =>
    Effect.gen(function*() {
      const { session: { step } } = yield* session(3)
      assert.strictEqual((yield* step(2)).step, 2)
      const error = yield* Effect.flip(step(2))
      assert.strictEqual(error.message, "step: there are no more batches")
      assert.strictEqual((yield* Effect.flip(step(1))).message, "step: the training has finished")
    }).pipe(Effect.scoped, leavesNoTensor))
})

layer(Backend.layerWasm)("a supervised training", (it) => {
  it.effect("has the gradient norms that its next step follows", () =>
    Effect.gen(function*() {
      const { supervision } = parts(config)
      const optimizer = Optimizers.sgd(0.5), { model } = supervision
      const same = { ...batch(0), x: { ...batch(0).x } as NdArray.NdArray }
      const trainer = yield* Train.make(
        Train.init({ model, optimizer, input: [16], key: [1, 2] }),
        Train.supervised({ ...supervision, optimizer })
      )
      const training = Remote.supervised({ ...supervision, trainer, batches: Stream.forever(Stream.make(same)) })
      const step = training.run(Effect.void).pipe(Stream.take(1), Stream.runDrain)
      assert.isUndefined(yield* training.gradientNorms!)
      yield* step
      const { norms } = (yield* training.gradientNorms!)!
      const kernel = () => Effect.map(trainer.state, ({ params }) => params.hidden.kernel.dataSync().slice())
      const before = yield* kernel()
      yield* step
      const after = yield* kernel()
      const moved = Math.hypot(...before.map((w, i) => w - after[i]!)) / 0.5
      assert.closeTo(norms["hidden.kernel"]!, moved, 1e-5 * moved)
      assert.includeMembers(Object.keys(norms), ["hidden.bias", "head.0.kernel", "head.2.bias"])
    }).pipe(Effect.scoped, leavesNoTensor))
})
