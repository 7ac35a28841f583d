import { assert, describe, layer } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Deferred, Effect, Fiber, Logger, Stream } from "effect"
import { Backend, Metrics, Train, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { batch, batches, init, step, supervision } from "../../support/training.ts"

const make = Train.make(init, step)
const held = Stream.make(batch(60), { ...batch(61), size: 16 })
// A metric that is not a mean.
const scored = { ...supervision, metrics: [Metrics.accuracy, Metrics.perplexity()] } as const

/** Batches of epochs of three. */
const epochs = Stream.zipWithIndex(batches).pipe(
  Stream.map(([batch, i]) => ({ ...batch, epoch: Math.floor(i / 3), endOfEpoch: i % 3 === 2 }))
)

const values = (tree: Tree.Tree) => Tree.leaves(tree).map((leaf) => Array.from(leaf.dataSync()))

layer(Backend.layerWasm)("validation in training", (it) => {
  it.effect("is an evaluation of the weights after every n-th step, and changes nothing", () =>
    Effect.gen(function*() {
      const trainer = yield* make, plain = yield* make
      const steps = yield* batches.pipe(
        trainer.run,
        Train.validating({ ...scored, trainer, batches: held, every: 2 }),
        Stream.take(5),
        Stream.runCollect
      )
      const expected: Array<unknown> = []
      const alone = yield* batches.pipe(
        plain.run,
        Stream.tap(({ step }) =>
          Effect.map(Train.evaluate(held, scored, plain), (figures) =>
            expected.push(step % 2 === 0 ? figures : undefined))
        ),
        Stream.take(5),
        Stream.runCollect
      )
      const together = alone.map((metrics, i) =>
        expected[i] === undefined ? metrics : Object.assign({}, metrics, { validation: expected[i] })
      )
      assert.deepStrictEqual<ReadonlyArray<unknown>>(steps, together)
      assert.deepStrictEqual(values(yield* trainer.state), values(yield* plain.state))
      assert.isFalse("validation" in steps[0]!)
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("behind what leaves steps out it comes at the first at or past a multiple, from the trainer's step on", () =>
    Effect.gen(function*() {
      const trainer = yield* make
      const ends = (from: number, count: number) =>
        epochs.pipe(
          Stream.drop(from),
          trainer.run,
          Metrics.perEpoch(),
          Train.validating({ ...supervision, trainer, batches: held, every: 4 }),
          Stream.take(count),
          Stream.filter(({ validation }) => validation !== undefined),
          Stream.map(({ step }) => step),
          Stream.runCollect
        )
      assert.deepStrictEqual(yield* ends(0, 5), [6, 9, 12])
      // A stream that goes on from step 15 has passed 16 at its first element.
      assert.deepStrictEqual(yield* ends(15, 2), [18, 21])
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("counts by step and by epoch, also of a training that goes on, and epochs keep their last", () =>
    Effect.gen(function*() {
      const trainer = yield* make
      const where = (every: Train.Every, from: number, count: number) =>
        epochs.pipe(
          Stream.drop(from),
          trainer.run,
          Train.validating({ ...supervision, trainer, batches: held, every, name: "held" }),
          Stream.take(count),
          Stream.filter(({ held }) => held !== undefined),
          Stream.map(({ step }) => step),
          Stream.runCollect
        )
      assert.deepStrictEqual(yield* where(2, 0, 3), [2])
      assert.deepStrictEqual(yield* where(2, 3, 3), [4, 6])
      assert.deepStrictEqual(yield* where({ epochs: 1 }, 6, 6), [9, 12])
      assert.deepStrictEqual(yield* where({ epochs: 2 }, 12, 6), [18])
      const perEpoch = yield* epochs.pipe(
        Stream.drop(18),
        trainer.run,
        Train.validating({ ...supervision, trainer, batches: held, every: 2 }),
        Metrics.perEpoch(),
        Train.validating({ ...supervision, trainer, batches: held, name: "after" }),
        Stream.take(2),
        Stream.runCollect
      )
      assert.deepStrictEqual(perEpoch.map(({ step }) => step), [21, 24])
      // Steps 20 and 24: that of step 20 is what the first epoch says, though step 21 ends it.
      assert.isDefined(perEpoch[0]!.validation)
      assert.notDeepEqual(perEpoch[0]!.validation, perEpoch[0]!.after)
      assert.deepStrictEqual(perEpoch[1]!.validation, perEpoch[1]!.after)
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("is what early stopping looks at, step or not", () =>
    Effect.gen(function*() {
      const trainer = yield* make
      const steps = yield* batches.pipe(
        trainer.run,
        Train.validating({ ...supervision, trainer, batches: held, every: 3 }),
        Train.earlyStopping({ monitor: ({ validation }) => validation && 1, patience: 2 }),
        Stream.runCount
      )
      assert.strictEqual(steps, 9)
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("that is interrupted leaves no tensor and a trainer that goes on", () =>
    Effect.gen(function*() {
      const trainer = yield* make, begun = yield* Deferred.make<void>()
      const before = tf.memory().numTensors
      const endless = Stream.make(batch(60)).pipe(
        Stream.concat(Stream.fromEffect(Effect.andThen(Deferred.succeed(begun, undefined), Effect.never)))
      )
      const training = yield* batches.pipe(
        trainer.run,
        Train.validating({ ...supervision, trainer, batches: endless, every: 2 }),
        Stream.runDrain,
        Effect.forkChild
      )
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(training)
      assert.strictEqual((yield* trainer.state).step, 2)
      assert.strictEqual(tf.memory().numTensors, before)
      yield* Stream.runDrain(trainer.run(Stream.take(batches, 1)))
      assert.strictEqual((yield* trainer.state).step, 3)
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("fails as its batches do, and with none", () =>
    Effect.gen(function*() {
      const trainer = yield* make
      const failing = <E>(examples: Stream.Stream<ReturnType<typeof batch>, E>) =>
        Train.validating(trainer.run(batches), { ...supervision, trainer, batches: examples, every: 1 }).pipe(
          Stream.runDrain,
          Effect.flip
        )
      assert.strictEqual(yield* failing(Stream.concat(Stream.make(batch(0)), Stream.fail("gone" as const))), "gone")
      assert.include(String(yield* failing(Stream.empty)), "at least one example")
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("says that nothing was validated where no epoch has ended", () =>
    Effect.gen(function*() {
      const trainer = yield* make, said: Array<unknown> = []
      const logger = Logger.make(({ logLevel, message }) => void said.push(`${logLevel}: ${message}`))
      const run = (steps: typeof epochs) =>
        steps.pipe(
          trainer.run,
          Train.validating({ ...supervision, trainer, batches: held }),
          Stream.runDrain,
          Effect.provide(Logger.layer([logger]))
        )
      yield* run(Stream.take(epochs, 3))
      assert.deepStrictEqual(said, [])
      yield* run(Stream.take(epochs, 2))
      assert.match(String(said), /^Warn: validating: no epoch has ended/)
    }).pipe(Effect.scoped, leavesNoTensor))

  describe("configuration", () => {
    it.effect("of a wrong number, a name of a step's own, or one that is taken is refused", () =>
      Effect.gen(function*() {
        const trainer = yield* make, options = { ...supervision, trainer, batches: held }
        for (const every of [0, 1.5, -2, NaN, { epochs: 0 }]) {
          assert.throws(
            () => Train.validating({ ...options, every }),
            RangeError,
            /^validating: every(\.epochs)? is a positive integer, got /
          )
        }
        assert.throws(() => Train.validating({ ...options, name: "loss" }), RangeError, "a step's own")
        const twice = trainer.run(batches).pipe(
          Train.validating({ ...options, every: 1 }),
          // @ts-expect-error the metrics hold a validation already
          Train.validating({ ...options, every: 1 }),
          Stream.runDrain
        ) as Effect.Effect<void, unknown, Backend.Backend>
        const defect = yield* Effect.flip(Effect.catchDefect(twice, Effect.fail))
        assert.include(String(defect), "the metrics hold a validation already")
      }).pipe(Effect.scoped, leavesNoTensor))
  })
})
