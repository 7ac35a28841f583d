import { assert, layer } from "@effect/vitest"
import { memory } from "@tensorflow/tfjs-core"
import { Effect, Stream } from "effect"
import { Adversarial, Backend, Key, Layers, NdArray, Optimizers, Train, Tree } from "effect-neuron"
import * as Remote from "effect-neuron/remote"
import { init, latent, networks, randomBatch, values } from "../../support/adversarial.ts"
import { leavesNoTensor } from "../../support/backend.ts"

const batch = randomBatch(8, latent.shape, [2])
const step = (optimizers: Remote.AdversarialOptimizers) => Adversarial.wganGp({ ...networks, optimizers })
const noise = NdArray.make(batch.noise[0]!.data, [8, 3])

const make = Effect.map(Train.make(init, step(networks.optimizers)), (trainer) => ({
  trainer,
  training: Remote.adversarial({ ...networks, trainer, batches: Stream.make(batch), step })
}))

layer(Backend.layerWasm)("an adversarial training in a worker", (it) => {
  it.effect("says what the generator makes of noise, and what every layer of both networks gives on the way", () =>
    Effect.gen(function*() {
      const { trainer, training } = yield* make
      yield* Stream.runDrain(training.run(Effect.void))
      const state = yield* trainer.state
      const made = yield* training.predict!(noise)
      const ofAverage = yield* Backend.tensors("generate", () => {
        const x = Backend.toTensors(noise), mode = { training: false, key: Key.make(0) }
        return values(networks.generator.apply(state.average, state.generator.state, x, mode)[0]).tensors
      })
      assert.deepStrictEqual([["", Array.from(made.data)]], ofAverage)

      const outputs = yield* training.activations!(noise)
      const layers = ["hidden", "norm", "relu", "point"].map((name) => `generator.${name}`)
      const judging = ["hidden", "relu", "drop", "score"].map((name) => `critic.${name}`)
      assert.deepStrictEqual(outputs.map(([path]) => path), [...layers, "generator", ...judging, "critic"])
      const named = Object.fromEntries(outputs) as { readonly [path: string]: NdArray.NdArray }
      assert.deepStrictEqual(named["generator"]!.shape, [8, 2])
      const scores = yield* Adversarial.discriminate(networks, state, named["generator"]!)
      assert.deepStrictEqual(named["critic"]!.data, scores.data)
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("has the norms of the gradients that the next step takes, and takes none for them", () =>
    Effect.gen(function*() {
      const { trainer, training } = yield* make
      assert.isUndefined(yield* training.gradientNorms!)
      yield* Stream.runDrain(training.run(Effect.void))
      const before = values(yield* trainer.state), tensors = memory().numTensors
      const { norms, step } = (yield* training.gradientNorms!)!
      assert.strictEqual(step, (yield* trainer.state).step)
      assert.strictEqual(memory().numTensors, tensors)
      assert.deepStrictEqual(values(yield* trainer.state), before)

      const { critic, generator } = yield* trainer.state
      const paths = Tree.entries({ generator: generator.params, critic: critic.params }).map(([path]) => path)
      assert.deepStrictEqual(Object.keys(norms), paths)
      const all = (network: string) =>
        Math.hypot(...Object.entries(norms).filter(([path]) => path.startsWith(network)).map(([, norm]) => norm))
      const [next] = yield* Stream.runCollect(training.run(Effect.void))
      assert.closeTo(all("critic"), Number(next!["criticGradientNorm"]), 1e-5)
      assert.isAbove(all("generator"), 0)
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("takes noise and labels for conditional networks, and says what it expects", () =>
    Effect.gen(function*() {
      const label = Layers.embedding({ size: 2, features: 2 })
      const labeled = () => [Layers.each({ x: Layers.identity, y: label }), Layers.concatenate("x", "y")] as const
      const conditional = {
        generator: Layers.serial(...labeled(), Layers.dense(2)),
        critic: Layers.serial(...labeled(), Layers.dense(1)),
        conditional: true
      } as const
      const optimizers = { generator: Optimizers.sgd(0.1), critic: Optimizers.sgd(0.1) }
      const trainer = yield* Train.make(
        Adversarial.init({ ...conditional, optimizers, latent, input: [2], key: Key.make(1) }),
        Adversarial.gan({ ...conditional, optimizers })
      )
      const training = Remote.adversarial({ ...conditional, trainer, batches: Stream.empty })
      assert.isUndefined(training.gradientNorms)
      const asked = (a: number) => ({ x: noise, y: NdArray.make(Int32Array.from({ length: 8 }, () => a), [8]) })
      const [zero, one] = yield* Effect.all([training.predict!(asked(0)), training.predict!(asked(1))])
      assert.notDeepEqual(zero, one)
      const outputs = yield* training.activations!(asked(1))
      assert.includeMembers(outputs.map(([path]) => path), ["generator.1", "critic.0.y", "critic"])
      const error = yield* Effect.flip(training.predict!(noise))
      assert.strictEqual(error.message, "input of a generator: expected { x, y }: noise, and labels, found one array")
    }).pipe(Effect.scoped, leavesNoTensor))
})
