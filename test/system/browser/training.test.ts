import { assert, describe, it } from "@effect/vitest"
import { memory } from "@tensorflow/tfjs-core"
import { Effect, Stream } from "effect"
import { Backend, Key, Layers, Losses, NdArray, Optimizers, Random, Train } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import * as convolutional from "../../support/training.ts"
import { backends, hasWebgpu } from "./backends.ts"

const model = Layers.named({ hidden: Layers.dense(16), tanh: Layers.tanh, head: Layers.dense(1) })
const optimizer = Optimizers.adam(0.1)

/** Points of a square, and whether the signs of their coordinates differ. */
const points = (i: number) => {
  const x = Random.uniform(Key.fold(Key.make(3), i), 128, { low: -1, high: 1 })
  const y = Float32Array.from({ length: 64 }, (_, j) => x[2 * j]! * x[2 * j + 1]! < 0 ? 1 : 0)
  return { x: NdArray.make(x, [64, 2]), y: NdArray.make(y, [64, 1]), size: 64 }
}

const perceptron = (readEvery: number) =>
  Train.make(
    Train.init({ model, optimizer, input: [2], key: Key.make(1) }),
    Train.supervised({ model, optimizer, loss: Losses.binaryCrossEntropy }),
    { readEvery }
  )

const batches = Stream.iterate(0, (i) => i + 1).pipe(Stream.map(points))

/** What tensors take: their number, and in a GPU the bytes of their textures, with those that wait to be used again. */
const taken = () => {
  const { numTensors, ...others } = memory()
  const { numBytesInGPU = 0, numBytesInGPUAllocated = 0 } = others as { readonly [name: string]: unknown }
  return { numTensors, numBytesInGPU, numBytesInGPUAllocated }
}

for (const [name, backend] of backends) {
  describe(`training on ${name} in a page`, () => {
    it.effect("learns with dense layers, and takes no more memory after 20 steps than after 60", () =>
      Effect.gen(function*() {
        const trainer = yield* perceptron(10)
        const steps = yield* batches.pipe(
          Stream.take(60),
          trainer.run,
          Stream.map(({ loss, step }) => ({ loss, step, ...taken() })),
          Stream.runCollect
        )
        assert.deepStrictEqual(steps.map(({ step }) => step), Array.from({ length: 60 }, (_, i) => i + 1))
        assert.isAbove(steps[0]!.loss, 0.6)
        assert.isBelow(steps[59]!.loss, 0.2)
        const { loss: _, step: __, ...first } = steps[20]!
        for (const { loss: _, step, ...now } of steps.slice(20)) assert.deepStrictEqual(now, first, `step ${step}`)
      }).pipe(Effect.scoped, leavesNoTensor, Effect.provide(backend)))

    it.effect("learns with convolution, batch normalization, pooling and dropout", () =>
      Effect.gen(function*() {
        const trainer = yield* Train.make(convolutional.init, convolutional.step)
        const metrics = yield* convolutional.batches.pipe(Stream.take(35), trainer.run, Stream.runCollect)
        assert.isAbove(metrics[0]!.loss, 1)
        assert.isBelow(metrics[34]!.loss, 0.2)
        const held = Stream.range(100, 103).pipe(Stream.map(convolutional.batch))
        const { accuracy } = yield* Train.evaluate(held, convolutional.supervision, trainer)
        assert.isAbove(accuracy, 0.9)
      }).pipe(Effect.scoped, leavesNoTensor, Effect.provide(backend)))
  })
}

describe("training on webgpu in a page", () => {
  it.effect("learns with dense layers, and reads predictions", ({ skip }) =>
    Effect.gen(function*() {
      if (!(yield* hasWebgpu)) return skip("no WebGPU here")
      yield* Effect.gen(function*() {
        const trainer = yield* perceptron(5)
        const metrics = yield* batches.pipe(Stream.take(25), trainer.run, Stream.runCollect)
        assert.isBelow(metrics[24]!.loss, metrics[0]!.loss)
        const [prediction] = yield* Stream.runCollect(
          Train.predict(Stream.make(points(1000)), model, trainer)
        )
        assert.deepStrictEqual(prediction!.shape, [64, 1])
      }).pipe(Effect.scoped, leavesNoTensor, Effect.provide(Backend.layerWebgpuWith({ software: true })))
    }))
})
