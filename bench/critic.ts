import { Adversarial, Key, Layers, NdArray, Optimizers, Random } from "../src/index.ts"

/** Updates of the critic in a step, before the one of the generator: those of the paper. */
export const CRITIC_STEPS = 5

const PIXELS = 784

const critic = Layers.named({
  hidden1: Layers.dense(512),
  relu1: Layers.leakyRelu(0.2),
  hidden2: Layers.dense(256),
  relu2: Layers.leakyRelu(0.2),
  head: Layers.dense(1)
})

/** The least generator that there is: an image is one number of noise times a kernel, plus a bias. */
const generator = Layers.dense(PIXELS)

/**
 * A step of a Wasserstein GAN with gradient penalty, of the settings of the paper (Gulrajani et al., 2017): five
 * updates of the critic, each with a batch of its own, then one of the generator.
 */
export const criticTraining = (batch: number) => {
  const adam = Optimizers.adam(1e-4, { beta1: 0, beta2: 0.9 })
  const networks = { generator, critic, optimizers: { generator: adam, critic: adam } }
  const array = (seed: number, width: number) =>
    NdArray.make(Random.uniform(Key.make(seed), batch * width), [batch, width])
  const real = Array.from({ length: CRITIC_STEPS }, (_, i) => ({ x: array(i, PIXELS), size: batch }))
  return {
    init: Adversarial.init({ ...networks, latent: { shape: [1] }, input: [PIXELS], key: Key.make(1) }),
    step: Adversarial.wganGp(networks),
    arrays: {
      real,
      noise: Array.from({ length: CRITIC_STEPS + 1 }, (_, i) => array(100 + i, 1)),
      size: CRITIC_STEPS * batch
    }
  }
}
