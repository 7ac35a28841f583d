import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result, Stream } from "effect"
import { Backend, Key, Layers, Losses, NdArray, Optimizers, Train } from "effect-neuron"
import type { Shape } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"

const image: Layers.Any = Layers.named({
  stem: Layers.named({ conv1: Layers.conv2d({ filters: 2, kernelSize: 3 }), relu: Layers.relu }),
  norm: Layers.batchNorm(),
  pool: Layers.maxPool2d(2),
  flat: Layers.flatten,
  head: Layers.dense(3)
})
const row: Layers.Any = Layers.named({ norm: Layers.batchNorm(), head: Layers.dense(3) })

const of = (norm: Layers.Any): Layers.Any =>
  Layers.named({ norm, mean: Layers.activation("mean", (x) => tf.mean(x, 1)), head: Layers.dense(3) })
const ids = (size: number) => of(Layers.embedding({ size, features: 2 }))

const batch = (shape: Shape.Known, value = 0.5) => ({
  x: NdArray.make(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value), shape),
  y: NdArray.make(Int32Array.of(1), [1]),
  size: 1
})

type Case = readonly [model: Layers.Any, input: Shape.Known, batch: Shape.Known, said: RegExp, value?: number]

// A model, what it is made for, a batch that it does not fit, and what is said of it.
const cases: ReadonlyArray<Case> = [
  [image, [8, 8, 1], [1, 8, 8, 3], /^train step 1, .*: stem\.conv1 \(conv2d\) expects .*, got \[1, 8, 8, 3\] and /],
  [image, [8, 8, 3], [1, 8, 8, 1], /: stem\.conv1 \(conv2d\) expects .*, got \[1, 8, 8, 1\] and /],
  [image, [8, 8, 1], [1, 8, 8, 1, 1], /: stem\.conv1 \(conv2d\) expects .*, got \[1, 8, 8, 1, 1\] and /],
  [image, [8, 8, 1], [1, 4, 4, 1], /: head \(dense\) expects .*, got \[1, 8\] and \[32, 3\]/],
  [row, [2], [1, 3], /: norm \(batchNorm\) expects .*, got \[2\]/],
  [ids(2), [3], [1, 3], /: norm \(embedding\) expects ids from 0 to 1, got 5/, 5],
  [ids(6), [3], [1, 3], /: norm \(embedding\) expects ids from 0 to 5, got -1/, -1]
]

describe("a layer of one's own that throws", () => {
  it.effect("is named by its path, with what it threw as the cause, also when it throws that again", () => {
    const thrown = new RangeError("not today")
    const failing = (when: "init" | "apply"): Layers.Any => {
      const mine = Layers.make<{}, {}>({
        name: "mine",
        init: (_, output) => {
          if (when === "init") throw thrown
          return Result.succeed({ params: {}, state: {}, output })
        },
        apply: () => {
          throw thrown
        }
      })
      const block = Layers.sequence(["both", Layers.each({ a: Layers.relu, mine })], ["sum", Layers.add("a", "mine")])
      return Layers.graph({ inputs: "x" }, ["two", Layers.lambda("two", twice)], ["block", block])
    }
    const twice = { shape: (a: Shape.Shape) => ({ a, mine: a }), apply: (a: tf.Tensor) => ({ a, mine: a }) }
    return Effect.gen(function*() {
      const optimizer = Optimizers.sgd(1), input = [2], key = Key.make(1), loss = Losses.meanSquaredError
      const start = (model: Layers.Any) => Train.init({ model, optimizer, input, key })
      const first = yield* Effect.flip(start(failing("init")))
      assert.strictEqual(first.message, "init, in block.both.mine: not today")
      const model = failing("apply"),
        trainer = yield* Train.make(start(model), Train.supervised({ model, optimizer, loss }))
      for (const _ of [1, 2]) {
        const error = yield* Effect.flip(Stream.runDrain(trainer.run(Stream.make(batch([1, 2])))))
        assert.match(error.message, /^train step 1, .*, in block\.both\.mine: not today$/)
        assert.strictEqual(error._tag === "TensorError" && error.cause, thrown)
      }
    }).pipe(Effect.scoped, leavesNoTensor, Effect.provide(Backend.layerWasm))
  })
})

describe("a batch that the model does not fit", () => {
  for (const [backend, layer] of backends) {
    it.effect(`is an error that names the layer, and the next batch is trained on (${backend})`, () =>
      Effect.forEach(cases, ([model, input, wrong, message, value]) =>
        Effect.gen(function*() {
          const optimizer = Optimizers.adam(1e-2)
          const trainer = yield* Train.make(
            Train.init({ model, optimizer, input, key: Key.make(1) }),
            Train.supervised({ model, optimizer, loss: Losses.softmaxCrossEntropy })
          )
          const error = yield* Effect.flip(Stream.runDrain(trainer.run(Stream.make(batch(wrong, value)))))
          assert.strictEqual(error._tag, "TensorError")
          assert.match(error.message, message)
          const [metrics] = yield* Stream.runCollect(trainer.run(Stream.make(batch([1, ...input]))))
          assert.isTrue(Number.isFinite(metrics!.loss))
        }).pipe(Effect.scoped)).pipe(leavesNoTensor, Effect.provide(layer)))
  }
})
