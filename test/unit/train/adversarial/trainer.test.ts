import { assert, describe, layer } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Deferred, Effect, Exit, Fiber, Result, Stream } from "effect"
import { Adversarial, Backend, Datasets, Key, Layers, NdArray, Optimizers, Pipeline, Train, Tree } from "effect-neuron"
import { batches, init, latent, networks, points, randomBatch, values } from "../../../support/adversarial.ts"
import type { AnyState } from "../../../support/adversarial.ts"
import { leavesNoTensor } from "../../../support/backend.ts"

// The step with the most to leave behind: the tape of its penalty is inside the tape of its loss.
const trainer = Train.make(init, Adversarial.wganGp(networks))

const training = <A, E, R>(
  run: (t: Effect.Success<typeof trainer>) => Effect.Effect<A, E, R>
) => Effect.scoped(Effect.flatMap(trainer, run))

layer(Backend.layerWasm, { excludeTestServices: true })("Adversarial training", (it) => {
  it.effect("brings generated examples to the real ones, and emits the metrics of each step", () =>
    Effect.gen(function*() {
      const adam = Optimizers.adam(1e-2, { beta1: 0.5 })
      const linear = {
        generator: Layers.dense(2),
        critic: Layers.serial(Layers.dense(16), Layers.leakyRelu(), Layers.dense(1)),
        optimizers: { generator: adam, critic: adam },
        averageDecay: 0.95
      }
      const t = yield* Train.make(
        Adversarial.init({ ...linear, latent: { shape: [3] }, input: [2], key: Key.make(1) }),
        Adversarial.gan(linear)
      )
      const distance = Effect.gen(function*() {
        const { data } = yield* Adversarial.generate(linear, yield* t.state, { count: 500, latent, key: Key.make(2) })
        const mean = (axis: number) => Array.from(data).reduce((sum, x, i) => i % 2 === axis ? sum + x : sum, 0) / 500
        return Math.hypot(mean(0) - 3, mean(1) + 1)
      })
      assert.isAbove(yield* distance, 2)
      const metrics = yield* points.pipe(
        Pipeline.batch(32),
        Pipeline.withNoise(Datasets.noise({ ...latent, seed: 3 })),
        t.run,
        Stream.take(300),
        Stream.runCollect
      )
      assert.isBelow(yield* distance, 0.4)
      assert.deepStrictEqual(metrics.map(({ step }) => step), Array.from({ length: 300 }, (_, i) => i + 1))
      assert.deepStrictEqual(Object.keys(metrics[0]!).sort(), [
        "criticGradientNorm",
        "criticLoss",
        "endOfEpoch",
        "epoch",
        "fakeScore",
        "generatorGradientNorm",
        "generatorLoss",
        "gradientPenalty",
        "realScore",
        "size",
        "step"
      ])
      assert.strictEqual(metrics[0]!.size, 32)
      assert.strictEqual(metrics[0]!.gradientPenalty, 0)
    }).pipe(Effect.scoped, leavesNoTensor))

  describe("leaves no tensor behind", () => {
    it.effect("after success, and after Stream.take", () =>
      training((t) => batches().pipe(Stream.take(4), t.run, Stream.runDrain)).pipe(
        Effect.andThen(training((t) => batches().pipe(t.run, Stream.take(3), Stream.runDrain))),
        leavesNoTensor
      ))

    it.effect("when it is interrupted between steps, with batches waiting", () =>
      Effect.gen(function*() {
        const started = yield* Deferred.make<void>()
        const fiber = yield* Effect.forkChild(training((t) =>
          batches().pipe(
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
      training((t) => batches().pipe(t.run, Stream.runDrain)).pipe(
        Effect.timeoutOption("50 millis"),
        Effect.tap((result) => Effect.sync(() => assert.isTrue(result._tag === "None"))),
        leavesNoTensor
      ))

    it.effect("when the consumer fails", () =>
      training((t) =>
        batches().pipe(
          t.run,
          Stream.mapEffect(({ step }) => step === 3 ? Effect.fail("stop" as const) : Effect.void),
          Stream.runDrain
        )
      ).pipe(
        Effect.flip,
        Effect.tap((error) => Effect.sync(() => assert.strictEqual(error, "stop"))),
        leavesNoTensor
      ))

    it.effect("when real examples or noise do not fit, which is a TensorError that names step and shapes", () =>
      training((t) =>
        Effect.gen(function*() {
          const good = randomBatch(4, [3], [2], 2)
          const wide = { x: NdArray.make(new Float32Array(12), [4, 3]), size: 4 }
          const noise = NdArray.make(new Float32Array(8), [4, 2])
          const bad: ReadonlyArray<readonly [Adversarial.Batch, string]> = [
            [{ ...good, real: [good.real[0]!, wide] }, "real [4, 2] [4, 3] noise [4, 3] [4, 3] [4, 3]"],
            [{ ...good, noise: [noise, ...good.noise.slice(1)] }, "real [4, 2] [4, 2] noise [4, 2] [4, 3] [4, 3]"],
            // Found only after both updates of the critic.
            [{ ...good, noise: [...good.noise.slice(0, 2), noise] }, "real [4, 2] [4, 2] noise [4, 3] [4, 3] [4, 2]"]
          ]
          yield* Stream.make(good).pipe(t.run, Stream.runDrain)
          for (const [batch, shapes] of bad) {
            const before = values(yield* t.state)
            const error = yield* Stream.make(batch).pipe(t.run, Stream.runDrain, Effect.flip)
            assert.strictEqual(error._tag, "TensorError")
            assert.isTrue(error.message.startsWith(`adversarial step 2, ${shapes}: `), error.message)
            assert.deepStrictEqual(values(yield* t.state), before)
          }
        })
      ).pipe(leavesNoTensor))

    it.effect("when there are not as many batches of noise as it takes", () =>
      training((t) =>
        Effect.gen(function*() {
          const good = randomBatch(4, [3], [2], 2)
          for (const batch of [{ ...good, noise: good.noise.slice(1) }, { ...good, real: [] }]) {
            const error = yield* Stream.make(batch).pipe(t.run, Stream.runDrain, Effect.flip)
            assert.include(
              error.message,
              "expected real batches, and noise for each of them and for the generator, got "
            )
          }
        })
      ).pipe(leavesNoTensor))

    it.effect("when the critic throws at any of the places that it is applied at", () =>
      Effect.gen(function*() {
        let until = 0
        const fragile = Layers.stateless<Layers.Empty>({
          name: "fragile",
          init: (_, input) => Result.succeed({ params: {}, output: input }),
          apply: (_, x) => {
            if (until-- === 0) throw new Error("it broke")
            return tf.square(x)
          }
        })
        const broken = { ...networks, critic: Layers.serial(Layers.dense(4), fragile, Layers.dense(1)) }
        const t = yield* Train.make(
          Adversarial.init({ ...broken, latent: { shape: [3] }, input: [2], key: Key.make(1) }),
          Adversarial.wganGp(broken)
        )
        // Real examples, generated ones, and points between them, for two updates; the update of the generator.
        for (const place of [0, 1, 2, 3, 4, 5, 6]) {
          until = place
          const held = tf.memory().numTensors
          const error = yield* batches().pipe(t.run, Stream.runDrain, Effect.flip)
          assert.include(error.message, "it broke")
          assert.strictEqual(tf.memory().numTensors, held, `at place ${place}`)
        }
        until = 7
        assert.strictEqual((yield* batches().pipe(Stream.take(1), t.run, Stream.runCollect)).length, 1)
      }).pipe(Effect.scoped, leavesNoTensor))

    it.effect("in 200 steps", () =>
      training((t) =>
        Effect.gen(function*() {
          yield* batches().pipe(Stream.take(1), t.run, Stream.runDrain)
          const before = tf.memory().numTensors
          const counts = yield* batches().pipe(
            Stream.take(200),
            t.run,
            Stream.map(() => tf.memory().numTensors),
            Stream.runCollect
          )
          assert.deepStrictEqual([...new Set(counts)], [before])
        })
      ).pipe(leavesNoTensor))
  })

  it.effect("ends with a NonFiniteError that names the loss and the step, and keeps the state before it", () =>
    Effect.gen(function*() {
      const far = { ...networks, optimizers: { generator: Optimizers.sgd(1e30), critic: Optimizers.sgd(1e30) } }
      const t = yield* Train.make(
        Adversarial.init({ ...far, latent: { shape: [3] }, input: [2], key: Key.make(1) }),
        Adversarial.wganGp(far)
      )
      const error = yield* batches().pipe(t.run, Stream.runDrain, Effect.flip)
      assert.strictEqual(error._tag, "NonFiniteError")
      assert.match(error.message, /^(critic|generator)Loss is .* at step 1 with learning rate 1e\+30/)
      assert.strictEqual((yield* t.state).step, 0)
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("steps are pure: the state and batch that they are given stay as they are", () =>
    Effect.gen(function*() {
      const step = Adversarial.wganGp(networks), batch = randomBatch(4, [3], [2], 2)
      const state: AnyState = yield* init
      const before = values(state)
      const [first, measured1] = yield* step(state, batch)
      const [second, measured2] = yield* step(state, batch)
      assert.deepStrictEqual(values(state), before)
      assert.deepStrictEqual(values(first), values(second))
      for (const tree of [first, second]) Tree.disposeExcept(tree, state)
      Tree.disposeExcept(state)
      tf.dispose([measured1, measured2])
    }).pipe(leavesNoTensor))
})
