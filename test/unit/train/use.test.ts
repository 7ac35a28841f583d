import { assert, describe, layer } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Exit, Stream } from "effect"
import { Backend, Key, Layers, NdArray, Optimizers, Train, Tree } from "effect-neuron"
import { isSuspect } from "../../../src/backend/finite.ts"
import { leavesNoTensor } from "../../support/backend.ts"
import { batch, batches, init, model, step, supervision } from "../../support/training.ts"

const optimizers = [
  ["Adam", Optimizers.adam(0.1)],
  ["gradient descent", Optimizers.sgd(0.1)],
  ["momentum", Optimizers.sgd(0.1, { momentum: 0.9 })]
] as const

const make = Train.make(init, step)
const x = { x: batch(50).x }

describe("a trainer lends its state", () => {
  layer(Backend.layerWasm)((it) => {
    it.effect("which lives until the function ends, whatever steps are taken meanwhile", () =>
      Effect.gen(function*() {
        const trainer = yield* make
        const before = tf.memory().numTensors
        const first = yield* trainer.use((state) =>
          Effect.gen(function*() {
            const kernel = Array.from(state.params.head.kernel.dataSync())
            yield* Stream.runDrain(trainer.run(Stream.take(batches, 3)))
            assert.isTrue(Tree.leaves(state).every((leaf) => !leaf.isDisposed))
            assert.deepStrictEqual(Array.from(state.params.head.kernel.dataSync()), kernel)
            return state
          })
        )
        assert.isTrue(first.params.head.kernel.isDisposed)
        assert.strictEqual((yield* trainer.state).step, 3)
        assert.strictEqual(tf.memory().numTensors, before)
      }).pipe(Effect.scoped, leavesNoTensor))

    it.effect("also past the end of its Scope", () =>
      Effect.gen(function*() {
        const held = yield* Effect.scoped(Effect.flatMap(make, (trainer) => trainer.held))
        assert.isTrue(held.params.head.kernel.isDisposed)
      }).pipe(leavesNoTensor))

    it.effect("to predictions and evaluations over a stream, which are those of one state", () =>
      Effect.gen(function*() {
        const trainer = yield* make
        const [before] = yield* Stream.runCollect(Train.predict(Stream.make(x), model, trainer))
        const during = yield* Stream.make(x, x, x).pipe(
          Train.predict(model, trainer),
          Stream.tap(() => Stream.runDrain(trainer.run(Stream.take(batches, 1)))),
          Stream.runCollect
        )
        for (const y of during) assert.deepStrictEqual(y, before)
        const evaluate = (taken: number) =>
          Stream.make(batch(60), batch(61)).pipe(
            Stream.tap(() => Stream.runDrain(trainer.run(Stream.take(batches, taken)))),
            Train.evaluate(supervision, trainer)
          )
        const still = yield* evaluate(0)
        assert.strictEqual((yield* evaluate(1)).loss, still.loss)
        assert.notStrictEqual((yield* evaluate(0)).loss, still.loss)
      }).pipe(Effect.scoped, leavesNoTensor))

    it.effect("and what is used later says what to do", () =>
      Effect.gen(function*() {
        const trainer = yield* make
        const late = yield* trainer.state
        yield* Stream.runDrain(trainer.run(Stream.take(batches, 1)))
        const error = yield* Effect.flip(Stream.runCollect(Train.predict(Stream.make(x), model, late)))
        assert.include(error.message, "trainer.use(f) keeps one as long as f runs")
      }).pipe(Effect.scoped, leavesNoTensor))
  })
})

describe("the state that is kept", () => {
  layer(Backend.layerWasm)((it) => {
    for (const [name, optimizer] of optimizers) {
      it.effect(`is finite after a finite loss whose gradient is not, with ${name}`, () =>
        Effect.gen(function*() {
          const line = Layers.dense(1)
          const loss = (prediction: tf.Tensor, target: tf.Tensor) =>
            tf.reshape(tf.sqrt(tf.sum(tf.squaredDifference(prediction, target), 1)), [-1])
          const trainer = yield* Train.make(
            Train.init({ model: line, optimizer, input: [1], key: Key.make(1) }),
            Train.supervised({ model: line, optimizer, loss })
          )
          const { kernel } = (yield* trainer.state).params
          const perfect = {
            x: NdArray.make([2], [1, 1]),
            y: NdArray.make([2 * kernel.dataSync()[0]!], [1, 1]),
            size: 1
          }
          const error = yield* Effect.flip(Stream.runDrain(trainer.run(Stream.make(perfect))))
          assert.strictEqual(error._tag, "NonFiniteError")
          assert.include(error.message, "at step 1")
          const state = yield* trainer.state
          assert.strictEqual(state.step, 0)
          assert.isTrue(Tree.leaves(state).every((leaf) => leaf.dataSync().every(Number.isFinite)))
        }).pipe(Effect.scoped, leavesNoTensor))

      it.effect(`takes no pass of its own to be known as finite, with ${name}`, () =>
        Effect.gen(function*() {
          const model = Layers.named({
            flat: Layers.flatten,
            hidden: Layers.dense(8),
            relu: Layers.relu,
            head: Layers.dense(4)
          })
          const averaged = Train.averaging(Train.supervised({ ...supervision, model, optimizer }), { decay: 0.9 })
          let state = yield* Train.withAverage(Train.init({ model, optimizer, input: [8, 8, 1], key: Key.make(1) }))
          for (let i = 0; i < 2; i++) {
            const [next, measured] = yield* averaged(state, batch(i))
            yield* Train.read(measured)
            assert.deepStrictEqual(Tree.leaves(next).filter(isSuspect), [])
            Tree.disposeExcept(state, next)
            state = next
          }
          Tree.disposeExcept(state)
        }).pipe(leavesNoTensor))
    }

    it.effect("is the one before a modification that throws or gives what is not finite, which leave no tensor", () =>
      Effect.gen(function*() {
        const trainer = yield* make
        const before = tf.memory().numTensors, state = yield* trainer.state
        for (let i = 0; i < 10; i++) {
          yield* trainer.modify((state) => ({
            ...state,
            params: Tree.map(state.params, (leaf) => tf.mul(tf.add(tf.mul(leaf, 2), 1), 0.5))
          }))
        }
        assert.strictEqual(tf.memory().numTensors, before)
        const good = yield* trainer.state
        assert.notStrictEqual(good, state)
        const thrown = yield* Effect.exit(trainer.modify((state) => {
          tf.mul(state.params.head.kernel, 2)
          throw new Error("no")
        }))
        assert.isTrue(Exit.isFailure(thrown))
        const bad = yield* Effect.flip(
          trainer.modify((state) => ({ ...state, params: Tree.map(state.params, (leaf) => tf.div(leaf, 0)) }))
        )
        assert.strictEqual(bad._tag, "NonFiniteError")
        assert.strictEqual(yield* trainer.state, good)
        assert.strictEqual(tf.memory().numTensors, before)
      }).pipe(Effect.scoped, leavesNoTensor))
  })
})
