import { assert, describe, it } from "@effect/vitest"
import type { Tensor } from "@tensorflow/tfjs-core"
import { tidy } from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Backend, Errors, Key, Layers, Tree } from "effect-neuron"
import type { Shape } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { randomTensor } from "../../support/numbers.ts"

const key = Key.make(1)
const run = (program: () => void) =>
  Effect.provide(leavesNoTensor(Backend.tensors("shapes", program)), Backend.layerWasm)

const { avgPool2d, batchNorm, conv2d, dense, dropout, maxPool2d, named, parallel, relu, reshape, residual, serial } =
  Layers
const { conv2dTranspose, gaussianNoise, groupNorm, instanceNorm, layerNorm, spectralNorm, upsample2d } = Layers
const image = "[height, width, channels]"

type Row = readonly [name: string, layer: Layers.Any, input: Shape.Known, output: Shape.Shape]

const shapes: ReadonlyArray<Row> = [
  ["dense(10)", dense(10), [7], [10]],
  ["dense(10, no bias)", dense(10, { bias: false }), [5, 7], [5, 10]],
  ["dense(3)", dense(3), [2, 5, 7], [2, 5, 3]],
  ["conv2d(32, 3x3)", conv2d({ filters: 32, kernelSize: 3 }), [9, 8, 3], [9, 8, 32]],
  ["conv2d(4, 3x2, valid)", conv2d({ filters: 4, kernelSize: [3, 2], padding: "valid" }), [9, 8, 3], [7, 7, 4]],
  [
    "conv2d(4, 5x5, strides 2x3, no bias)",
    conv2d({ filters: 4, kernelSize: 5, strides: [2, 3], bias: false }),
    [9, 8, 3],
    [5, 3, 4]
  ],
  [
    "conv2d(4, 3x3, dilations 2x2, valid)",
    conv2d({ filters: 4, kernelSize: 3, dilations: 2, padding: "valid" }),
    [5, 6, 1],
    [1, 2, 4]
  ],
  ["conv2d(1, 5x5, strides 2x2, valid)", conv2d({ filters: 1, kernelSize: 5, strides: 2, padding: "valid" }), [
    12,
    5,
    2
  ], [4, 1, 1]],
  ["maxPool2d(2x2)", maxPool2d(2), [9, 8, 3], [4, 4, 3]],
  ["maxPool2d(2x3)", maxPool2d([2, 3]), [9, 8, 3], [4, 2, 3]],
  ["avgPool2d(3x3, strides 2x2, same)", avgPool2d({ poolSize: 3, strides: 2, padding: "same" }), [9, 8, 3], [5, 4, 3]],
  ["globalAvgPool2d", Layers.globalAvgPool2d, [9, 8, 3], [3]],
  ["globalMaxPool2d", Layers.globalMaxPool2d, [9, 8, 3], [3]],
  ["flatten", Layers.flatten, [9, 8, 3], [216]],
  ["flatten", Layers.flatten, [], [1]],
  ["reshape([4, 6])", reshape([4, 6]), [3, 8], [4, 6]],
  ["reshape([2, -1, 3])", reshape([2, -1, 3]), [24], [2, 4, 3]],
  ["reshape([])", reshape([]), [1], []],
  ["dropout(0.25)", dropout(0.25), [5, 2], [5, 2]],
  ["batchNorm", batchNorm(), [5, 2], [5, 2]],
  ["conv2dTranspose(4, 3x3)", conv2dTranspose({ filters: 4, kernelSize: 3 }), [9, 8, 3], [9, 8, 4]],
  [
    "conv2dTranspose(4, 4x4, strides 2x3, no bias)",
    conv2dTranspose({ filters: 4, kernelSize: 4, strides: [2, 3], bias: false }),
    [3, 2, 1],
    [6, 6, 4]
  ],
  [
    "conv2dTranspose(2, 5x2, strides 2x2, valid)",
    conv2dTranspose({ filters: 2, kernelSize: [5, 2], strides: 2, padding: "valid" }),
    [3, 4, 3],
    [9, 8, 2]
  ],
  [
    "conv2dTranspose(1, 1x1, strides 3x3, valid)",
    conv2dTranspose({ filters: 1, kernelSize: 1, strides: 3, padding: "valid" }),
    [2, 1, 2],
    [4, 1, 1]
  ],
  ["upsample2d(2x2)", upsample2d(2), [3, 4, 2], [6, 8, 2]],
  ["upsample2d(1x3, bilinear)", upsample2d({ size: [1, 3], interpolation: "bilinear" }), [3, 4, 2], [3, 12, 2]],
  ["upsample2d(1x1, bilinear)", upsample2d({ size: 1, interpolation: "bilinear" }), [3, 1, 2], [3, 1, 2]],
  ["layerNorm", layerNorm(), [5, 2], [5, 2]],
  ["layerNorm(axes 3, epsilon 0.001)", layerNorm({ axes: 3, epsilon: 1e-3 }), [5, 4, 2], [5, 4, 2]],
  ["groupNorm(groups 2)", groupNorm({ groups: 2 }), [5, 3, 4], [5, 3, 4]],
  ["groupNorm(groups 1)", groupNorm({ groups: 1 }), [3], [3]],
  ["instanceNorm", instanceNorm(), [5, 2], [5, 2]],
  ["gaussianNoise(0.1)", gaussianNoise(0.1), [5, 2], [5, 2]],
  ["spectralNorm(dense(4))", spectralNorm(dense(4)), [3, 5], [3, 4]],
  [
    "spectralNorm(conv2d(4, 3x3, no bias), iterations 3)",
    spectralNorm(conv2d({ filters: 4, kernelSize: 3, bias: false }), { iterations: 3 }),
    [5, 4, 2],
    [5, 4, 4]
  ],
  [
    "spectralNorm(conv2dTranspose(4, 3x3, strides 2x2))",
    spectralNorm(conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2 })),
    [5, 4, 2],
    [10, 8, 4]
  ],
  ["leakyRelu", Layers.leakyRelu(), [5, 2], [5, 2]],
  ["gelu", Layers.gelu, [], []],
  ["identity", Layers.identity, [5, 2], [5, 2]],
  ["softmax", Layers.softmax, [5, 2], [5, 2]],
  ["serial", serial(), [3], [3]],
  ["serial(dense(4), relu, dense(2))", serial(dense(4), relu, dense(2)), [3], [2]],
  [
    "named(conv1: conv2d(2, 3x3), block: named(flat: flatten, head: dense(5)))",
    named({
      conv1: conv2d({ filters: 2, kernelSize: 3 }),
      block: named({ flat: Layers.flatten, head: dense(5) })
    }),
    [4, 4, 1],
    [5]
  ],
  ["residual(dense(4))", residual(dense(4)), [3, 4], [3, 4]],
  ["parallel(a: dense(2), b: dense(3))", parallel({ a: dense(2), b: dense(3) }), [6, 4], [6, 5]],
  ["parallel(a: dense(2), b: dense(2), add)", parallel({ a: dense(2), b: dense(2) }, { merge: "add" }), [4], [2]]
]

