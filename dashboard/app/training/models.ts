import { Layers, Optimizers, Schedules } from "effect-neuron"
import { classes } from "./definition.ts"
import type { Classifier } from "./definition.ts"

/** The shape of the images that every model here takes, with values from 0 to 1. */
export const IMAGE = [28, 28, 1] as const

const convolutional = (first: number, second: number, kernelSize: number) =>
  Layers.named({
    conv1: Layers.conv2d({ filters: first, kernelSize, strides: 2 }),
    relu1: Layers.relu,
    conv2: Layers.conv2d({ filters: second, kernelSize: 3 }),
    relu2: Layers.relu,
    pool2: Layers.maxPool2d(2),
    flat: Layers.flatten,
    head: Layers.dense(classes.length)
  })

/** The model of a choice; what runs it only passes its trees on, so that their exact types are left out. */
export const modelOf = ({ model }: Pick<Classifier, "model">): Layers.Any => {
  switch (model) {
    case "dense 32-16":
      return Layers.named({
        flat: Layers.flatten,
        hidden1: Layers.dense(32),
        relu1: Layers.relu,
        hidden2: Layers.dense(16),
        relu2: Layers.relu,
        head: Layers.dense(classes.length)
      })
    case "dense 128":
      return Layers.named({
        flat: Layers.flatten,
        hidden: Layers.dense(128),
        relu: Layers.relu,
        head: Layers.dense(classes.length)
      })
    case "convolutional 8-16":
      return convolutional(8, 16, 5)
    case "convolutional 16-32":
      return convolutional(16, 32, 5)
  }
}

const plain = (optimizer: Classifier["optimizer"]) => (rate: (step: number) => number) => {
  switch (optimizer) {
    case "adam":
      return Optimizers.adam(rate)
    case "adamW":
      return Optimizers.adamW(rate)
    case "sgd":
      return Optimizers.sgd(rate)
    case "sgd with momentum":
      return Optimizers.sgd(rate, { momentum: 0.9 })
  }
}

/** The optimizer of a choice, whose learning rate can be changed while it runs; a schedule multiplies it. */
export const optimizerOf = ({ learningRate, optimizer, schedule }: Classifier, steps: number) => {
  const factor = schedule === "cosine" ? Schedules.cosine({ base: 1, steps }) : () => 1
  return Optimizers.adjustable((rate) => plain(optimizer)((step) => rate * factor(step)), learningRate)
}
