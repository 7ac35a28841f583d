import { Key, Layers, Losses, NdArray, Random } from "../src/index.ts"

export const BATCH = 64
export const LEARNING_RATE = 1e-3
export const IMAGE = [28, 28, 1] as const

/** 784-128-10. */
const mlp = Layers.named({
  flat: Layers.flatten,
  hidden: Layers.dense(128),
  relu: Layers.relu,
  head: Layers.dense(10)
})

/** Two convolutions with pooling, then two dense layers. */
const cnn = Layers.named({
  conv1: Layers.conv2d({ filters: 32, kernelSize: 3 }),
  relu1: Layers.relu,
  pool1: Layers.maxPool2d(2),
  conv2: Layers.conv2d({ filters: 64, kernelSize: 3 }),
  relu2: Layers.relu,
  pool2: Layers.maxPool2d(2),
  flat: Layers.flatten,
  hidden: Layers.dense(128),
  relu3: Layers.relu,
  head: Layers.dense(10)
})

/** What tells images apart in an adversarial network for images of this size: one logit. */
const discriminator = Layers.named({
  conv1: Layers.conv2d({ filters: 64, kernelSize: 4, strides: 2 }),
  relu1: Layers.leakyRelu(0.2),
  conv2: Layers.conv2d({ filters: 128, kernelSize: 4, strides: 2 }),
  norm: Layers.batchNorm(),
  relu2: Layers.leakyRelu(0.2),
  flat: Layers.flatten,
  head: Layers.dense(1)
})

/** The networks that are trained to predict; `critic` is a step of adversarial training. */
export type SupervisedName = "mlp" | "cnn" | "discriminator"
export type ModelName = SupervisedName | "critic"
export const modelNames: ReadonlyArray<ModelName> = ["mlp", "cnn", "discriminator", "critic"]

export const models: { readonly [N in SupervisedName]: Layers.Any } = { mlp, cnn, discriminator }

export const losses: { readonly [N in SupervisedName]: Losses.Loss } = {
  mlp: Losses.softmaxCrossEntropy,
  cnn: Losses.softmaxCrossEntropy,
  discriminator: Losses.binaryCrossEntropy
}

/** A batch of noise with the shapes of MNIST; what a step costs does not depend on what the images show. */
export const fixedBatch = (model: SupervisedName, batch: number) => ({
  x: NdArray.make(Random.uniform(Key.make(1), batch * 784), [batch, ...IMAGE]),
  y: model === "discriminator"
    ? NdArray.make(Float32Array.from({ length: batch }, (_, i) => i % 2), [batch, 1])
    : NdArray.make(Int32Array.from({ length: batch }, (_, i) => i % 10), [batch]),
  size: batch
})
