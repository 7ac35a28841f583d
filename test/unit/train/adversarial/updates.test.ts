import { assert, describe, layer } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Adversarial, Autodiff, Backend, Key, Layers, NdArray, Optimizers, Train, Tree } from "effect-neuron"
import { randomBatch, read } from "../../../support/adversarial.ts"
import type { AnyState } from "../../../support/adversarial.ts"
import { leavesNoTensor } from "../../../support/backend.ts"

type Seen = { readonly x: ReadonlyArray<number>; readonly y?: ReadonlyArray<number>; readonly key: Key.Key }

/** Gives what it takes, notes it, and counts in its running state how often it was applied. */
const spy = (seen: Array<Seen>): Layers.Layer<Layers.Empty, { readonly count: number }> => ({
  name: "spy",
  init: (_, input) => Result.succeed({ params: {}, state: { count: 0 }, output: input }),
  apply: (_, { count }, x, { key }) => {
    seen.push({ x: Array.from(x.dataSync()), key })
    return [x, { count: count + 1 }]
  }
})

const optimizers = { generator: Optimizers.sgd(0.1), critic: Optimizers.sgd(0.1) }

const flat = ({ data }: NdArray.NdArray) => Array.from(data)

/** One step of two updates of the critic, with what the networks were given. */
const watched = (
  make: (networks: {
    readonly generator: Layers.Any
    readonly critic: Layers.Any
    readonly optimizers: typeof optimizers
  }) => Train.Step<AnyState, Adversarial.Batch, Adversarial.Measured>
) =>
  Effect.gen(function*() {
    const generator: Array<Seen> = [], critic: Array<Seen> = []
    const networks = {
      generator: Layers.serial(spy(generator), Layers.dense(2)),
      critic: Layers.serial(spy(critic), Layers.dense(4), Layers.tanh, Layers.dense(1)),
      optimizers
    }
    const state: AnyState = yield* Adversarial.init({
      ...networks,
      latent: { shape: [3] },
      input: [2],
      key: Key.make(5)
    })
    const batch = randomBatch(4, [3], [2], 2)
    const [next, measured] = yield* make(networks)(state, batch)
    const counts = { generator: next.generator.state[0].count, critic: next.critic.state[0].count }
    const outcome = { generator, critic, batch, counts, measured: read(measured), step: next.step }
    Tree.disposeExcept(next, state)
    Tree.disposeExcept(state)
    return outcome
  }).pipe(leavesNoTensor)

const distinct = (seen: ReadonlyArray<Seen>) => new Set(seen.map(({ key }) => key.join())).size

