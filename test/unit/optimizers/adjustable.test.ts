import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Stream } from "effect"
import { Backend, Checkpoint, Key, Layers, Losses, NdArray, Optimizers, Train, Tree } from "effect-neuron"
import plateau from "../../fixtures/plateau.json" with { type: "json" }
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
      assert.deepStrictEqual(rates(Optimizers.setLearningRate(state, 1, { under: "critic" })!), [0.1, 1])
      assert.isUndefined(Optimizers.setLearningRate(state, 1, { under: "crit" }))
      for (const rate of [-1, NaN, Infinity]) {
        assert.throws(() => Optimizers.setLearningRate(state, rate), RangeError)
        assert.throws(() => Optimizers.adjustable(Optimizers.sgd, rate), RangeError, `got ${rate}`)
      }
    }).pipe(leavesNoTensor, Effect.provide(Backend.layerWasm)))
})

type PlateauCase = Optimizers.PlateauOptions & { readonly min_lr?: number; readonly threshold_mode?: string }

describe("a learning rate that falls on a plateau", () => {
  const rateOf = (state: Tree.Tree) =>
    Object.entries(Tree.numbers(state)).find(([path]) => path.endsWith("adjustableLearningRate"))![1]

  for (const { options, rates, values } of plateau.cases) {
    it.effect(`is that of PyTorch: ${JSON.stringify(options)}`, () =>
      Backend.tensors("test", () => {
        const { min_lr: minimum = 0, threshold_mode: mode, ...rest } = options as PlateauCase
        let state = Optimizers.adjustable(Optimizers.sgd, plateau.base).init({ w: tf.zeros([1]) })
        const got = values.map((value) => {
          state = Optimizers.reduceOnPlateau(state, value ?? NaN, {
            ...rest,
            minimum,
            thresholdMode: mode === "abs" ? "absolute" : "relative"
          })!
          assert.isTrue(Object.values(Tree.numbers(state)).every(Number.isFinite))
          return rateOf(state)
        })
        assert.deepStrictEqual(got, rates)
        assert.isBelow(got.at(-1)!, plateau.base)
      }).pipe(leavesNoTensor, Effect.provide(Backend.layerWasm)))
  }

  const line = Layers.dense(1), optimizer = Optimizers.adjustable(Optimizers.adam, 0.1)
  const supervision = { model: line, loss: Losses.meanSquaredError }
  const batch = { x: NdArray.make([1, 2], [2, 1]), y: NdArray.make([2, 4], [2, 1]), size: 2 }
  const make = Train.make(
    Train.init({ model: line, optimizer, input: [1], key: Key.make(1) }),
    Train.supervised({ ...supervision, optimizer })
  )
  const options = { factor: 0.5, patience: 1, threshold: 0.01, cooldown: 1 }
  const taking = (trainer: Effect.Success<typeof make>, count: number) =>
    Stream.forever(Stream.make(batch)).pipe(
      trainer.run,
      // Every second step has a value.
      Train.reduceOnPlateau({ ...options, trainer, monitor: ({ step }) => step % 2 === 0 ? 1 : undefined }),
      Stream.take(count),
      Stream.runDrain
    )

  it.effect("behind a trainer, goes on from a checkpoint to the bit", () =>
    Effect.gen(function*() {
      const whole = yield* make
      yield* taking(whole, 16)
      const first = yield* make
      yield* taking(first, 9)
      const bytes = yield* Effect.flatMap(first.state, (state) => Checkpoint.encode(state))
      const again = yield* Train.make(
        Checkpoint.decode(bytes, Train.init({ model: line, optimizer, input: [1], key: Key.make(1) })),
        Train.supervised({ ...supervision, optimizer })
      )
      yield* taking(again, 7)
      const values = (
        state: Tree.Tree
      ) => [Tree.numbers(state), Tree.leaves(state).map((x) => Array.from(x.dataSync()))]
      assert.deepStrictEqual(values(yield* again.state), values(yield* whole.state))
      // Values 1 to 8: the first is the best, two do not improve on it, one cools down, two do not, one cools down,
      // one.
      assert.strictEqual(rateOf(yield* whole.state), 0.1 * 0.5 * 0.5)
    }).pipe(Effect.scoped, leavesNoTensor, Effect.provide(Backend.layerWasm)))

  it.effect("is refused where options are out of range, and where there is no adjustable optimizer", () =>
    Effect.gen(function*() {
      const trainer = yield* make, monitor = () => 1
      for (
        const wrong of [
          { factor: 1 },
          { factor: -0.1 },
          { patience: -1 },
          { patience: 1.5 },
          { cooldown: -1 },
          { threshold: -1 },
          { threshold: NaN },
          { minimum: Infinity },
          { mode: "maximum" as "max" },
          { thresholdMode: "rel" as "relative" }
        ]
      ) {
        assert.throws(() => Train.reduceOnPlateau({ trainer, monitor, ...wrong }), RangeError)
        assert.throws(() => Optimizers.reduceOnPlateau({}, 1, wrong), RangeError)
      }
      assert.isUndefined(Optimizers.reduceOnPlateau(Optimizers.sgd(0.1).init({ w: tf.scalar(1) }), 1))
      let taken = 0
      const elements = Stream.tap(Stream.make(1), () => Effect.sync(() => taken += 1))
      const elsewhere = Train.reduceOnPlateau(elements, { trainer, monitor, under: "critic" })
      const defect = yield* Effect.flip(Effect.catchDefect(Stream.runDrain(elsewhere), Effect.fail))
      assert.include(String(defect), "no adjustable optimizer below critic")
      assert.strictEqual(taken, 0)
    }).pipe(Effect.scoped, Effect.provide(Backend.layerWasm)))
})
