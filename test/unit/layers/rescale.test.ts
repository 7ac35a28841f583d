import { assert, layer } from "@effect/vitest"
import { Effect, Result, Stream } from "effect"
import { Backend, Datasets, Key, Layers, Losses, Optimizers, Pipeline, Train } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"

layer(Backend.layerWasm)("rescale", (it) => {
  it("has a name of few digits, and a description of all", () => {
    const third = Layers.rescale({ scale: 1 / 3 })
    assert.strictEqual(third.name, "rescale(scale 0.3333)")
    assert.strictEqual(Result.getOrThrow(Layers.describe(third)).options!["scale"], 1 / 3)
  })

  it.effect("on bytes is the normalization of the pipeline: the same losses, step by step", () =>
    Effect.gen(function*() {
      const digits = Datasets.digits({ train: 64, test: 0 })
      const bytes = digits.train.pipe(Stream.map(({ x, y }) => ({
        x: { data: Uint8Array.from(x.data, (value) => Math.round(255 * value)), shape: x.shape },
        y
      })))
      const body = { flat: Layers.flatten, hidden: Layers.dense(16), relu: Layers.relu, head: Layers.dense(10) }
      const optimizer = Optimizers.adam(1e-2)
      const losses = <E>(model: Layers.Any, examples: Stream.Stream<Datasets.SupervisedExample, E>) =>
        Effect.scoped(Effect.gen(function*() {
          const trainer = yield* Train.make(
            Train.init({ model, optimizer, input: [28, 28, 1], key: Key.make(1) }),
            Train.supervised({ model, optimizer, loss: Losses.softmaxCrossEntropy })
          )
          return yield* examples.pipe(
            Pipeline.batch(16),
            trainer.run,
            Stream.map(({ loss }) => loss),
            Stream.runCollect
          )
        }))
      // A layer in front gives the others other keys; here it takes the place of a layer that does nothing.
      const onDevice = yield* losses(Layers.named({ first: Layers.rescale({ scale: 1 / 255 }), ...body }), bytes)
      const identity = Layers.activation("identity", (x) => x)
      const onHost = yield* losses(Layers.named({ first: identity, ...body }), bytes.pipe(Pipeline.normalize()))
      assert.strictEqual(onDevice.length, 4)
      onDevice.forEach((loss, i) => assert.approximately(loss, onHost[i]!, 1e-5))
    }).pipe(leavesNoTensor))
})