const errors: ReadonlyArray<readonly [layer: Layers.Any, input: Shape.Known, message: string]> = [
  [dense(10), [], "dense expects [..., features], got []"],
  [dense(10), [-1], "dense expects positive integers as dimensions, or null for unknown ones, got [-1]"],
  [dense(10), [0], "dense expects positive integers as dimensions, or null for unknown ones, got [0]"],
  [relu, [2.5, NaN], "relu expects positive integers as dimensions, or null for unknown ones, got [2.5, NaN]"],
  [conv2d({ filters: 1, kernelSize: 3 }), [784], `conv2d expects ${image}, got [784]`],
  [
    conv2d({ filters: 1, kernelSize: 3, dilations: [1, 2], padding: "valid" }),
    [3, 4, 1],
    `conv2d expects a height and width of at least 3x5 for padding "valid", got [3, 4, 1]`
  ],
  [maxPool2d(2), [8, 8], `maxPool2d expects ${image}, got [8, 8]`],
  [
    maxPool2d([1, 9]),
    [8, 8, 1],
    `maxPool2d expects a height and width of at least 1x9 for padding "valid", got [8, 8, 1]`
  ],
  [avgPool2d(2), [2, 8, 8, 1], `avgPool2d expects ${image}, got [2, 8, 8, 1]`],
  [Layers.globalAvgPool2d, [3], `globalAvgPool2d expects ${image}, got [3]`],
  [Layers.globalMaxPool2d, [], `globalMaxPool2d expects ${image}, got []`],
  [reshape([4, 6]), [25], "reshape expects 24 values for [4, 6], got [25]"],
  [reshape([4, -1]), [3, 3], "reshape expects a multiple of 4 values for [4, -1], got [3, 3]"],
  [batchNorm(), [], "batchNorm expects [..., channels], got []"],
  [conv2dTranspose({ filters: 1, kernelSize: 3 }), [784], `conv2dTranspose expects ${image}, got [784]`],
  [upsample2d(2), [2, 8, 8, 1], `upsample2d expects ${image}, got [2, 8, 8, 1]`],
  [layerNorm(), [], "layerNorm expects [..., features], got []"],
  [layerNorm({ axes: 3 }), [5, 2], "layerNorm expects at least 3 dimensions, got [5, 2]"],
  [groupNorm({ groups: 2 }), [], "groupNorm expects [..., channels], got []"],
  [groupNorm({ groups: 2 }), [5, 3], "groupNorm expects a multiple of 2 channels, got [5, 3]"],
  [instanceNorm(), [3], "instanceNorm expects [..., channels] with more than one position, got [3]"],
  [instanceNorm(), [1, 1, 3], "instanceNorm expects [..., channels] with more than one position, got [1, 1, 3]"],
  [spectralNorm(relu as never), [3], "spectralNorm expects a layer with a kernel, got relu"],
  [spectralNorm(dense(3)), [], "dense expects [..., features], got []"],
  [Layers.softmax, [], "softmax expects [..., classes], got []"],
  [Layers.logSoftmax, [], "logSoftmax expects [..., classes], got []"],
  [serial(relu, conv2d({ filters: 1, kernelSize: 3 })), [784], `1 (conv2d) expects ${image}, got [784]`],
  [named({ conv1: conv2d({ filters: 1, kernelSize: 3 }) }), [784], `conv1 (conv2d) expects ${image}, got [784]`],
  [
    named({ stem: dense(4), block: named({ flat: Layers.flatten, conv1: conv2d({ filters: 1, kernelSize: 3 }) }) }),
    [5, 5],
    `block.conv1 (conv2d) expects ${image}, got [20]`
  ],
  [
    named({ block: serial(relu, residual(named({ pool: maxPool2d(9) }))) }),
    [5, 5, 1],
    `block.1.pool (maxPool2d) expects a height and width of at least 9x9 for padding "valid", got [5, 5, 1]`
  ],
  [
    named({ arms: parallel({ left: relu, right: reshape([3]) }) }),
    [4],
    "arms.right (reshape) expects 3 values for [3], got [4]"
  ],
  [residual(dense(3)), [4], "residual expects a layer that keeps the shape [4], got one that gives [3]"],
  [
    named({ skip: residual(dense(3)) }),
    [4],
    "skip (residual) expects a layer that keeps the shape [4], got one that gives [3]"
  ],
  [residual(dense(3)), [], "dense expects [..., features], got []"],
  [
    parallel({ a: dense(2), b: dense(3) }, { merge: "add" }),
    [4],
    "parallel expects branches of the same shape, got { a: [2], b: [3] }"
  ],
  [
    parallel({ a: relu, b: maxPool2d(2) }),
    [4, 4, 1],
    "parallel expects branches of the same shape up to their last axis, got { a: [4, 4, 1], b: [2, 2, 1] }"
  ],
  [
    parallel({ a: relu, b: Layers.flatten }),
    [],
    "parallel expects branches of the same shape up to their last axis, got { a: [], b: [1] }"
  ]
]

