import { NodeServices } from "@effect/platform-node"
import { assert, describe, layer } from "@effect/vitest"
import { memory } from "@tensorflow/tfjs-core"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Fiber, FileSystem, Layer, Stream } from "effect"
import { Backend, Checkpoint, Key, Losses, Optimizers, Train, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { batches, model } from "../../support/training.ts"

const optimizer = Optimizers.adjustable((rate) => Optimizers.adam(rate), 1e-2)
const init = Train.init({ model, optimizer, input: [8, 8, 1], key: Key.make(42) })
const step = Train.supervised({ model, optimizer, loss: Losses.softmaxCrossEntropy })
const values = (state: Tree.Tree) => [...Tree.leaves(state).map((x) => Array.from(x.dataSync())), Tree.numbers(state)]

describe("Trainer.modify", () => {
  layer(Layer.merge(Backend.layerWasm, NodeServices.layer))((it) => {
    it.effect("disposes what the next state does not hold, and nothing else", () =>
      Effect.gen(function*() {
        const trainer = yield* Train.make(init, step)
        const before = memory().numTensors, { params } = yield* trainer.state
        const kernel = tf.zeros(params.head.kernel.shape)
        yield* trainer.modify((state) => ({ ...state, params: { ...state.params, head: { ...params.head, kernel } } }))
        assert.strictEqual(memory().numTensors, before)
        assert.isTrue(params.head.kernel.isDisposed)
        assert.isFalse(params.head.bias.isDisposed)
        assert.strictEqual((yield* trainer.state).params.head.kernel, kernel)
      }).pipe(Effect.scoped, leavesNoTensor))

    it.effect("of nothing changes nothing", () =>
      Effect.gen(function*() {
        const trainer = yield* Train.make(init, step), before = yield* trainer.state
        yield* trainer.modify(() => undefined)
        assert.strictEqual(yield* trainer.state, before)
        yield* trainer.modify(Optimizers.setLearningRate(0.25))
        assert.strictEqual(Optimizers.learningRate((yield* trainer.state).opt), 0.25)
        yield* trainer.modify(Optimizers.setLearningRate(0.5, { under: "nowhere" }))
        assert.strictEqual(Optimizers.learningRate((yield* trainer.state).opt), 0.25)
      }).pipe(Effect.scoped, leavesNoTensor))

    for (const readEvery of [1, 2]) {
      it.effect(`fails after the end of the trainer, as a step does, read every ${readEvery}`, () =>
        Effect.gen(function*() {
          const trainer = yield* Effect.scoped(Train.make(
            Backend.tensors("initial", () => ({ step: 0, w: tf.scalar(1) })),
            Train.step(() => "step", ({ step }: { step: number; w: tf.Tensor }, x: number) => [
              { step: step + 1, w: tf.scalar(x) },
              { x: tf.scalar(x) }
            ]),
            { readEvery }
          ))
          const message = "the Scope of the trainer has ended"
          const modified = yield* Effect.flip(trainer.modify(({ step }) => ({ step: step + 5, w: tf.scalar(2) })))
          assert.deepStrictEqual([modified._tag, modified.message], ["TensorError", `state of step 5: ${message}`])
          const run = yield* Effect.flip(Stream.runDrain(trainer.run(Stream.make(1, 2, 3))))
          assert.deepStrictEqual([run._tag, run.message], ["TensorError", `state of step 1: ${message}`])
        }).pipe(leavesNoTensor))
    }

    it.effect("waits for the step that is being taken", () =>
      Effect.gen(function*() {
        const seen: Array<string> = []
        const trainer = yield* Train.make(Effect.succeed({ step: 0 }), (state) =>
          Effect.gen(function*() {
            seen.push("step begins")
            yield* Effect.yieldNow
            yield* Effect.yieldNow
            seen.push("step ends")
            return [{ step: state.step + 1 }, {}] as const
          }))
        const training = yield* Effect.forkChild(Stream.runDrain(trainer.run(Stream.make(1))))
        yield* Effect.repeat(Effect.yieldNow, { until: () => seen.length > 0 })
        yield* trainer.modify((state) => {
          seen.push("modified")
          return { step: state.step + 10 }
        })
        yield* Fiber.join(training)
        assert.deepStrictEqual(seen, ["step begins", "step ends", "modified"])
        assert.strictEqual((yield* trainer.state).step, 11)
      }).pipe(Effect.scoped))

    it.effect("sets a learning rate that a checkpoint keeps: resuming is exact", () =>
      Effect.gen(function*() {
        const file = `${yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()}/model.safetensors`
        const straight = yield* Train.make(init, step)
        yield* batches.pipe(Stream.take(3), straight.run, Stream.runDrain)
        yield* straight.modify((state) => Optimizers.setLearningRate(state, 0.5)!)
        yield* Checkpoint.save(straight, file)
        yield* batches.pipe(Stream.drop(3), Stream.take(3), straight.run, Stream.runDrain)

        const resumed = yield* Train.make(Checkpoint.load(file, init), step)
        yield* batches.pipe(Stream.drop(3), Stream.take(3), resumed.run, Stream.runDrain)
        assert.deepStrictEqual(values(yield* resumed.state), values(yield* straight.state))
        assert.strictEqual(Optimizers.learningRate((yield* resumed.state).opt), 0.5)
      }).pipe(Effect.scoped, leavesNoTensor))
  })
})