layer(Backend.layerWasm)("The updates of an adversarial step", (it) => {
  it.effect("are given each real batch and each batch of noise once, with a key each", () =>
    Effect.gen(function*() {
      const { batch, counts, critic, generator, measured, step } = yield* watched((networks) =>
        Adversarial.gan(networks)
      )
      assert.deepStrictEqual(generator.map(({ x }) => x), batch.noise.map(flat))
      assert.strictEqual(distinct(generator), 3)
      // Real and generated examples for the first and the second update, and the examples of the generator's own.
      assert.strictEqual(critic.length, 5)
      assert.strictEqual(distinct(critic), 5)
      assert.deepStrictEqual([critic[0]!.x, critic[2]!.x], batch.real.map(({ x }) => flat(x)))
      assert.strictEqual(new Set(critic.map(({ x }) => x.join())).size, 5)
      // Running state comes from a network's own updates: twice two batches for the critic, one for the generator.
      assert.deepStrictEqual(counts, { generator: 1, critic: 4 })
      assert.deepStrictEqual([step, measured["size"]], [1, 8])
    }))

  it.effect("have points of the penalty between the real and the generated examples, at a share of their own", () =>
    Effect.gen(function*() {
      const { batch, counts, critic } = yield* watched((networks) => Adversarial.wganGp(networks))
      assert.strictEqual(critic.length, 7)
      const shares: Array<number> = []
      for (const [update, real] of batch.real.entries()) {
        const fake = critic[3 * update + 1]!.x, mixed = critic[3 * update + 2]!.x
        flat(real.x).forEach((x, i) => {
          const share = (mixed[i]! - fake[i]!) / (x - fake[i]!)
          assert.isTrue(share >= -1e-4 && share <= 1 + 1e-4)
          // Both numbers of an example are at its one share.
          if (i % 2 === 0) shares.push(share)
          else assert.approximately(share, shares.at(-1)!, 1e-3)
        })
      }
      assert.strictEqual(new Set(shares.map((share) => share.toFixed(4))).size, 8)
      assert.deepStrictEqual(counts, { generator: 1, critic: 4 })
    }))

  it.effect("measure means over the updates of the critic", () =>
    Effect.gen(function*() {
      // Networks that stand still and draw nothing: a step of two updates measures the mean of two steps of one.
      const still = { generator: Optimizers.sgd(0), critic: Optimizers.sgd(0) }
      const networks = { generator: Layers.dense(2), critic: Layers.dense(1), optimizers: still }
      const state = yield* Adversarial.init({ ...networks, latent: { shape: [3] }, input: [2], key: Key.make(5) })
      const { noise, real } = randomBatch(4, [3], [2], 2)
      const measure = (step: typeof gan, ...updates: ReadonlyArray<number>) =>
        Effect.map(
          step(state, {
            real: updates.map((i) => real[i]!),
            noise: [...updates.map((i) => noise[i]!), noise[2]!],
            size: 4 * updates.length
          }),
          ([next, measured]) => {
            Tree.disposeExcept(next, state)
            return read(measured)
          }
        )
      const gan = Adversarial.gan(networks)
      for (const step of [gan, Adversarial.wganGp(networks)]) {
        const [both, first, second] = [
          yield* measure(step, 0, 1),
          yield* measure(step, 0),
          yield* measure(step, 1)
        ]
        for (const name of ["criticLoss", "gradientPenalty", "realScore", "fakeScore", "criticGradientNorm"]) {
          const mean = ((first[name] as number) + (second[name] as number)) / 2
          assert.approximately(both[name] as number, mean, 1e-5 * Math.max(1, Math.abs(mean)), name)
        }
        assert.approximately(both["generatorLoss"] as number, first["generatorLoss"] as number, 1e-6)
      }
      // Of a critic that is linear, the slope is its kernel everywhere.
      const { gradientPenalty } = yield* measure(Adversarial.wganGp(networks), 0, 1)
      const slope = Math.hypot(...state.critic.params.kernel.dataSync())
      assert.approximately(gradientPenalty as number, (slope - 1) ** 2, 1e-5)
      Tree.disposeExcept(state)
    }).pipe(leavesNoTensor))

  describe("gradientPenalty", () => {
    it.effect("is of each example alone, of any shape, one-sided or not, and differentiable where the slope is zero", () =>
      Effect.gen(function*() {
        const program = () => {
          const x = tf.tensor3d([[[1, 2]], [[0, 0]], [[0.1, 0.2]]])
          const halfSquare = (x: Tensor) => tf.mul(tf.sum(tf.square(x), [1, 2]), 0.5)
          // The slope of |x|² / 2 is x.
          const lengths = [Math.sqrt(5), 0, Math.sqrt(0.05)]
          const both = Array.from(Adversarial.gradientPenalty(halfSquare, x).dataSync())
          const one = Array.from(Adversarial.gradientPenalty(halfSquare, x, { oneSided: true }).dataSync())
          lengths.forEach((length, i) => {
            assert.approximately(both[i]!, (length - 1) ** 2, 1e-5)
            assert.approximately(one[i]!, Math.max(0, length - 1) ** 2, 1e-5)
          })
          const { grads } = Autodiff.valueAndGrad((w: Tensor) => [
            tf.sum(Adversarial.gradientPenalty((x) => tf.sum(tf.mul(x, w), [1, 2]), x)),
            0
          ])(tf.zeros([1, 2]))
          assert.deepStrictEqual(Array.from(grads.dataSync()), [0, 0])
        }
        yield* Backend.tensors("penalty", program)
      }).pipe(leavesNoTensor))
  })
})
