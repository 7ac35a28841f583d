import { assert, layer } from "@effect/vitest"
import { Effect, Stream } from "effect"
import {
  Adversarial,
  Backend,
  Datasets,
  Key,
  Layers,
  NdArray,
  Optimizers,
  Pipeline,
  Random,
  Train,
  Tree
} from "effect-neuron"
import { leavesNoTensor } from "../../../support/backend.ts"

const adam = Optimizers.adam(1e-2, { beta1: 0.5 })
const labeled = () =>
  [
    Layers.each({ x: Layers.identity, y: Layers.embedding({ size: 3, features: 4 }) }),
    Layers.concatenate("x", "y"),
    Layers.dense(16),
    Layers.leakyRelu(),
    Layers.dense(1)
  ] as const
const networks = {
  conditional: true,
  generator: Layers.serial(...labeled()),
  critic: Layers.serial(...labeled()),
  optimizers: { generator: adam, critic: adam },
  averageDecay: 0.95
} as const
const latent = { shape: [2] }

/** Numbers around -2, 0 or 2, as their label 0, 1 or 2 says. */
const numbers = Stream.iterate(0, (i) => i + 1).pipe(
  Stream.map((i) => ({
    x: NdArray.make([2 * (i % 3) - 2 + 0.2 * Random.normal(Key.fold(Key.make(8), i), 1)[0]!], [1]),
    y: NdArray.index(i % 3)
  }))
)

const init = Adversarial.init({ ...networks, latent, input: [1], key: Key.make(4) })

const labels = (count: number, ...of: ReadonlyArray<number>) =>
  NdArray.make(Int32Array.from({ length: count }, (_, i) => of[i % of.length]!), [count])

const mean = (xs: ReadonlyArray<number>) => xs.reduce((a, b) => a + b, 0) / xs.length

layer(Backend.layerWasm)("Conditional adversarial training", (it) => {
  it.effect("makes of each label its own examples", () =>
    Effect.gen(function*() {
      const t = yield* Train.make(init, Adversarial.gan(networks))
      yield* numbers.pipe(
        Pipeline.batch(33),
        Pipeline.withNoise(Datasets.noise({ ...latent, seed: 2 })),
        t.run,
        Stream.take(250),
        Stream.runDrain
      )
      const state = yield* t.state, request = { count: 300, latent, key: Key.make(6) }
      const { data } = yield* Adversarial.generate(networks, state, { ...request, y: labels(300, 0, 1, 2) })
      for (const label of [0, 1, 2]) {
        const made = Array.from(data).filter((_, i) => i % 3 === label)
        assert.approximately(mean(made), 2 * label - 2, 0.5, `label ${label}`)
      }
      // The same noise with another label is another example.
      const from = NdArray.make([1, 0], [2]), to = NdArray.make([0, 1], [2])
      const way = (...of: ReadonlyArray<number>) =>
        Effect.map(
          Adversarial.interpolate(networks, state, { from, to, steps: 4, y: labels(4, ...of) }),
          ({ data }) => mean(Array.from(data))
        )
      assert.isAbove((yield* way(2)) - (yield* way(0)), 2)
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("gives the label to the critic too", () =>
    Effect.gen(function*() {
      const state = yield* init
      const x = NdArray.make([1, 1, 1], [3, 1])
      const scores = yield* Adversarial.discriminate(networks, state, x, labels(3, 0, 1, 2))
      assert.deepStrictEqual(scores.shape, [3])
      assert.strictEqual(new Set(scores.data).size, 3)
      Tree.disposeExcept(state)
    }).pipe(leavesNoTensor))

  it.effect("works with a gradient penalty and with clipping, and leaves no tensor", () =>
    Effect.gen(function*() {
      for (const step of [Adversarial.wganGp(networks), Adversarial.wgan(networks)]) {
        const t = yield* Train.make(init, step)
        const metrics = yield* numbers.pipe(
          Pipeline.batch(6),
          Pipeline.withNoise(Datasets.noise({ ...latent, seed: 2 }), { criticSteps: 2 }),
          t.run,
          Stream.take(3),
          Stream.runCollect
        )
        assert.deepStrictEqual(metrics.map(({ step }) => step), [1, 2, 3])
      }
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("fails without labels, and says so", () =>
    Effect.gen(function*() {
      const t = yield* Train.make(init, Adversarial.wganGp(networks)), state = yield* t.state
      const unlabeled = numbers.pipe(Stream.map(({ x }) => ({ x })), Pipeline.batch(6))
      const errors = [
        yield* unlabeled.pipe(
          Pipeline.withNoise(Datasets.noise({ ...latent, seed: 2 })),
          t.run,
          Stream.runDrain,
          Effect.flip
        ),
        yield* Effect.flip(Adversarial.generate(networks, state, { count: 2, latent, key: Key.make(1) })),
        yield* Effect.flip(Adversarial.discriminate(networks, state, NdArray.make([1], [1, 1])))
      ]
      assert.deepStrictEqual(errors.map(({ _tag }) => _tag), ["TensorError", "TensorError", "TensorError"])
      assert.deepStrictEqual(errors.map(({ message }) => message), [
        "adversarial step 1, real [6, 1] noise [6, 2] [6, 2]: conditional networks take labels: a batch of { x, y }, got { x }",
        "generate from noise [2, 2]: a conditional network takes labels y",
        "discriminate [1, 1]: a conditional network takes labels y"
      ])
    }).pipe(Effect.scoped, leavesNoTensor))
})
