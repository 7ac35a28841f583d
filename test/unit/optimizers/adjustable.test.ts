import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend, Optimizers, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"

/** The parameters after updates by gradients of 1, 2, …, with the rates of a list, if the optimizer is adjustable. */
const descend = (optimizer: Optimizers.GradientTransformation, rates: ReadonlyArray<number>): ReadonlyArray<number> => {
  let params = { w: tf.tensor1d([1, -1]) as tf.Tensor }, state = optimizer.init(params)
  for (const [i, rate] of rates.entries()) {
    state = Optimizers.setLearningRate(state, rate) ?? state
    const [updates, next] = optimizer.update({ w: tf.mul(tf.ones([2]), i + 1) as tf.Tensor }, state, params)
    params = Optimizers.applyUpdates(params, updates)
    state = next
  }
  return Array.from(params.w.dataSync())
}

describe("an adjustable optimizer", () => {
  const rates = [0.1, 0.1, 0.01, 0.01, 0.5]
  for (const [name, make] of [["sgd", Optimizers.sgd], ["adam", Optimizers.adam]] as const) {
    it.effect(`with ${name} does what a schedule of the same rates does, bit for bit`, () =>
      Backend.tensors("test", () =>
        assert.deepStrictEqual(
          descend(Optimizers.adjustable((rate) => make(rate), 1), rates),
          descend(make((step) => rates[step]!), rates)
        )).pipe(leavesNoTensor, Effect.provide(Backend.layerWasm)))
  }

  it.effect("says the rate that was set, and keeps its tensors", () =>
    Backend.tensors("test", () => {
      const optimizer = Optimizers.chain(
        Optimizers.clipByGlobalNorm(1),
        Optimizers.adjustable((rate) => Optimizers.adam(rate), 0.1)
      )
      const state = optimizer.init({ w: tf.zeros([2]) })
      const changed = Optimizers.setLearningRate(state, 0.2)!
      assert.deepStrictEqual(Tree.leaves(changed), Tree.leaves(state))
      assert.strictEqual(Optimizers.learningRate(changed), 0.2)
      const [, next] = optimizer.update({ w: tf.ones([2]) }, changed, { w: tf.zeros([2]) })
      assert.strictEqual(Optimizers.learningRate(next), 0.2)
    }).pipe(leavesNoTensor, Effect.provide(Backend.layerWasm)))

  it.effect("says the rate of a schedule by the factor that was set", () =>
    Backend.tensors("test", () => {
      const schedule = (step: number) => step < 1 ? 0.4 : 0.2
      const optimizer = Optimizers.adjustable((factor) => Optimizers.sgd((step) => factor * schedule(step)), 1)
      const params = { w: tf.zeros([2]) }, state = optimizer.init(params)
      const rateAt = (factor: number) => Optimizers.learningRate(Optimizers.setLearningRate(state, factor)!)
      assert.deepStrictEqual([rateAt(1), rateAt(0.5), rateAt(0)], [0.4, 0.2, 0])
      const [, next] = optimizer.update({ w: tf.ones([2]) }, Optimizers.setLearningRate(state, 0.5)!, params)
      assert.strictEqual(Optimizers.learningRate(next), 0.2)
    }).pipe(leavesNoTensor, Effect.provide(Backend.layerWasm)))

  it.effect("is found below a path, or not at all", () =>
    Backend.tensors("test", () => {
      const of = () => ({ opt: Optimizers.adjustable((rate) => Optimizers.sgd(rate), 0.1).init({ w: tf.zeros([1]) }) })
      const state = { generator: of(), critic: of() }
      const rates = (tree: Tree.Tree) =>
        Object.entries(Tree.numbers(tree)).filter(([path]) => path.endsWith("adjustableLearningRate"))
          .map(([, rate]) => rate)
      assert.deepStrictEqual(rates(Optimizers.setLearningRate(state, 1)!), [1, 1])
      assert.deepStrictEqual(rates(Optimizers.setLearningRate(state, 1, "critic")!), [0.1, 1])
      assert.isUndefined(Optimizers.setLearningRate(state, 1, "crit"))
      for (const rate of [-1, NaN, Infinity]) assert.throws(() => Optimizers.setLearningRate(state, rate), RangeError)
    }).pipe(leavesNoTensor, Effect.provide(Backend.layerWasm)))
})
