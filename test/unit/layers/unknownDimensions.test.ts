import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Stream } from "effect"
import { Key, Layers, Losses, NdArray, Optimizers, Pipeline, Train } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"

const key = Key.make(23)

for (const [backend, backendLayer] of backends) {
  describe(`dimensions that are not known, on ${backend}`, () => {
    it.effect("train on batches of one size each, masks among them", () =>
      Effect.gen(function*() {
        const model = Layers.sequence(
          ["steps", Layers.each({ x: Layers.dense(3), mask: Layers.identity })],
          [
            "mean",
            Layers.lambda<Layers.Masked>("mean", {
              shape: ({ x }) => x.slice(1),
              apply: ({ mask, x }) => tf.div(tf.sum(tf.mul(x, tf.expandDims(mask, -1)), 1), tf.sum(mask, 1, true))
            })
          ]
        )
        const example = (length: number) => ({
          x: {
            x: NdArray.make(new Float32Array(2 * length).fill(1), [length, 2]),
            mask: NdArray.make(Float32Array.from({ length }, (_, i) => i === 0 ? 1 : 0), [length])
          },
          y: NdArray.index(1)
        })
        const optimizer = Optimizers.sgd(0.1)
        const trainer = yield* Train.make(
          Train.init({ model, optimizer, input: { x: [null, 2], mask: [null] }, key }),
          Train.supervised({ model, optimizer, loss: Losses.softmaxCrossEntropy })
        )
        // Batches of different lengths, of which one step counts: the same three steps.
        const losses = (lengths: ReadonlyArray<number>) =>
          Stream.fromIterable(lengths.flatMap((length) => [example(length), example(length)])).pipe(
            Pipeline.batch(2),
            trainer.run,
            Stream.map(({ loss }) => loss),
            Stream.runCollect
          )
        const [first, second, third] = yield* losses([1, 5, 3])
        assert.isTrue(first! > second! && second! > third!)
      }).pipe(Effect.scoped, leavesNoTensor, Effect.provide(backendLayer)))
  })
}
