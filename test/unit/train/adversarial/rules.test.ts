import { assert, describe, layer } from "@effect/vitest"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect, Stream } from "effect"
import { Adversarial, Backend, Key, Layers, Optimizers, Train, Tree } from "effect-neuron"
import { batches, init, networks, randomBatch, read, values } from "../../../support/adversarial.ts"
import { leavesNoTensor } from "../../../support/backend.ts"

/** What a step tells its loss, in the order of its updates of the critic. */
const labelsOf = (labels: Adversarial.LabelOptions, key = Key.make(1)) =>
  Effect.gen(function*() {
    const told: Array<{ readonly real: ReadonlyArray<number>; readonly fake: ReadonlyArray<number> }> = []
    const list = (scores: Tensor, label: Tensor | number): ReadonlyArray<number> =>
      typeof label === "number" ? Array.from(scores.dataSync(), () => label) : Array.from(label.dataSync())
    let real: ReadonlyArray<number> = []
    const loss: Adversarial.Loss = {
      ...Adversarial.leastSquares,
      real: (scores, label) => {
        real = list(scores, label)
        return Adversarial.leastSquares.real(scores, label)
      },
      fake: (scores, label) => {
        told.push({ real, fake: list(scores, label) })
        return Adversarial.leastSquares.fake(scores, label)
      }
    }
    const state = yield* init
    const [next, measured] = yield* Adversarial.gan({ ...networks, loss, labels })(
      { ...state, key },
      randomBatch(200, [3], [2], 2)
    )
    read(measured)
    Tree.disposeExcept(next, state)
    Tree.disposeExcept(state)
    return told
  })

