import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import {
  Adversarial,
  Backend,
  Initializers,
  Key,
  Layers,
  NdArray,
  Optimizers,
  Random,
  Train,
  Tree
} from "effect-neuron"
import { noiseBatch } from "../../../../src/datasets/noise.ts"
import { init, latent, networks, randomBatch, read } from "../../../support/adversarial.ts"
import { leavesNoTensor } from "../../../support/backend.ts"

const sgd = Optimizers.sgd(0.1)

/** A generator that gives its noise, and a critic that sums. */
const identity = {
  generator: Layers.identity,
  critic: Layers.serial(Layers.dropout(0.5), Layers.dense(1, { kernelInitializer: Initializers.ones })),
  optimizers: { generator: sgd, critic: sgd }
}

/** Runs with a first state, and frees it. */
const using = <S extends Tree.Tree, E, R, A, E2, R2>(
  initial: Effect.Effect<S, E, R>,
  use: (state: S) => Effect.Effect<A, E2, R2>
) =>
  Effect.flatMap(initial, (state) => Effect.ensuring(use(state), Effect.sync(() => Tree.disposeExcept(state)))).pipe(
    leavesNoTensor
  )

const identityState = Adversarial.init({ ...identity, latent: { shape: [4] }, input: [4], key: Key.make(1) })

const lengths = ({ data, shape: [n, size] }: NdArray.NdArray) =>
  Array.from({ length: n! }, (_, i) => Math.hypot(...data.subarray(i * size!, (i + 1) * size!)))

