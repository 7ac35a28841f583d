import { assert, describe, it } from "@effect/vitest"
import { Layers } from "effect-neuron"

const { avgPool2d, batchNorm, conv2d, conv2dTranspose, dense, dropout, gaussianNoise, groupNorm, instanceNorm } = Layers
const { layerNorm, maxPool2d, named, parallel, relu, reshape, spectralNorm, upsample2d } = Layers

const misconfigured: ReadonlyArray<readonly [make: () => unknown, message: string]> = [
  [() => dense(0), "dense: units is a positive integer, got 0"],
  [() => dense(2, { activation: "relu" } as never), "dense: there is no option activation, only units, bias"],
  [() => batchNorm({ decay: 0.9 } as never), "batchNorm: there is no option decay, only"],
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
  [() => Layers.attention({ heads: 0 }), "attention: heads is a positive integer, got 0"],
  [() => Layers.attention({ heads: 4, keyHeads: 3 }), "attention: keyHeads is a divisor of 4 heads, got 3"],
  [() => Layers.attention({ heads: 1, window: 0 }), "attention: window is a positive integer, got 0"],
  [() => Layers.attention({ heads: 1, dropout: 1 }), "attention: dropout is a number from 0 to below 1, got 1"],
  [
    () => Layers.attention({ heads: 1, positions: "learned" as never }),
    `attention: positions is "rotary" or "alibi" or "relative", got "learned"`
  ],
  [() => Layers.attention({ heads: 1, stateful: true }), "attention: one that is not causal carries no state"],
  [() => Layers.attention({ heads: 1, base: 500 }), "attention: a base is that of rotary positions"],
  [() => Layers.crossAttention({ heads: 4, keyHeads: 8 }), "crossAttention: keyHeads is a divisor of 4 heads, got 8"],
  [() => Layers.lora(dense(1), { rank: 0 }), "lora: rank is a positive integer, got 0"],
  [() => Layers.lora(dense(1), { rank: 1, alpha: 0 }), "lora: alpha is a number above 0, got 0"],
  [() => Layers.lora(dense(1), { rank: 1, targets: [] }), "lora: targets is a list of names, got []"],
  [
    () => Layers.mergeLora(dense(1) as never, {} as never),
    "mergeLora: expected a model of lora, got dense(1)"
  ],
  [() => Layers.tied({ size: 0, features: 1 }, dense(1)), "tied: size is a positive integer, got 0"],
  [() => Layers.rmsNorm({ epsilon: 0 }), "rmsNorm: epsilon is a number above 0, got 0"],
  [() => Layers.swiglu(0), "swiglu: units is a positive integer, got 0"],
  [() => Layers.positions({ length: 0 }), "positions: length is a positive integer, got 0"],
  [
    () => Layers.positions({ tableInitializer: () => 0 as never } as never),
    "positions: length is given beside tableInitializer, got none"
  ],
  [
    () => Layers.embeddingBag({ size: 1, features: 1, combiner: "min" as never }),
    `embeddingBag: combiner is "mean" or "sum" or "max", got "min"`
  ],
  [() => Layers.embedding({ size: 1, features: NaN }), "embedding: features is a positive integer, got NaN"],
  [() => Layers.each({}), "each: at least one layer, got none"],
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

describe("configuration", () => {
  it("that is wrong throws where it is written", () => {
    for (const [make, message] of misconfigured) assert.throws(make, RangeError, message)
  })
})
