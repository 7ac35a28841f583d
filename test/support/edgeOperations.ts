import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Key, Layers, Ops } from "effect-neuron"
import type { EdgeOperation } from "./edges.ts"

type Unary = (x: Tensor) => Tensor
type Binary = (a: Tensor, b: Tensor) => Tensor

const layer = (l: typeof Layers.gelu): Unary => (x) => l.apply({}, {}, x, { training: true, key: Key.make(0) })[0]

const unary: Record<string, Unary> = {
  abs: tf.abs,
  neg: tf.neg,
  square: tf.square,
  sqrt: tf.sqrt,
  rsqrt: tf.rsqrt,
  reciprocal: tf.reciprocal,
  exp: tf.exp,
  expm1: tf.expm1,
  log: tf.log,
  log1p: tf.log1p,
  sin: tf.sin,
  cos: tf.cos,
  tan: tf.tan,
  asin: tf.asin,
  acos: tf.acos,
  atan: tf.atan,
  sinh: tf.sinh,
  cosh: tf.cosh,
  tanh: tf.tanh,
  asinh: Ops.asinh,
  acosh: Ops.acosh,
  atanh: Ops.atanh,
  sigmoid: tf.sigmoid,
  logSigmoid: Ops.logSigmoid,
  softplus: tf.softplus,
  relu: tf.relu,
  relu6: tf.relu6,
  leakyRelu: (x) => tf.leakyRelu(x, 0.25),
  elu: tf.elu,
  selu: tf.selu,
  erf: tf.erf,
  gelu: layer(Layers.gelu),
  geluTanh: layer(Layers.geluTanh),
  swish: layer(Layers.swish),
  sign: tf.sign,
  floor: tf.floor,
  ceil: tf.ceil,
  round: tf.round,
  step: tf.step,
  clip: (x) => tf.clipByValue(x, -1, 6)
}

const binary: Record<string, Binary> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: tf.div,
  floorDiv: tf.floorDiv,
  squaredDifference: tf.squaredDifference,
  maximum: tf.maximum,
  minimum: tf.minimum,
  atan2: tf.atan2,
  mod: tf.mod,
  pow: tf.pow,
  prelu: tf.prelu,
  greater: tf.greater,
  greaterEqual: tf.greaterEqual,
  less: tf.less,
  lessEqual: tf.lessEqual,
  equal: tf.equal,
  notEqual: tf.notEqual
}

const elementwise: Record<string, EdgeOperation> = {
  powOf: ([x], { exponent }) => tf.pow(x, exponent),
  where: ([condition, a, b]) => tf.where(condition, a, b),
  addN: (xs) => tf.addN([...xs])
}

const reductions: Record<string, EdgeOperation> = {
  sum: ([x], { axis }) => tf.sum(x, axis),
  mean: ([x], { axis }) => tf.mean(x, axis),
  prod: ([x], { axis }) => tf.prod(x, axis),
  max: ([x], { axis }) => tf.max(x, axis),
  min: ([x], { axis }) => tf.min(x, axis),
  logSumExp: ([x], { axis }) => tf.logSumExp(x, axis),
  any: ([x], { axis }) => tf.any(x, axis),
  all: ([x], { axis }) => tf.all(x, axis),
  argMax: ([x]) => tf.argMax(x, 1),
  argMin: ([x]) => tf.argMin(x, 1),
  cumsum: ([x], { axis, exclusive, reverse }) => tf.cumsum(x, axis, exclusive, reverse),
  cumprod: ([x], config) => Ops.cumprod(x, config),
  softmax: ([x]) => Ops.softmax(x),
  logSoftmax: ([x]) => Ops.logSoftmax(x),
  topK: ([x], { k }) => {
    const { indices, values } = Ops.topK(x, k)
    return [values, indices]
  }
}

