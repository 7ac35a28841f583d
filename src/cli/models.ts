import type { Tree } from "../core/Tree.ts"
import * as Layers from "../layers/index.ts"
import * as Optimizers from "../optimizers/index.ts"
import * as Schedules from "../optimizers/schedules.ts"
import type { RunConfig } from "./config.ts"

/**
 * The shape of the images that the models take, bytes from 0 to 255, and the number of classes that they tell apart.
 */
export const IMAGE = [28, 28, 1] as const
export const CLASSES = 10

/** A multilayer perceptron, with the head 784-128-10 on images of 28 x 28. */
const mlp = {
  scale: Layers.rescale({ scale: 1 / 255 }),
  flat: Layers.flatten,
  hidden: Layers.dense(128),
  relu: Layers.relu
}

/** Three convolutions, the first with a stride instead of pooling: quick, and above 99 % on MNIST in three epochs. */
const cnn = {
  scale: Layers.rescale({ scale: 1 / 255 }),
  conv1: Layers.conv2d({ filters: 16, kernelSize: 5, strides: 2 }),
  relu1: Layers.relu,
  conv2: Layers.conv2d({ filters: 32, kernelSize: 3 }),
  relu2: Layers.relu,
  pool2: Layers.maxPool2d(2),
  conv3: Layers.conv2d({ filters: 64, kernelSize: 3 }),
  relu3: Layers.relu,
  pool3: Layers.maxPool2d(2),
  flat: Layers.flatten,
  drop: Layers.dropout(0.4)
}

const head = Layers.dense(CLASSES)

/** Parameters or running state of layers by name. */
export type ByLayer = { readonly [layer: string]: Tree }

type Named = Layers.Layer<ByLayer, ByLayer>

/** The model of a configuration. What runs it only passes its trees on, so that their exact types are left out. */
export const modelOf = ({ model }: Pick<RunConfig, "model">): Named =>
  Layers.named({ ...(model === "mlp" ? mlp : cnn), head }) as Layers.Any

/** The two parts of that model: its body, which takes the weights of the whole, and the head, which takes its own. */
export const partsOf = (
  { model }: Pick<RunConfig, "model">
): { readonly body: Named; readonly head: Layers.Layer<Tree, Tree> } => ({
  body: Layers.named(model === "mlp" ? mlp : cnn) as Layers.Any,
  head: head as Layers.Any
})

/** Adam, with a learning rate that goes down to zero over the run along a cosine. */
export const optimizerOf = ({ learningRate }: Pick<RunConfig, "learningRate">, steps: number) =>
  Optimizers.adam(Schedules.cosine({ base: learningRate, steps }))