layer(Backend.layerWasm)("Examples of adversarial networks", (it) => {
  it.effect("generate: is a function of the key, and of the sampler", () =>
    using(identityState, (state) =>
      Effect.gen(function*() {
        const shape = [4], sampler = (key: Key.Key, n: number) => Random.uniform(key, n, { low: 5, high: 6 })
        const made = (seed: number, options = {}) =>
          Adversarial.generate(identity, state, { count: 3, latent: { shape, ...options }, key: Key.make(seed) })
        const first = yield* made(1)
        assert.deepStrictEqual(first, noiseBatch({ shape }, 3, Key.make(1)))
        assert.deepStrictEqual(yield* made(1), first)
        assert.notDeepEqual(yield* made(2), first)
        assert.isTrue((yield* made(1, { sampler })).data.every((x) => x >= 5 && x < 6))
      })))

  it.effect("take a trainer, whose state they use to their end", () =>
    Effect.gen(function*() {
      const trainer = yield* Train.make(identityState, Adversarial.gan(identity))
      const examples = NdArray.make([1, 2, 3, 4], [1, 4]), point = NdArray.make([1, 2, 3, 4], [4])
      const request = { count: 3, latent: { shape: [4] }, key: Key.make(1) }
      const of = (
        weights: Parameters<typeof trainer.use>[0] extends (state: infer S) => unknown ? S | typeof trainer : never
      ) =>
        Effect.all([
          Adversarial.generate(identity, weights, request),
          Adversarial.discriminate(identity, weights, examples),
          Adversarial.interpolate(identity, weights, { from: point, to: point, steps: 2 })
        ])
      assert.deepStrictEqual(yield* of(trainer), yield* trainer.use(of))
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("generate: the first examples do not depend on how many there are", () =>
    using(init, (state) =>
      Effect.gen(function*() {
        const made = (count: number) => Adversarial.generate(networks, state, { count, latent, key: Key.make(3) })
        const few = yield* made(3), many = yield* made(20)
        assert.deepStrictEqual(many.shape, [20, 2])
        few.data.forEach((x, i) => assert.approximately(x, many.data[i]!, 1e-6))
      })))

  it.effect("generate: uses the average and the running state, and throws for a count that is no positive integer", () =>
    using(init, (state) =>
      Effect.gen(function*() {
        const [next, measured] = yield* Adversarial.gan(networks)(state, randomBatch(8, [3], [2]))
        read(measured)
        const of = (weights: Adversarial.GeneratorWeights<typeof state.average, typeof state.generator.state>) =>
          Adversarial.generate(networks, weights, { count: 2, latent, key: Key.make(3) })
        const made = yield* of(next)
        assert.notDeepEqual(made, yield* of({ ...next, average: next.generator.params }))
        assert.notDeepEqual(made, yield* of({ ...next, generator: state.generator }))
        Tree.disposeExcept(next, state)
        for (const count of [0, -1, 1.5]) {
          assert.throws(
            () => Adversarial.generate(networks, state, { count, latent, key: Key.make(3) }),
            RangeError,
            `generate: count is a positive integer, got ${count}`
          )
        }
      })))

  it.effect("generate: noise that does not fit is a TensorError that names its shape", () =>
    using(init, (state) =>
      Effect.gen(function*() {
        const request = { count: 2, latent: { shape: [5] }, key: Key.make(3) }
        const error = yield* Effect.flip(Adversarial.generate(networks, state, request))
        assert.strictEqual(error._tag, "TensorError")
        assert.match(error.message, /^generate from noise \[2, 5\]: /)
      })))

  it.effect("discriminate: gives the scores of the critic in its inference form, as [batch]", () =>
    using(identityState, (state) =>
      Effect.gen(function*() {
        const examples = NdArray.make([1, 2, 3, 4, -1, 0, 0, 0.5], [2, 4])
        const scores = yield* Adversarial.discriminate(identity, state, examples)
        assert.deepStrictEqual(scores, NdArray.make([10, -0.5], [2]))
        const error = yield* Effect.flip(Adversarial.discriminate(identity, state, NdArray.make([1, 2], [1, 2])))
        assert.match(error.message, /^discriminate \[1, 2\]: /)
      })))

  it.effect("interpolate: its ends are the ends, by either method", () =>
    using(identityState, (state) =>
      Effect.gen(function*() {
        const from = NdArray.make([1, -2, 0.3, 0.7], [4]), to = NdArray.make([0.1, 1, 2, -1], [4])
        for (const method of ["spherical", "linear"] as const) {
          const way = yield* Adversarial.interpolate(identity, state, { from, to, steps: 5, method })
          assert.deepStrictEqual(way.shape, [5, 4])
          assert.deepStrictEqual(way.data.slice(0, 4), from.data)
          assert.deepStrictEqual(way.data.slice(16), to.data)
        }
        const byDefault = yield* Adversarial.interpolate(identity, state, { from, to, steps: 5 })
        assert.deepStrictEqual(
          byDefault,
          yield* Adversarial.interpolate(identity, state, { from, to, steps: 5, method: "spherical" })
        )
      })))

  it.effect("interpolate: goes along a line at even steps, or along an arc at one length and even angles", () =>
    using(identityState, (state) =>
      Effect.gen(function*() {
        const from = NdArray.make([3, 0, 0, 4], [4]), to = NdArray.make([0, 5, 0, 0], [4])
        const line = yield* Adversarial.interpolate(identity, state, { from, to, steps: 3, method: "linear" })
        assert.deepStrictEqual(line, NdArray.make([3, 0, 0, 4, 1.5, 2.5, 0, 2, 0, 5, 0, 0], [3, 4]))
        const arc = yield* Adversarial.interpolate(identity, state, { from, to, steps: 4 })
        lengths(arc).forEach((length) => assert.approximately(length, 5, 1e-5))
        // A right angle in three parts.
        const sines = [0, 1, 2, 3].map((i) => arc.data[4 * i + 1]! / 5)
        sines.forEach((sine, i) => assert.approximately(sine, Math.sin(i * Math.PI / 6), 1e-6))
      })))

  it.effect("interpolate: goes along a line where there is no arc", () =>
    using(identityState, (state) =>
      Effect.gen(function*() {
        const one = NdArray.make([1, 1, 0, 0], [4])
        for (const scale of [1, 2, -1, 0]) {
          const to = NdArray.make([scale, scale, 0, 0], [4])
          const { data } = yield* Adversarial.interpolate(identity, state, { from: one, to, steps: 3 })
          assert.deepStrictEqual(Array.from(data.subarray(4, 8)), [(1 + scale) / 2, (1 + scale) / 2, 0, 0])
        }
      })))

  it.effect("interpolate: refuses less than two steps, and ends of two shapes", () =>
    using(identityState, (state) =>
      Effect.sync(() => {
        const from = NdArray.make([1, 2, 3, 4], [4]), to = NdArray.make([1, 2, 3, 4], [2, 2])
        for (const steps of [1, 2.5]) {
          const refused = () => Adversarial.interpolate(identity, state, { from, to: from, steps })
          assert.throws(refused, RangeError, `interpolate: at least 2 steps, got ${steps}`)
        }
        const refused = () => Adversarial.interpolate(identity, state, { from, to, steps: 2 })
        assert.throws(refused, RangeError, "interpolate: two points of one shape, got [4] and [2, 2]")
      })))
})
