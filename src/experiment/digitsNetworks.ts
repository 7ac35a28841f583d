import type { Tree } from "../core/Tree.ts"
import * as Layers from "../layers/index.ts"
import type { Any } from "../layers/Layer.ts"

/** The shape of the images that the networks of digits take, bytes from 0 to 255, and the number of classes. */
export const IMAGE = [28, 28, 1] as const
export const CLASSES = 10

/** Networks that tell digits apart, by name. */
export const classifiers = ["cnn", "mlp", "small-cnn", "small-mlp"] as const
export type Classifier = typeof classifiers[number]

const scale = /* @__PURE__ */ Layers.rescale({ scale: 1 / 255 })
const head = /* @__PURE__ */ Layers.dense(CLASSES)

/** What stands before the head. */
const bodies = (model: Classifier) => {
  switch (model) {
    case "mlp":
      return { scale, flat: Layers.flatten, hidden: Layers.dense(128), relu: Layers.relu }
    case "small-mlp":
      return {
        scale,
        flat: Layers.flatten,
        hidden1: Layers.dense(32),
        relu1: Layers.relu,
        hidden2: Layers.dense(16),
        relu2: Layers.relu
      }
    case "small-cnn":
      return {
        scale,
        conv1: Layers.conv2d({ filters: 8, kernelSize: 5, strides: 2 }),
        relu1: Layers.relu,
        conv2: Layers.conv2d({ filters: 16, kernelSize: 3 }),
        relu2: Layers.relu,
        pool2: Layers.maxPool2d(2),
        flat: Layers.flatten
      }
    case "cnn":
      // The first convolution with a stride instead of pooling: quick, and above 99 % on MNIST in three epochs.
      return {
        scale,
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
  }
}

/** Parameters or running state of layers by name. */
export type ByLayer = { readonly [layer: string]: Tree }

type Named = Layers.Layer<ByLayer, ByLayer>

/** The network of a name. What runs it only passes its trees on, so that their exact types are left out. */
export const classifierOf = (model: Classifier): Named => Layers.named({ ...bodies(model), head }) as Any

/** The two parts of that network: its body, which takes the weights of the whole, and the head, which takes its own. */
export const partsOf = (model: Classifier) => ({ body: Layers.named(bodies(model)) as Any as Named, head: head as Any })
