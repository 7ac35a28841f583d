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

/** A block of a transformer: 128 steps of 192 features, 6 heads. */
const block = Layers.transformerBlock({ features: 192, heads: 6, causal: true })

/** The number of characters that language models know. */
const VOCABULARY = 65

/** Their blocks, width, heads and steps: 10.8, 0.1 and 6.4 million parameters. */
const gpts = {
  gpt: { layers: 6, features: 384, heads: 6, time: 256 },
  gptSmall: { layers: 2, features: 64, heads: 4, time: 32 },
  gpt6: { layers: 8, features: 256, heads: 8, time: 128 }
} as const

type GptName = keyof typeof gpts

const isGpt = (name: string): name is GptName => name in gpts

/** A language model whose head is the table of its embedding. */
const gpt = ({ features, heads, layers, time }: typeof gpts[GptName]): Layers.Any =>
  Layers.tied(
    { size: VOCABULARY, features },
    Layers.sequence(
      ["positions", Layers.positions({ length: time })],
      ["blocks", Layers.transformerEncoder({ layers, features, heads, causal: true })]
    )
  )

/** The networks that are trained to predict; `critic` is a step of adversarial training. */
export type SupervisedName = "mlp" | "cnn" | "discriminator" | "lstm" | "gru" | "lstm512" | "block" | GptName
export type ModelName = SupervisedName | "critic"
export const modelNames: ReadonlyArray<ModelName> = [
  ...["mlp", "cnn", "discriminator", "critic", "lstm", "gru", "lstm512", "block", "gptSmall", "gpt6", "gpt"] as const
]

export const models: { readonly [N in SupervisedName]: Layers.Any } = {
  ...{ mlp, cnn, discriminator, lstm, gru, lstm512, block },
  ...{ gpt: gpt(gpts.gpt), gptSmall: gpt(gpts.gptSmall), gpt6: gpt(gpts.gpt6) }
}

export const losses: { readonly [N in SupervisedName]: Losses.Loss } = {
  mlp: Losses.softmaxCrossEntropy,
  cnn: Losses.softmaxCrossEntropy,
  discriminator: Losses.binaryCrossEntropy,
  lstm: Losses.softmaxCrossEntropy,
  gru: Losses.softmaxCrossEntropy,
  lstm512: Losses.softmaxCrossEntropy,
  block: Losses.meanSquaredError,
  gpt: Losses.softmaxCrossEntropy,
  gptSmall: Losses.softmaxCrossEntropy,
  gpt6: Losses.softmaxCrossEntropy
}

/** What an example is. */
export const inputs: { readonly [N in SupervisedName]: Shape.Known } = {
  ...{ mlp: IMAGE, cnn: IMAGE, discriminator: IMAGE },
  ...{ lstm: [100, 64], gru: [100, 64], lstm512: [64, 512], block: [128, 192] },
  ...{ gpt: [gpts.gpt.time], gptSmall: [gpts.gptSmall.time], gpt6: [gpts.gpt6.time] }
}

/** How many examples a batch has, by default. */
export const batchOf = (model: ModelName): number =>
  model === "block" || model === "gptSmall" ? 16 : isGpt(model) ? 8 : BATCH

/** How many steps, tokens of a text say, an example has that is a sequence. */
export const stepsIn = (model: ModelName): number | undefined =>
  model === "critic" || Shape.equals(inputs[model], IMAGE) ? undefined : inputs[model][0]

/** A batch of noise; what a step costs does not depend on what it shows. */
export const fixedBatch = (model: SupervisedName, batch: number) => {
  const shape = [batch, ...inputs[model]], size = Shape.size(shape)
  const noise = (seed: number) => NdArray.make(Random.uniform(Key.make(seed), size), shape)
  if (model === "block") return { x: noise(1), y: noise(2), size: batch }
  if (isGpt(model)) {
    const [x, y] = [1, 2].map((seed) =>
      NdArray.make(Int32Array.from(noise(seed).data, (part) => Math.floor(part * VOCABULARY)), shape)
    )
    return { x: x!, y: y!, size: batch }
  }
  return {
    x: noise(1),
    y: model === "discriminator"
      ? NdArray.make(Float32Array.from({ length: batch }, (_, i) => i % 2), [batch, 1])
      : NdArray.make(Int32Array.from({ length: batch }, (_, i) => i % 10), [batch]),
    size: batch
  }
}
