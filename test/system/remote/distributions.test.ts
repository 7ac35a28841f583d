import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Adversarial, Backend, NdArray, Train } from "effect-neuron"
import * as Remote from "effect-neuron/remote"
import * as RemoteNode from "effect-neuron/remote/node"
import { changeOf, deadOf, distributionOf } from "../../../src/remote/distributions.ts"
import { init, latent, networks, randomBatch } from "../../support/adversarial.ts"
import { leavesNoTensor } from "../../support/backend.ts"
import { Bands, batch, parts } from "./program.ts"

const sum = (values: ReadonlyArray<number>) => values.reduce((a, b) => a + b, 0)

/** The norm of what is distributed so, of which there are `n`. */
const normOf = ({ mean, stddev }: Remote.Distribution, n: number) => Math.sqrt(n * (mean ** 2 + stddev ** 2))

describe("how numbers are distributed", () => {
  it("is counted in ranges from the least to the greatest", () => {
    const { counts, ...moments } = distributionOf([0, 0, 1, 3])!
    assert.lengthOf(counts, 30)
    assert.deepStrictEqual([counts[0], counts[10], counts[29], sum(counts)], [2, 1, 1, 4])
    assert.deepStrictEqual(moments, { min: 0, max: 3, mean: 1, stddev: Math.sqrt(1.5), zeros: 0.5 })
  })

  it("has its numbers in one range where they are all the same, and none of what is not finite", () => {
    assert.deepStrictEqual(distributionOf([2, 2])!.counts[0], 2)
    const some = distributionOf([1, NaN, -1, Infinity])!
    assert.deepStrictEqual([some.min, some.max, sum(some.counts)], [-1, 1, 2])
    assert.isUndefined(distributionOf([]))
    assert.isUndefined(distributionOf([NaN]))
  })

  it("finds units that are 0 for all examples, and how much weights have changed", () => {
    assert.strictEqual(deadOf(NdArray.make([0, 1, 0, 0, 2, 0, 0, 0], [2, 4])), 0.5)
    assert.strictEqual(deadOf(NdArray.make([0, 0, 0, 5], [1, 1, 2, 2])), 0.5)
    assert.closeTo(changeOf([3, 4], [3, 4.5]), 0.1, 1e-12)
    assert.strictEqual(changeOf([0, 0], [1, 1]), 0)
  })
})

const config = { seed: 1, learningRate: 0.01 }

layer(Backend.layerWasm, { excludeTestServices: true })("what a training says of its distributions", (it) => {
  it.effect("is that of its weights, gradients and activations, and of what has become of weights", () =>
    Effect.gen(function*() {
      const client = yield* Remote.connect(Bands)
      yield* client.start(config, { paused: true })
      assert.match((yield* Effect.flip(client.distributions)).message, /no step was taken yet/)
      yield* client.step(3)
      const first = yield* client.distributions, before = yield* client.weights(), { tensors } = yield* client.status
      assert.deepStrictEqual([first.step, first.steps], [3, 0])
      assert.isUndefined(first.weights["hidden.kernel"]!.change)
      yield* client.step(2)
      const { norms } = yield* client.gradientNorms, now = yield* client.weights()
      const activations = Object.fromEntries(yield* client.activations(batch(4).x))
      const found = yield* client.distributions
      assert.strictEqual((yield* client.status).tensors, tensors)
      assert.deepStrictEqual([found.step, found.steps], [5, 2])
      assert.deepStrictEqual(Object.keys(found.weights).map((path) => `params.${path}`), Object.keys(now))
      for (const [path, { data }] of Object.entries(now)) {
        const { change, ...distribution } = found.weights[path.replace("params.", "")]!
        assert.deepStrictEqual(distribution, distributionOf(data))
        assert.closeTo(change!, changeOf(data, before[path]!.data), 1e-12)
        assert.isAbove(change!, 0)
      }
      assert.deepStrictEqual(Object.keys(found.gradients), Object.keys(norms))
      for (const [path, norm] of Object.entries(norms)) {
        assert.closeTo(normOf(found.gradients[path]!, now[`params.${path}`]!.data.length), norm, 1e-5 * (1 + norm))
      }
      // Without what the model gives, which its last layer has given.
      assert.deepStrictEqual(Object.keys(found.activations), Object.keys(activations).filter((path) => path !== ""))
      const relu = activations["relu"] as NdArray.NdArray, { dead, ...distribution } = found.activations["relu"]!
      assert.deepStrictEqual(distribution, distributionOf(relu.data))
      assert.strictEqual(dead, deadOf(relu))
    }).pipe(
      Effect.scoped,
      Effect.provide(RemoteNode.layerWorker(new URL("./worker.ts", import.meta.url)))
    ))

  it.effect("is that of both networks of an adversarial training", () =>
    Effect.gen(function*() {
      const batch = randomBatch(8, latent.shape, [2])
      const step = (optimizers: Remote.AdversarialOptimizers) => Adversarial.wganGp({ ...networks, optimizers })
      const trainer = yield* Train.make(init, step(networks.optimizers))
      const training = Remote.adversarial({ ...networks, trainer, batches: Stream.make(batch), step })
      assert.isUndefined(yield* training.distributions!)
      yield* Stream.runDrain(training.run(Effect.void))
      const found = (yield* training.distributions!)!, { norms } = (yield* training.gradientNorms!)!
      assert.deepStrictEqual(Object.keys(found.gradients), Object.keys(norms))
      for (const [path, norm] of Object.entries(norms)) {
        const n = sum(found.weights[path]!.counts as Array<number>)
        assert.closeTo(normOf(found.gradients[path]!, n), norm, 1e-5 * (1 + norm))
      }
      assert.containsAllKeys(found.activations, ["generator.relu", "critic.relu"])
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("has no gradients and activations where nobody says what they are", () =>
    Effect.gen(function*() {
      const trainer = yield* parts(config).trainer
      const training = Remote.training(trainer, Stream.make(batch(0)))
      yield* Stream.runDrain(training.run(Effect.void))
      const { activations, gradients, weights } = (yield* training.distributions!)!
      assert.deepStrictEqual([gradients, activations], [{}, {}])
      assert.containsAllKeys(weights, ["hidden.kernel"])
    }).pipe(Effect.scoped, leavesNoTensor))
})
