import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result, Stream } from "effect"
import { Backend, Key, Layers, Losses, NdArray, Optimizers, Pipeline, Shape, Train, Tree } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { randomTensor } from "../../support/numbers.ts"

const key = Key.make(23), evaluation: Layers.Mode = { training: false, key }

// Layers of images of any size, and of sequences of any length.
const images: ReadonlyArray<Layers.Any> = [
  Layers.conv2d({ filters: 3, kernelSize: 3 }),
  Layers.conv2d({ filters: 3, kernelSize: [2, 3], strides: 2 }),
  Layers.conv2d({ filters: 2, kernelSize: 3, dilations: 2, padding: "valid" }),
  Layers.conv2dTranspose({ filters: 3, kernelSize: 4, strides: 2 }),
  Layers.conv2dTranspose({ filters: 3, kernelSize: 3, padding: "valid" }),
  Layers.maxPool2d(2),
  Layers.avgPool2d({ poolSize: 3, strides: 2, padding: "same" }),
  Layers.globalAvgPool2d,
  Layers.globalMaxPool2d,
  Layers.upsample2d(2),
  Layers.upsample2d({ size: [1, 3], interpolation: "bilinear" }),
  Layers.dense(5),
  Layers.relu,
  Layers.softmax,
  Layers.rescale({ scale: 2 }),
  Layers.dropout(0.5),
  Layers.gaussianNoise(1),
  Layers.batchNorm(),
  Layers.layerNorm(),
  Layers.groupNorm({ groups: 2 }),
  Layers.instanceNorm(),
  Layers.embedding({ size: 2, features: 3 }),
  Layers.reshape([-1, 4]),
  Layers.spectralNorm(Layers.conv2d({ filters: 2, kernelSize: 3 })),
  Layers.residual(Layers.conv2d({ filters: 4, kernelSize: 3 })),
  Layers.parallel({ a: Layers.conv2d({ filters: 2, kernelSize: 1 }), b: Layers.relu }),
  Layers.parallel({ a: Layers.relu, b: Layers.tanh }, { merge: "add" }),
  Layers.frozen(Layers.batchNorm()),
  Layers.serial(
    Layers.conv2d({ filters: 4, kernelSize: 3, strides: 2 }),
    Layers.batchNorm(),
    Layers.relu,
    Layers.globalAvgPool2d,
    Layers.dense(3)
  ),
  Layers.graph(
    { inputs: "image" },
    ["fine", Layers.conv2d({ filters: 2, kernelSize: 3 })],
    ["coarse", Layers.maxPool2d({ poolSize: 1 })],
    ["up", Layers.upsample2d(1)],
    ["both", Layers.concatenate("0", "1"), ["up", "fine"]]
  ),
  Layers.graph(
    { inputs: "image" },
    ["fine", Layers.conv2d({ filters: 4, kernelSize: 3 })],
    ["gate", Layers.sigmoid],
    ["gated", Layers.multiply("0", "1"), ["image", "gate"]],
    ["sum", Layers.add("0", "1", "2"), ["image", "gated", "fine"]]
  )
]

const run = (layer: Layers.Any, input: Shape.Shape) => {
  const initial = Result.getOrThrow(layer.init(key, input))
  return {
    ...initial,
    output: initial.output as Shape.Shape,
    apply: (x: tf.Tensor): tf.Tensor => layer.apply(initial.params, initial.state, x, evaluation)[0]
  }
}

const values = (tree: Tree.Tree) => Tree.entries(tree).map(([path, x]) => [path, x.shape, Array.from(x.dataSync())])

