import * as Layers from "../layers/index.ts"
import * as Optimizers from "../optimizers/index.ts"
import * as Adversarial from "../train/adversarial/index.ts"
import { CLASSES, IMAGE } from "./digitsNetworks.ts"
import type { ByLayer } from "./digitsNetworks.ts"

/** What of a configuration the networks and their step depend on. */
export interface NetworksConfig {
  readonly model: "cnn" | "mlp"
  readonly loss: "wgan-gp" | "non-saturating" | "least-squares" | "hinge" | "wgan"
  readonly conditional: boolean
  readonly average: number
  readonly generatorLearningRate: number
  readonly criticLearningRate: number
}

/** The two networks, whatever they are, with their optimizers. */
export type Networks = Adversarial.Adversaries<ByLayer, ByLayer, ByLayer, ByLayer> & {
  readonly optimizers: Readonly<Record<"generator" | "critic", Optimizers.GradientTransformation>>
}

/** Multilayer perceptrons, latent-128-256-784 and 784-256-128-1. */
const mlp = {
  generator: Layers.named({
    hidden1: Layers.dense(128),
    relu1: Layers.relu,
    hidden2: Layers.dense(256),
    relu2: Layers.relu,
    head: Layers.dense(IMAGE[0] * IMAGE[1] * IMAGE[2]),
    image: Layers.reshape(IMAGE),
    tanh: Layers.tanh
  }),
  critic: Layers.named({
    flat: Layers.flatten,
    hidden1: Layers.dense(256),
    relu1: Layers.leakyRelu(),
    hidden2: Layers.dense(128),
    relu2: Layers.leakyRelu(),
    head: Layers.dense(1)
  })
}

const SIDE = 7, CHANNELS = 64

/**
 * Convolutions as in DCGAN (Radford, Metz, Chintala, 2016), small: the generator grows 7 x 7 to 28 x 28 in two steps,
 * and the critic shrinks it back. The critic has no batch normalization, which a gradient penalty excludes.
 */
const cnn = {
  generator: Layers.named({
    seed: Layers.dense(SIDE * SIDE * CHANNELS, { bias: false }),
    image: Layers.reshape([SIDE, SIDE, CHANNELS]),
    norm1: Layers.batchNorm(),
    relu1: Layers.relu,
    grow1: Layers.conv2dTranspose({ filters: CHANNELS / 2, kernelSize: 4, strides: 2, bias: false }),
    norm2: Layers.batchNorm(),
    relu2: Layers.relu,
    grow2: Layers.conv2dTranspose({ filters: IMAGE[2], kernelSize: 4, strides: 2 }),
    tanh: Layers.tanh
  }),
  critic: Layers.named({
    shrink1: Layers.conv2d({ filters: CHANNELS / 2, kernelSize: 4, strides: 2 }),
    relu1: Layers.leakyRelu(),
    shrink2: Layers.conv2d({ filters: CHANNELS, kernelSize: 4, strides: 2 }),
    relu2: Layers.leakyRelu(),
    flat: Layers.flatten,
    head: Layers.dense(1)
  })
}

/** The class of an example beside its noise, as ten numbers, and beside its image, as a second channel. */
const label = {
  generator: Layers.embedding({ size: CLASSES, features: CLASSES }),
  critic: Layers.named({
    table: Layers.embedding({ size: CLASSES, features: IMAGE[0] * IMAGE[1] }),
    channel: Layers.reshape([IMAGE[0], IMAGE[1], 1])
  })
}

const withLabel = (y: Layers.Any, network: Layers.Any): Layers.Any =>
  Layers.sequence(
    ["inputs", Layers.each({ x: Layers.identity, y })],
    ["joined", Layers.concatenate("x", "y")],
    ["network", network]
  )

/**
 * The optimizer of both networks, with little momentum, as the papers on DCGAN and on the gradient penalty have it:
 * what a network is to do changes with each step of the other.
 */
export const adamOf = ({ loss }: Pick<NetworksConfig, "loss">) => (learningRate: Optimizers.LearningRate) =>
  Optimizers.adam(learningRate, loss === "wgan-gp" ? { beta1: 0, beta2: 0.9 } : { beta1: 0.5, beta2: 0.999 })

/** The networks of a configuration, with their optimizers, whose learning rates can be changed while they train. */
export const networksOf = (config: NetworksConfig): Networks => {
  const { conditional, criticLearningRate, generatorLearningRate, model } = config
  const { critic, generator } = model === "mlp" ? mlp : cnn
  const adam = adamOf(config)
  return {
    generator: conditional ? withLabel(label.generator, generator) : generator as Layers.Any,
    critic: conditional ? withLabel(label.critic, critic) : critic as Layers.Any,
    conditional,
    optimizers: {
      generator: Optimizers.adjustable(adam, generatorLearningRate),
      critic: Optimizers.adjustable(adam, criticLearningRate)
    }
  } as Networks
}

const labeled = {
  "non-saturating": Adversarial.nonSaturating,
  "least-squares": Adversarial.leastSquares,
  hinge: Adversarial.hinge
}

/** The training step of a configuration. */
export const stepOf = ({ average, loss }: NetworksConfig, networks: Networks) => {
  const options = { ...networks, averageDecay: average }
  if (loss === "wgan-gp") return Adversarial.wganGp(options)
  if (loss === "wgan") return Adversarial.wgan(options)
  return Adversarial.gan({ ...options, loss: labeled[loss] })
}