const misconfigured: ReadonlyArray<readonly [make: () => unknown, message: string]> = [
  [() => dense(0), "dense: units is a positive integer, got 0"],
  [() => dense(2.5), "dense: units is a positive integer, got 2.5"],
  [() => conv2d({ filters: -1, kernelSize: 3 }), "conv2d: filters is a positive integer, got -1"],
  [
    () => conv2d({ filters: 1, kernelSize: [3, 0] }),
    "conv2d: kernelSize is a positive integer, or two of them, got [3, 0]"
  ],
  [
    () => conv2d({ filters: 1, kernelSize: 3, strides: NaN }),
    "conv2d: strides is a positive integer, or two of them, got NaN"
  ],
  [
    () => conv2d({ filters: 1, kernelSize: 3, strides: 2, dilations: [2, 1] }),
    "conv2d: strides or dilations are 1, got strides 2x2 with dilations 2x1"
  ],
  [
    () => conv2d({ filters: 1, kernelSize: 3, padding: "full" as never }),
    `conv2d: padding is "same" or "valid", got "full"`
  ],
  [() => maxPool2d(0), "maxPool2d: poolSize is a positive integer, or two of them, got 0"],
  [() => avgPool2d({ poolSize: 2, strides: -1 }), "avgPool2d: strides is a positive integer, or two of them, got -1"],
  [() => reshape([-1, -1]), "reshape: shape is positive integers, at most one of them -1, got [-1, -1]"],
  [() => reshape([0]), "reshape: shape is positive integers, at most one of them -1, got [0]"],
  [() => dropout(1), "dropout: rate is a number from 0 to below 1, got 1"],
  [() => dropout(-0.1), "dropout: rate is a number from 0 to below 1, got -0.1"],
  [() => dropout(NaN), "dropout: rate is a number from 0 to below 1, got NaN"],
  [() => batchNorm({ momentum: 1.1 }), "batchNorm: momentum is a number from 0 to 1, got 1.1"],
  [() => batchNorm({ epsilon: 0 }), "batchNorm: epsilon is a number above 0, got 0"],
  [() => conv2dTranspose({ filters: 0, kernelSize: 3 }), "conv2dTranspose: filters is a positive integer, got 0"],
  [
    () => conv2dTranspose({ filters: 1, kernelSize: 3, strides: [1, -2] }),
    "conv2dTranspose: strides is a positive integer, or two of them, got [1, -2]"
  ],
  [
    () => conv2dTranspose({ filters: 1, kernelSize: 3, padding: "full" as never }),
    `conv2dTranspose: padding is "same" or "valid", got "full"`
  ],
  [() => upsample2d(1.5), "upsample2d: size is a positive integer, or two of them, got 1.5"],
  [
    () => upsample2d({ size: 2, interpolation: "cubic" as never }),
    `upsample2d: interpolation is "nearest" or "bilinear", got "cubic"`
  ],
  [() => layerNorm({ axes: 0 }), "layerNorm: axes is a positive integer, got 0"],
  [() => layerNorm({ epsilon: -1 }), "layerNorm: epsilon is a number above 0, got -1"],
  [() => groupNorm({ groups: 2.5 }), "groupNorm: groups is a positive integer, got 2.5"],
  [() => groupNorm({ groups: 1, epsilon: 0 }), "groupNorm: epsilon is a number above 0, got 0"],
  [() => instanceNorm({ epsilon: NaN }), "instanceNorm: epsilon is a number above 0, got NaN"],
  [() => spectralNorm(dense(1), { iterations: 0 }), "spectralNorm: iterations is a positive integer, got 0"],
  [() => gaussianNoise(-1), "gaussianNoise: stddev is a number of at least 0, got -1"],
  [() => gaussianNoise(Infinity), "gaussianNoise: stddev is a number of at least 0, got Infinity"],
  [() => Layers.embedding({ size: 0, features: 1 }), "embedding: size is a positive integer, got 0"],
  [() => Layers.embedding({ size: 1, features: NaN }), "embedding: features is a positive integer, got NaN"],
  [() => Layers.concatenate(), "concatenate: keys is at least one key, got []"],
  [() => Layers.add(...["a"] as never as [string, string]), `add: keys is at least two keys, got ["a"]`],
  [() => Layers.multiply(...[] as never as [string, string]), "multiply: keys is at least two keys, got []"],
  [() => named({ "a.b": relu }), `named: a name is not empty, not a number and without dots, got "a.b"`],
  [() => named({ 1: relu }), `named: a name is not empty, not a number and without dots, got "1"`],
  [() => parallel({ "": relu }), `parallel: a name is not empty, not a number and without dots, got ""`],
  [() => parallel({}), "parallel: at least one branch, got none"],
  [() => Layers.sequence(["a.b", relu]), `sequence: a name is not empty, not a number and without dots, got "a.b"`],
  [() => Layers.sequence(["a", relu], ["a", relu] as never), "sequence: a is the name of two layers"],
  [() => parallel({ a: relu }, { merge: "max" as never }), `parallel: merge is "concat" or "add", got "max"`]
]