for (const [backend, backendLayer] of backends) {
  describe(`dimensions that are not known, on ${backend}`, () => {
    for (const layer of images) {
      it.effect(`${layer.name} of any size is that of each`, () =>
        Backend.tensors("test", () => {
          const open = run(layer, [null, null, 4])
          for (const size of [[6, 8], [10, 5]]) {
            const input = [...size, 4], closed = run(layer, input)
            assert.deepStrictEqual(values(open.params), values(closed.params))
            assert.deepStrictEqual(values(open.state), values(closed.state))
            assert.deepStrictEqual(Shape.unify(open.output, closed.output), closed.output)
            const x = tf.abs(tf.clipByValue(randomTensor(5, [2, ...input]), -1, 1)), y = open.apply(x)
            assert.deepStrictEqual([2, ...closed.output as Shape.Known], y.shape)
            assert.deepStrictEqual(Array.from(y.dataSync()), Array.from(closed.apply(x).dataSync()))
          }
        }).pipe(leavesNoTensor, Effect.provide(backendLayer)))
    }

    it.effect("of batches that do not fit all the same are errors at the layer", () =>
      Backend.tensors("test", () => {
        const wrong: ReadonlyArray<readonly [Layers.Any, Shape.Shape, ReadonlyArray<number>, RegExp]> = [
          [
            Layers.conv2d({ filters: 1, kernelSize: 5, padding: "valid" }),
            [null, null, 1],
            [1, 3, 9, 1],
            /a \(conv2d\) expects .*\[1, 3, 9, 1\]/
          ],
          [Layers.maxPool2d(4), [null, null, 1], [1, 3, 9, 1], /a \(maxPool\) expects .*\[1, 3, 9, 1\]/],
          [
            Layers.residual(Layers.conv2d({ filters: 1, kernelSize: 3, padding: "valid" })),
            [null, null, 1],
            [1, 3, 3, 1],
            /^a \(residual\) expects a layer that keeps the shape \[1, 3, 3, 1\], got one that gives \[1, 1, 1, 1\]$/
          ],
          [
            Layers.parallel({ a: Layers.maxPool2d(2), b: Layers.relu }),
            [null, null, 1],
            [1, 4, 4, 1],
            /^a \(parallel\) expects branches of the same shape up to their last axis, got \{ a: \[1, 2, 2, 1\], b: \[1, 4, 4, 1\] \}$/
          ],
          [
            Layers.instanceNorm(),
            [null, 2],
            [3, 1, 2],
            /^a \(instanceNorm\) expects .* more than one position, got one of \[1, 2\]$/
          ],
          [
            Layers.reshape([-1, 4]),
            [null, 3],
            [2, 3, 3],
            /^a \(reshape\) expects a multiple of 4 values for \[-1, 4\], got \[2, 3, 3\]$/
          ],
          [
            Layers.reshape([2, 6]),
            [null, 3],
            [2, 3, 3],
            /^a \(reshape\) expects 12 values for \[2, 6\], got \[2, 3, 3\]$/
          ],
          [
            Layers.upsample2d(2),
            [null, null, 1],
            [2, 3, 3],
            /^a \(upsample2d\) expects x \[batch, height, width, channels\], got \[2, 3, 3\]$/
          ]
        ]
        for (const [layer, input, batch, message] of wrong) {
          const model: Layers.Any = Layers.named({ a: layer }), { apply } = run(model, input)
          assert.throws(() => apply(tf.zeros([...batch])), message)
        }
      }).pipe(leavesNoTensor, Effect.provide(backendLayer)))

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

describe("layers that need a dimension", () => {
  const needs: ReadonlyArray<readonly [layer: Layers.Any, input: Shape.Shape, message: string]> = [
    [Layers.flatten, [null, 3], "flatten expects a shape, all dimensions known, got [?, 3]"],
    [Layers.dense(2), [3, null], "dense expects [..., features], the last dimension known, got [3, ?]"],
    [
      Layers.conv2d({ filters: 1, kernelSize: 3 }),
      [8, 8, null],
      "conv2d expects [height, width, channels], the last dimension known, got [8, 8, ?]"
    ],
    [
      Layers.conv2dTranspose({ filters: 1, kernelSize: 3 }),
      [8, 8, null],
      "conv2dTranspose expects [height, width, channels], the last dimension known, got [8, 8, ?]"
    ],
    [Layers.batchNorm(), [null], "batchNorm expects [..., channels], the last dimension known, got [?]"],
    [Layers.groupNorm({ groups: 1 }), [null], "groupNorm expects [..., channels], the last dimension known, got [?]"],
    [
      Layers.instanceNorm(),
      [4, null],
      "instanceNorm expects [..., channels] with more than one position, the last dimension known, got [4, ?]"
    ],
    [Layers.layerNorm(), [null], "layerNorm expects [..., features], the last dimension known, got [?]"],
    [
      Layers.layerNorm({ axes: 2 }),
      [null, 3],
      "layerNorm expects at least 2 dimensions, the last 2 dimensions known, got [?, 3]"
    ],
    [
      Layers.residual(Layers.dense(2)),
      [null, 3],
      "residual expects a layer that keeps the shape [?, 3], got one that gives [?, 2]"
    ]
  ]
  it.effect("say so", () =>
    Backend.tensors("test", () => {
      for (const [layer, input, message] of needs) {
        const error = Result.getFailure(layer.init(key, input))
        assert.strictEqual(error.valueOrUndefined?.message, message)
      }
    }).pipe(leavesNoTensor, Effect.provide(Backend.layerCpu)))

  it.effect("know what the others of several know", () =>
    Backend.tensors("test", () => {
      const joined = run(Layers.concatenate("a", "b", "c"), { a: [null, 4, 1], b: [3, null, 2], c: [null] } as never)
      assert.deepStrictEqual(joined.output, [3, 4, null])
      const sum = run(Layers.add("a", "b"), { a: [null, 4], b: [3, null] } as never)
      assert.deepStrictEqual(sum.output, [3, 4])
      const batch = { a: tf.zeros([2, 3, 1]), b: tf.zeros([2, 4, 1]) }
      assert.throws(
        () => Layers.concatenate("a", "b").apply({}, {}, batch, evaluation),
        "concatenate expects inputs of one shape up to their last axis, or with fewer leading axes, got { a: [2, 3, 1], b: [2, 4, 1] }"
      )
    }).pipe(leavesNoTensor, Effect.provide(Backend.layerCpu)))
})
