import { Key, Layers, Losses, NdArray, Random, Shape } from "../src/index.ts"

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

/** 100 steps of 64 features into 128 units. */
const lstm = Layers.named({ lstm: Layers.lstm(128, { returns: "last" }), head: Layers.dense(10) })
const gru = Layers.named({ gru: Layers.gru(128, { returns: "last" }), head: Layers.dense(10) })

/** 64 steps through two layers of 512 units. */
const lstm512 = Layers.named({
  lower: Layers.lstm(512),
  upper: Layers.lstm(512, { returns: "last" }),
  head: Layers.dense(10)
})

/** The networks that are trained to predict; `critic` is a step of adversarial training. */
export type SupervisedName = "mlp" | "cnn" | "discriminator" | "lstm" | "gru" | "lstm512"
export type ModelName = SupervisedName | "critic"
export const modelNames: ReadonlyArray<ModelName> = ["mlp", "cnn", "discriminator", "critic", "lstm", "gru", "lstm512"]

export const models: { readonly [N in SupervisedName]: Layers.Any } = { mlp, cnn, discriminator, lstm, gru, lstm512 }

export const losses: { readonly [N in SupervisedName]: Losses.Loss } = {
  mlp: Losses.softmaxCrossEntropy,
  cnn: Losses.softmaxCrossEntropy,
  discriminator: Losses.binaryCrossEntropy,
  lstm: Losses.softmaxCrossEntropy,
  gru: Losses.softmaxCrossEntropy,
  lstm512: Losses.softmaxCrossEntropy
}

/** What an example is. */
export const inputs: { readonly [N in SupervisedName]: Shape.Known } = {
  ...{ mlp: IMAGE, cnn: IMAGE, discriminator: IMAGE },
  ...{ lstm: [100, 64], gru: [100, 64], lstm512: [64, 512] }
}

/** A batch of noise; what a step costs does not depend on what it shows. */
export const fixedBatch = (model: SupervisedName, batch: number) => ({
  x: NdArray.make(Random.uniform(Key.make(1), batch * Shape.size(inputs[model])), [batch, ...inputs[model]]),
  y: model === "discriminator"
    ? NdArray.make(Float32Array.from({ length: batch }, (_, i) => i % 2), [batch, 1])
    : NdArray.make(Int32Array.from({ length: batch }, (_, i) => i % 10), [batch]),
  size: batch
})
