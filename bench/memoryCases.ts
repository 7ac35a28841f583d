import { Key, Layers, Losses, Ops, Optimizers } from "../src/index.ts"
import { BATCH, freshly, gradient, random, sizeOf } from "./kernelCase.ts"
import type { Case } from "./kernelCase.ts"
import { tf } from "./tfjs.ts"
import type { Tensor } from "./tfjs.ts"

const IMAGE = [BATCH, 14, 14, 64] as const, BYTES = 4 * sizeOf(IMAGE)

/** A function of one tensor: `passes` is how often its values are read or written at the least. */
const unary = (name: string, run: (x: Tensor) => unknown, passes = 2): Case => ({
  name: `${name}, ${IMAGE.join("x")}`,
  unit: "GB/s",
  work: passes * BYTES,
  inputs: [],
  fresh: freshly(...IMAGE),
  run: (_, [x]) => run(x!)
})

/** The gradient of a function of one tensor, given that of what follows. */
const unaryGradient = (name: string, kernel: string, attrs: object = {}): Case => ({
  name: `gradient of ${name}`,
  unit: "GB/s",
  work: 3 * BYTES,
  inputs: [random(...IMAGE)],
  fresh: freshly(...IMAGE),
  run: ([x], [dy]) => gradient(kernel, dy!, [x!], attrs, "x")
})

const maxPoolGradient = (): Case => {
  const shape = [BATCH, 28, 28, 32] as const, pooled = [BATCH, 14, 14, 32] as const
  const x = random(...shape), y = tf.maxPool(x as never, 2, 2, "valid")
  return {
    name: "gradient of maxPool 2x2, 64x28x28x32",
    unit: "GB/s",
    work: 4 * 2 * (sizeOf(shape) + sizeOf(pooled)),
    inputs: [x, y],
    fresh: freshly(...pooled),
    run: ([x, y], [dy]) =>
      gradient("MaxPool", dy!, [x!, y!], { filterSize: 2, strides: 2, pad: "valid", dimRoundingMode: undefined }, "x")
  }
}

// Reads the gradient and two moments, writes two moments and the update, reads the parameter and the update, writes it.
const adam = (): Case => {
  const shape = [3136, 128] as const, optimizer = Optimizers.adam(1e-3), w = random(...shape)
  const state = optimizer.init({ w })
  return {
    name: "Adam, 3136x128",
    unit: "GB/s",
    work: 4 * 9 * sizeOf(shape),
    inputs: [w],
    fresh: freshly(...shape),
    run: ([w], [g]) => Optimizers.applyUpdates({ w: w! }, optimizer.update({ w: g! }, state, { w: w! })[0])
  }
}

// Reads the logits twice and writes their gradient.
const crossEntropy = (): Case => {
  const shape = [1024, 1000] as const
  const classes = tf.tensor(Int32Array.from({ length: shape[0] }, (_, i) => (i * 7) % shape[1]), [shape[0]], "int32")
  return {
    name: "softmax cross entropy with its gradient, 1024x1000",
    unit: "GB/s",
    work: 4 * 3 * sizeOf(shape),
    inputs: [classes],
    fresh: freshly(...shape),
    run: ([classes], [logits]) => tf.grad((x) => tf.mean(Losses.softmaxCrossEntropy(x, classes!)))(logits!)
  }
}

const batchNorm = (): Case => {
  const layer = Layers.batchNorm(), channels = IMAGE.at(-1)!
  const params = { scale: tf.ones([channels]), offset: tf.zeros([channels]) }
  const state = { mean: tf.zeros([channels]), variance: tf.ones([channels]) }
  return {
    name: `batch norm with its gradient, ${IMAGE.join("x")}`,
    unit: "GB/s",
    // Reads the input twice and writes the output; reads input and gradient twice each and writes the gradient.
    work: 8 * BYTES,
    inputs: [],
    fresh: freshly(...IMAGE),
    run: (_, [x]) => tf.grad((x) => tf.sum(layer.apply(params, state, x, { training: true, key: Key.make(0) })[0]))(x!)
  }
}

/** Layer norm of a transformer's batch, and its gradient. */
const layerNorm = (): ReadonlyArray<Case> => {
  const shape = [2048, 192] as const, scale = random(192), offset = random(192)
  return [
    {
      ...{ name: `layer norm, ${shape.join("x")}`, unit: "GB/s", work: 8 * sizeOf(shape), inputs: [scale, offset] },
      fresh: freshly(...shape),
      run: ([scale, offset], [x]) => Ops.layerNorm(x!, scale!, offset!, 1e-5)
    },
    {
      ...{ name: "its gradients", unit: "GB/s", work: 12 * sizeOf(shape), inputs: [random(...shape), scale] },
      fresh: freshly(...shape),
      run: ([x, scale], [dy]) => gradient("LayerNorm", dy!, [x!, scale!], { epsilon: 1e-5 }, "x")
    }
  ]
}

/** Rows of a table by index, and the gradient by the table. */
const embedding = (): ReadonlyArray<Case> => {
  const rows = 8192,
    features = 64,
    ids = tf.tensor1d(Int32Array.from({ length: rows }, (_, i) => i * 7 % 1000), "int32")
  const all = { unit: "GB/s", work: 8 * rows * features, inputs: [ids] } as const
  return [
    {
      ...all,
      name: `gather ${rows} rows of ${features}`,
      fresh: freshly(1000, features),
      run: ([ids], [table]) => tf.gather(table!, ids as never)
    },
    {
      ...all,
      name: "segment sum, its gradient",
      fresh: freshly(rows, features),
      run: ([ids], [dy]) => tf.unsortedSegmentSum(dy!, ids as never, 1000)
    }
  ]
}

const drawing = (name: string, draw: (key: Key.Key) => Tensor): Case => ({
  name: `${name}, 100,000`,
  unit: "GB/s",
  work: 400_000,
  inputs: [],
  fresh: () => [],
  run: () => draw(Key.make(1))
})

/** Kernels that are bound by memory, or by what it takes to compute one value. */
export const memoryCases = (): ReadonlyArray<Case> => [
  unary("relu", (x) => tf.relu(x)),
  unaryGradient("relu", "Relu"),
  unary("leakyRelu", (x) => tf.leakyRelu(x)),
  unary("exp", (x) => tf.exp(x)),
  unary("tanh", (x) => tf.tanh(x)),
  unaryGradient("tanh", "Tanh"),
  unary("sigmoid", (x) => tf.sigmoid(x)),
  unary("gelu", (x) => Layers.gelu.apply({}, {}, x, { training: true, key: Key.make(0) })[0]),
  unary("sum by channels", (x) => tf.sum(x, [0, 1, 2]), 1),
  unary("softmax", (x) => tf.softmax(x)),
  unary("transpose", (x) => tf.transpose(x, [3, 0, 1, 2])),
  unary("maxPool 2x2", (x) => tf.maxPool(x as never, 2, 2, "valid"), 1.25),
  maxPoolGradient(),
  unary("avgPool 2x2", (x) => tf.avgPool(x as never, 2, 2, "valid"), 1.25),
  batchNorm(),
  ...layerNorm(),
  adam(),
  crossEntropy(),
  ...embedding(),
  drawing("uniform random numbers", (key) => Ops.randomUniform(key, [100_000])),
  drawing("normal random numbers", (key) => Ops.randomNormal(key, [100_000]))
]
