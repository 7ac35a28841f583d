import { Initializers, Layers } from "effect-neuron"
import { LAST_KNOWN } from "./line.ts"
import type { Line, Lines } from "./line.ts"

const { dense, groupNorm, layerNorm, reshape } = Layers

/** Goes value by value. */
const pointwise = (layer: Layers.Any, rest: Partial<Line> = {}): Line => ({
  ...{ layer, input: [2, 3], output: [2, 3], open: [null, 3], takesAny: "shape" },
  ...rest
})

const classes = (layer: Layers.Any): Line => ({
  ...{ layer, input: [2, 3], output: [2, 3], open: [null, null] },
  wrong: [[[], "[..., classes]"]],
  wrongBatch: [[[3], "x [batch, ..., classes]"]]
})

/** Kinds that take values of any number of axes. */
export const values = {
  batchNorm: {
    batchNorm: {
      ...{ layer: Layers.batchNorm(), input: [3, 2, 4], output: [3, 2, 4], open: [null, null, 4] },
      wrong: [[[], "[..., channels]"], [[null], `[..., channels], ${LAST_KNOWN}`]],
      wrongBatch: [[[3, 5], "batchNorm expects scale [5] for x [3, 5], got [4]"], [[], "x [..., channels]"]]
    },
    "batchNorm(momentum 0.5, epsilon 0.001)": {
      ...{ layer: Layers.batchNorm({ momentum: 0.5, epsilon: 1e-3 }), input: [4], output: [4] }
    }
  },
  dense: {
    "dense(3)": {
      ...{ layer: dense(3), input: [4], output: [3] },
      wrong: [[[], "[..., features]"], [[3, null], `[..., features], ${LAST_KNOWN}`]],
      wrongBatch: [
        [[3, 5], "dense expects x [..., features] and a kernel [features, units], got [3, 5] and [4, 3]"],
        [[], "dense expects x [..., features] and a kernel [features, units], got [] and [4, 3]"]
      ]
    },
    "dense(3, no bias)": {
      ...{ layer: dense(3, { bias: false }), input: [2, 4], output: [2, 3], open: [null, 4] },
      wrongBatch: [[[3, 5], "dense expects x [..., features] and a kernel [features, units], got [3, 5] and [4, 3]"]]
    },
    "dense(2)": {
      layer: dense(2, {
        kernelInitializer: Initializers.truncatedNormal({ stddev: 2 }),
        biasInitializer: Initializers.uniform({ low: 1, high: 2 })
      }),
      ...{ input: [2, 2, 3], output: [2, 2, 2], open: [null, null, 3] }
    }
  },
  dropout: {
    "dropout(0.25)": pointwise(Layers.dropout(0.25), { input: [8], output: [8], open: [null], random: true })
  },
  elu: { elu: pointwise(Layers.elu) },
  embedding: {
    "embedding(size 5, features 2)": {
      ...{ layer: Layers.embedding({ size: 5, features: 2 }), input: [3], output: [3, 2] },
      ...{ open: [null], takesAny: "shape", ids: 5 }
    },
    "embedding(size 3, features 4)": {
      layer: Layers.embedding({ size: 3, features: 4, tableInitializer: Initializers.heNormal }),
      ...{ input: [], output: [4], ids: 3 }
    }
  },
  embeddingBag: {
    "embeddingBag(size 5, features 2)": {
      ...{ layer: Layers.embeddingBag({ size: 5, features: 2 }), input: [3], output: [2], open: [null], ids: 5 },
      wrong: [[[], "[..., ids]"]],
      wrongBatch: [[[3], "x [batch, ..., ids]"]]
    },
    "embeddingBag(size 3, features 4, max)": {
      ...{
        layer: Layers.embeddingBag({ size: 3, features: 4, combiner: "max" }),
        input: [2, 3],
        output: [2, 4],
        ids: 3
      }
    }
  },
  flatten: {
    flatten: {
      ...{ layer: Layers.flatten, input: [3, 4, 2], output: [24], takesAny: "batch" },
      wrong: [[[null, 3], "a shape, all dimensions known"]]
    }
  },
  gaussianNoise: { "gaussianNoise(0.5)": pointwise(Layers.gaussianNoise(0.5), { random: true }) },
  gelu: { gelu: pointwise(Layers.gelu) },
  geluTanh: { geluTanh: pointwise(Layers.geluTanh) },
  groupNorm: {
    "groupNorm(groups 2)": {
      ...{ layer: groupNorm({ groups: 2 }), input: [3, 2, 4], output: [3, 2, 4], open: [null, null, 4] },
      wrong: [
        [[], "[..., channels]"],
        [[null], `[..., channels], ${LAST_KNOWN}`],
        [[5, 3], "a multiple of 2 channels"]
      ],
      wrongBatch: [[[3, 6], "x [batch, ..., 4]"], [[4], "x [batch, ..., 4]"]]
    },
    "groupNorm(groups 1, epsilon 1)": {
      ...{ layer: groupNorm({ groups: 1, epsilon: 1 }), input: [6, 1], output: [6, 1] },
      wrongBatch: [[[3, 6, 3], "x [batch, ..., 1]"]]
    }
  },
  identity: { identity: pointwise(Layers.identity) },
  instanceNorm: {
    instanceNorm: {
      ...{ layer: Layers.instanceNorm(), input: [3, 2, 2], output: [3, 2, 2], open: [null, null, 2] },
      wrong: [
        [[3], "[..., channels] with more than one position"],
        [[1, 1, 3], "[..., channels] with more than one position"],
        [[4, null], `[..., channels] with more than one position, ${LAST_KNOWN}`]
      ],
      wrongBatch: [
        [[3, 6, 3], "x [batch, ..., 2]"],
        [[3, 1, 2], "instanceNorm expects [..., channels] with more than one position, got one of [1, 2]"]
      ]
    },
    "instanceNorm(epsilon 1)": {
      ...{ layer: Layers.instanceNorm({ epsilon: 1 }), input: [5, 1], output: [5, 1] },
      wrongBatch: [[[3, 5, 2], "x [batch, ..., 1]"]]
    }
  },
  layerNorm: {
    layerNorm: {
      ...{ layer: layerNorm(), input: [3, 5], output: [3, 5], open: [null, 5] },
      wrong: [[[], "[..., features]"], [[null], `[..., features], ${LAST_KNOWN}`]],
      wrongBatch: [[[3, 6], "x [batch, ..., 5]"], [[5], "x [batch, ..., 5]"]]
    },
    "layerNorm(axes 2, epsilon 0.001)": {
      ...{ layer: layerNorm({ axes: 2, epsilon: 1e-3 }), input: [2, 3, 2], output: [2, 3, 2], open: [null, 3, 2] },
      wrong: [[[5], "at least 2 dimensions"], [[null, 3], "at least 2 dimensions, the last 2 dimensions known"]],
      wrongBatch: [[[3, 2, 2, 2], "x [batch, ..., 3, 2]"]]
    }
  },
  leakyRelu: { leakyRelu: pointwise(Layers.leakyRelu()), "leakyRelu(0.01)": pointwise(Layers.leakyRelu(0.01)) },
  logSoftmax: { logSoftmax: classes(Layers.logSoftmax) },
  relu: { relu: pointwise(Layers.relu) },
  rescale: {
    "rescale(scale 0.125)": pointwise(Layers.rescale({ scale: 1 / 8 })),
    "rescale(scale 2, offset -1)": pointwise(Layers.rescale({ scale: 2, offset: -1 }))
  },
  reshape: {
    "reshape([2, -1, 3])": {
      ...{ layer: reshape([2, -1, 3]), input: [12], output: [2, 2, 3], open: [null] },
      wrong: [[[3, 3], "a multiple of 6 values for [2, -1, 3]"]],
      wrongBatch: [[[2, 3, 3], "a multiple of 6 values for [2, -1, 3]"]]
    },
    "reshape([-1, 4])": { layer: reshape([-1, 4]), input: [2, 3, 4], output: [6, 4], open: [null, null, 4] },
    "reshape([4, 3])": {
      ...{ layer: reshape([4, 3]), input: [2, 6], output: [4, 3] },
      wrong: [[[25], "12 values for [4, 3]"]],
      wrongBatch: [[[2, 3, 3], "12 values for [4, 3]"]]
    },
    "reshape([])": { layer: reshape([]), input: [1], output: [] }
  },
  rmsNorm: {
    rmsNorm: {
      ...{ layer: Layers.rmsNorm(), input: [3, 5], output: [3, 5], open: [null, 5] },
      wrong: [[[], "[..., features]"], [[null], `[..., features], ${LAST_KNOWN}`]],
      wrongBatch: [[[3, 6], "x [batch, ..., 5]"], [[5], "x [batch, ..., 5]"]]
    },
    "rmsNorm(epsilon 0.001)": { layer: Layers.rmsNorm({ epsilon: 1e-3 }), input: [4], output: [4] }
  },
  selu: { selu: pointwise(Layers.selu) },
  sigmoid: { sigmoid: pointwise(Layers.sigmoid) },
  softmax: { softmax: classes(Layers.softmax) },
  softplus: { softplus: pointwise(Layers.softplus) },
  swish: { swish: pointwise(Layers.swish) },
  swiglu: {
    "swiglu(3)": {
      ...{ layer: Layers.swiglu(3), input: [2, 4], output: [2, 3], open: [null, 4] },
      wrong: [[[], "[..., features]"], [[3, null], `[..., features], ${LAST_KNOWN}`]],
      wrongBatch: [[[3, 5], "dense expects x [..., features] and a kernel [features, units], got [3, 5] and [4, 6]"]]
    },
    "swiglu(2, no bias)": { layer: Layers.swiglu(2, { bias: false }), input: [4], output: [2] }
  },
  tanh: { tanh: pointwise(Layers.tanh) }
} satisfies { readonly [kind: string]: Lines }