const rearrangements: Record<string, EdgeOperation> = {
  transpose: ([x], { perm }) => tf.transpose(x, perm),
  reverse: ([x], { axis }) => tf.reverse(x, axis),
  reshape: ([x], { shape }) => tf.reshape(x, shape),
  expandDims: ([x], { axis }) => tf.expandDims(x, axis),
  tile: ([x], { reps }) => tf.tile(x, reps),
  slice: ([x], { begin, size }) => tf.slice(x, begin, size),
  stridedSlice: ([x], { begin, ellipsisMask = 0, end, newAxisMask = 0, shrinkAxisMask = 0, strides }) =>
    ellipsisMask + newAxisMask + shrinkAxisMask === 0
      ? Ops.stridedSlice(x, begin, end, strides)
      : tf.stridedSlice(x, begin, end, strides, 0, 0, ellipsisMask, newAxisMask, shrinkAxisMask),
  unstack: ([x], { axis }) => tf.unstack(x, axis),
  split: ([x], { axis, sizes }) => tf.split(x, sizes, axis),
  concat: (xs, { axis }) => tf.concat([...xs], axis),
  stack: (xs, { axis }) => tf.stack([...xs], axis),
  broadcastTo: ([x], { between }) => tf.broadcastTo(tf.expandDims(x, 1), [x.shape[0], between, x.shape[1]]),
  pad: ([x], { paddings, value }) => tf.pad(x, paddings, value),
  gather: ([x], { axis, indices }) => tf.gather(x, tf.tensor1d(indices, "int32"), axis),
  segmentSum: ([x], { ids, n }) => tf.unsortedSegmentSum(x, tf.tensor1d(ids, "int32"), n),
  gatherND: ([x], { indices }) => Ops.gatherND(x, tf.tensor2d(indices, undefined, "int32")),
  scatterND: ([x], { indices, shape }) => Ops.scatterND(tf.tensor2d(indices, undefined, "int32"), x, shape)
}

const images: Record<string, EdgeOperation> = {
  conv2d: ([x, w], config) => Ops.conv2d(x, w, config),
  conv2dTranspose: ([x, w], config) => Ops.conv2dTranspose(x, w, config),
  depthwiseConv2d: ([x, w], config) => Ops.depthwiseConv2d(x, w, config),
  conv3d: ([x, w]) => Ops.conv3d(x, w),
  maxPool: ([x], { size, ...options }) => Ops.maxPool(x, size, options),
  avgPool: ([x], { size, ...options }) => Ops.avgPool(x, size, options),
  maxPool3d: ([x]) => Ops.maxPool3d(x),
  avgPool3d: ([x]) => Ops.avgPool3d(x),
  resize: ([x], { size, ...options }) => Ops.resize(x, size, options),
  mirrorPad: ([x], { mode, paddings }) => Ops.mirrorPad(x, paddings, mode),
  depthToSpace: ([x], { block }) => Ops.depthToSpace(x, block),
  spaceToDepth: ([x], { block }) => Ops.spaceToDepth(x, block),
  spaceToBatch: ([x], { block, margins }) => Ops.spaceToBatch(x, block, margins),
  batchToSpace: ([x], { block, margins }) => Ops.batchToSpace(x, block, margins),
  dilation2d: ([x, w]) => Ops.dilation2d(x, w, { padding: "valid" }),
  localResponse: ([x], config) => Ops.localResponseNormalization(x, config)
}

const products: Record<string, EdgeOperation> = {
  matMul: ([a, b]) => tf.matMul(a, b),
  dot: ([a, b]) => tf.dot(a, b),
  dense: ([x, w, b], { slope }) => Ops.dense(x, w, b, slope ?? undefined),
  einsum: (xs, { equation }) => Ops.einsum(equation, ...xs),
  batchNorm: ([x, mean, variance, scale, offset]) => Ops.batchNorm(x, mean, variance, scale, offset, 1e-3),
  batchNormTraining: ([x, scale, offset]) => Ops.batchNormTraining(x, scale, offset, 1e-3),
  crossEntropy: ([x, target], config) => Ops.crossEntropy(x, target, config),
  sigmoidCrossEntropy: ([x, target]) => Ops.sigmoidCrossEntropy(x, target),
  squaredError: ([a, b]) => Ops.squaredError(a, b)
}

/** The operations of test/fixtures/edges.json. */
export const edgeOperations: Record<string, EdgeOperation> = {
  ...Object.fromEntries(Object.entries(unary).map(([name, f]) => [name, ([x]) => f(x)])),
  ...Object.fromEntries(Object.entries(binary).map(([name, f]) => [name, ([a, b]) => f(a, b)])),
  ...elementwise,
  ...reductions,
  ...rearrangements,
  ...images,
  ...products
}
