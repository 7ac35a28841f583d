import { Key, Layers, NdArray, Random } from "../src/index.ts"

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

export type ModelName = "mlp" | "cnn"
export const modelNames: ReadonlyArray<ModelName> = ["mlp", "cnn"]

export const models: { readonly [N in ModelName]: Layers.Any } = { mlp, cnn }

/** A batch of noise with the shapes of MNIST; what a step costs does not depend on what the images show. */
export const fixedBatch = {
  x: NdArray.make(Random.uniform(Key.make(1), BATCH * 784), [BATCH, ...IMAGE]),
  y: NdArray.make(Int32Array.from({ length: BATCH }, (_, i) => i % 10), [BATCH]),
  size: BATCH
}