describe("shapes", () => {
  it.effect("of outputs are those that init foresees, and names describe the configuration", () =>
    run(() => {
      for (const [name, layer, input, output] of shapes) {
        assert.strictEqual(layer.name, name)
        const initial = Result.getOrThrow(layer.init(key, input))
        assert.deepStrictEqual(initial.output, output, name)
        for (const training of [false, true]) {
          const x = randomTensor(1, [3, ...input])
          const y: Tensor = layer.apply(initial.params, initial.state, x, { training, key })[0]
          assert.deepStrictEqual(y.shape, [3, ...output], name)
        }
      }
    }))

  it.effect("that do not fit are errors with the path of the layer", () =>
    run(() => {
      for (const [layer, input, message] of errors) {
        const result = layer.init(key, input)
        assert.isTrue(Result.isFailure(result), message)
        if (Result.isFailure(result)) {
          assert.instanceOf(result.failure, Errors.ShapeError)
          assert.strictEqual(result.failure.message, message)
        }
      }
    }))

  it.effect("of parameters have the paths of their layers", () =>
    run(() => {
      const model = named({
        stem: conv2d({ filters: 2, kernelSize: 3, bias: false }),
        norm: batchNorm(),
        arms: parallel({ left: serial(relu, dense(2)), right: residual(dense(2)) })
      })
      const { params, state } = Result.getOrThrow(model.init(key, [4, 4, 1]))
      assert.deepStrictEqual(Tree.entries(params).map(([path, { shape }]) => [path, shape]), [
        ["stem.kernel", [3, 3, 1, 2]],
        ["norm.scale", [2]],
        ["norm.offset", [2]],
        ["arms.left.1.kernel", [2, 2]],
        ["arms.left.1.bias", [2]],
        ["arms.right.kernel", [2, 2]],
        ["arms.right.bias", [2]]
      ])
      assert.deepStrictEqual(Tree.entries(state).map(([path]) => path), ["norm.mean", "norm.variance"])
    }))

  it("are no matter of configuration: that throws where it is written", () => {
    for (const [make, message] of misconfigured) {
      assert.throws(make, RangeError, message)
    }
  })

  it.effect("that fail half-way leave no tensor, inside a tidy", () =>
    run(() => {
      const model = named({ hidden: dense(100), conv1: conv2d({ filters: 1, kernelSize: 3 }) })
      assert.isTrue(Result.isFailure(tidy(() => model.init(key, [5]) as never) as never))
    }))
})