layer(Backend.layerWasm)("Adversarial training", (it) => {
  describe("labels", () => {
    it.effect("are 1 and 0, and what is asked for", () =>
      Effect.gen(function*() {
        for (
          const [labels, real, fake] of [[{}, 1, 0], [{ real: 0.9 }, 0.9, 0], [
            { real: 0.75, fake: 0.25 },
            0.75,
            0.25
          ]] as const
        ) {
          for (const told of yield* labelsOf(labels)) {
            assert.deepStrictEqual([...new Set(told.real)], [real])
            assert.deepStrictEqual([...new Set(told.fake)], [fake])
          }
        }
      }).pipe(leavesNoTensor))

    it.effect("with noise fill the intervals, anew for each example, update, side and key", () =>
      Effect.gen(function*() {
        const told = yield* labelsOf({ noise: 0.3 })
        assert.strictEqual(told.length, 2)
        for (const { fake, real } of told) {
          assert.isTrue(real.every((label) => label >= 0.7 - 1e-6 && label <= 1))
          assert.isTrue(fake.every((label) => label >= 0 && label <= 0.3))
          // 200 even draws miss a tenth of the interval once in 10^9 times.
          for (const [labels, low] of [[real, 0.7], [fake, 0]] as const) {
            assert.isBelow(Math.min(...labels), low + 0.03)
            assert.isAbove(Math.max(...labels), low + 0.27)
          }
        }
        const sides = told.flatMap(({ fake, real }) => [real.map((label) => label - 0.7), fake])
        const first = sides.map(([label]) => label!.toFixed(5))
        assert.strictEqual(new Set(first).size, 4)
        assert.deepStrictEqual(yield* labelsOf({ noise: 0.3 }), told)
        assert.notDeepEqual(yield* labelsOf({ noise: 0.3 }, Key.make(2)), told)
      }).pipe(leavesNoTensor))

    it("are checked, and refused with a loss that has none", () => {
      const gan = (labels: Adversarial.LabelOptions) => () => Adversarial.gan({ ...networks, labels })
      assert.throws(gan({ real: 1.1 }), RangeError, "labels: real is from 0 to 1, got 1.1")
      assert.throws(gan({ fake: -0.1 }), RangeError, "labels: fake is from 0 to 1, got -0.1")
      assert.throws(gan({ noise: NaN }), RangeError, "labels: noise is from 0 to 1, got NaN")
      for (const loss of [Adversarial.hinge, Adversarial.wasserstein]) {
        const labeled = () => Adversarial.gan({ ...networks, loss, labels: { real: 0.9 } })
        assert.throws(labeled, RangeError, `gan: the loss ${loss.name} has no labels`)
      }
    })
  })

  describe("clipping", () => {
    it.effect("limits each parameter of the critic after every update, and none of the generator", () =>
      Effect.gen(function*() {
        const fast = { ...networks, optimizers: { generator: Optimizers.sgd(1), critic: Optimizers.adam(0.02) } }
        const t = yield* Train.make(
          Adversarial.init({ ...fast, latent: { shape: [3] }, input: [2], key: Key.make(3) }),
          Adversarial.wgan({ ...fast, clip: 0.05 })
        )
        const largest = (tree: Tree.Tree) =>
          Math.max(...Tree.leaves(tree).flatMap((x) => Array.from(x.dataSync(), Math.abs)))
        yield* batches().pipe(
          t.run,
          Stream.take(5),
          Stream.runForEach(() =>
            Effect.gen(function*() {
              const { critic, generator } = yield* t.state
              assert.strictEqual(largest(critic.params), Math.fround(0.05))
              assert.isAbove(largest(generator.params), 0.5)
            })
          )
        )
      }).pipe(Effect.scoped, leavesNoTensor))

    it.effect("is at 0.01 where nothing is said", () =>
      Effect.gen(function*() {
        const state = yield* init
        const [next, measured] = yield* Adversarial.wgan(networks)(state, randomBatch(4, [3], [2]))
        read(measured)
        const largest = Math.max(...Tree.leaves(next.critic.params).flatMap((x) => Array.from(x.dataSync(), Math.abs)))
        assert.strictEqual(largest, Math.fround(0.01))
        Tree.disposeExcept(next, state)
        Tree.disposeExcept(state)
      }).pipe(leavesNoTensor))
  })

  describe("the average of the generator's parameters", () => {
    const after = (averageDecay: number | undefined, steps: number) =>
      Effect.scoped(Effect.gen(function*() {
        const { averageDecay: _, ...rest } = networks
        const step = Adversarial.gan({ ...rest, ...(averageDecay === undefined ? {} : { averageDecay }) })
        const t = yield* Train.make(init, step)
        const seen = [(yield* t.state).generator.params].map((params) => values(params).tensors)
        yield* batches().pipe(
          t.run,
          Stream.take(steps),
          Stream.runForEach(() =>
            Effect.map(t.state, ({ generator }) => {
              seen.push(values(generator.params).tensors)
            })
          )
        )
        const { average, generator } = yield* t.state
        return { average: values(average).tensors, seen, shared: average === generator.params }
      }))

    it.effect("is the parameters themselves without averaging", () =>
      Effect.gen(function*() {
        for (const decay of [undefined, 0]) {
          const { average, seen, shared } = yield* after(decay, 2)
          assert.isTrue(shared)
          assert.deepStrictEqual(average, seen[2])
        }
      }).pipe(leavesNoTensor))

    it.effect("keeps min(decay, (1 + step) / (10 + step)) of itself in each step", () =>
      Effect.gen(function*() {
        for (const decay of [0.15, 0.9]) {
          const steps = 5, { average, seen } = yield* after(decay, steps)
          average.forEach(([path, found], leaf) => {
            let expected = seen[0]![leaf]![1]
            for (let step = 0; step < steps; step++) {
              const kept = Math.min(decay, (1 + step) / (10 + step)), now = seen[step + 1]![leaf]![1]
              expected = expected.map((old, i) => kept * old + (1 - kept) * now[i]!)
            }
            found.forEach((x, i) => assert.approximately(x, expected[i]!, 1e-6, `${path} ${i}`))
          })
          assert.notDeepEqual(average, seen[steps])
        }
      }).pipe(leavesNoTensor))

    it("refuses a decay that is not from 0 to below 1", () => {
      for (const averageDecay of [-0.1, 1, NaN]) {
        const refused = () => Adversarial.wganGp({ ...networks, averageDecay })
        assert.throws(refused, RangeError, `averageDecay is from 0 to below 1, got ${averageDecay}`)
      }
    })
  })

  describe("wgan and wganGp", () => {
    it.effect("leave what is frozen in a critic as it is", () =>
      Effect.gen(function*() {
        const critic = Layers.named({ body: Layers.frozen(Layers.dense(8)), score: Layers.dense(1) })
        const frozen = { ...networks, critic, averageDecay: 0 }
        const trainer = yield* Train.make(
          Adversarial.init({ ...frozen, latent: { shape: [3] }, input: [2], key: Key.make(1) }),
          Adversarial.wgan(frozen)
        )
        const before = values((yield* trainer.state).critic.params.body)
        yield* Stream.runDrain(trainer.run(Stream.take(batches(), 2)))
        const { body, score } = (yield* trainer.state).critic.params
        assert.deepStrictEqual(values(body), before)
        assert.isTrue(score.kernel.dataSync().every((value) => Math.abs(value) <= 0.01 + 1e-6))
      }).pipe(Effect.scoped, leavesNoTensor))

    it("refuse a limit and a factor that are not above 0", () => {
      for (const value of [0, -1, NaN, Infinity]) {
        assert.throws(
          () => Adversarial.wgan({ ...networks, clip: value }),
          RangeError,
          `wgan: clip is a finite number above 0, got ${value}`
        )
        assert.throws(
          () => Adversarial.wganGp({ ...networks, lambda: value }),
          RangeError,
          `wganGp: lambda is a finite number above 0, got ${value}`
        )
      }
    })

    it("refuse batch normalization in a critic with a penalty, wherever it stands", () => {
      const norm = Layers.serial(Layers.dense(3), Layers.batchNorm())
      const critics: ReadonlyArray<Layers.Any> = [
        { ...Layers.batchNorm(), name: "mine" },
        Layers.serial(Layers.make({ ...Layers.batchNorm(), name: "mine" }), Layers.dense(1)),
        Layers.graph({ inputs: "x" }, ["a", norm], ["b", Layers.dense(1)]),
        Layers.sequence(["a", Layers.each({ x: Layers.relu, y: norm })], ["b", Layers.concatenate("x", "y")]),
        Layers.serial(norm, Layers.dense(1)),
        Layers.named({ deep: Layers.residual(Layers.batchNorm()), score: Layers.dense(1) }),
        Layers.serial(Layers.parallel({ a: norm, b: Layers.dense(2) }), Layers.dense(1))
      ]
      for (const critic of critics) {
        assert.throws(
          () => Adversarial.wganGp({ ...networks, critic }),
          RangeError,
          "wganGp: the critic mixes the examples of a batch (batchNorm)"
        )
        assert.doesNotThrow(() => Adversarial.wgan({ ...networks, critic }))
      }
      for (
        const own of [Layers.layerNorm(), Layers.frozen(Layers.batchNorm()), { ...Layers.relu, name: "batchNorm()" }]
      ) {
        assert.doesNotThrow(() => Adversarial.wganGp({ ...networks, critic: Layers.serial(own, Layers.dense(1)) }))
      }
    })
  })
})
