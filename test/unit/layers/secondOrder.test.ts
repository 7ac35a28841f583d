import { describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Adversarial, Autodiff, Backend, Key, Layers } from "effect-neuron"
import { interpolates } from "../../../src/train/adversarial/gradientPenalty.ts"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { assertClose, randomTensor, toTensor } from "../../support/numbers.ts"
import { reference } from "../../support/reference.ts"

// One step of the critic of a Wasserstein GAN with gradient penalty (Gulrajani et al.: "Improved training of Wasserstein
// GANs", 2017): its parameters get a gradient through the gradient by its input.
const c = reference("gan")[0]!
const tolerance = 1e-4

for (const [backend, backendLayer] of backends) {
  describe(`a critic on ${backend}`, () => {
    it.effect("has the gradient penalty, loss and gradients of the reference vectors", () => {
      const program = () => {
        const critic = Layers.named({
          hidden: Layers.dense(8),
          rectifier: Layers.leakyRelu(c.config.slope),
          score: Layers.dense(1)
        })
        const params = {
          hidden: { kernel: toTensor(c.params["kernel1"]!), bias: toTensor(c.params["bias1"]!) },
          rectifier: {},
          score: { kernel: toTensor(c.params["kernel2"]!), bias: toTensor(c.params["bias2"]!) }
        }
        const state = { hidden: {}, rectifier: {}, score: {} }
        const real = toTensor(c["real"]), fake = toTensor(c["fake"])
        const mixed = interpolates(real, fake, toTensor(c["epsilon"]))

        const { aux, grads, value } = Autodiff.valueAndGrad((p: typeof params) => {
          const score = (x: Tensor) => critic.apply(p, state, x, { training: true, key: Key.make(0) })[0]
          const penalty = tf.mean(Adversarial.gradientPenalty(score, mixed))
          const loss = tf.add(tf.sub(tf.mean(score(fake)), tf.mean(score(real))), tf.mul(penalty, c.config.lambda))
          return [loss, { penalty }] as const
        })(params)

        const scalar = (x: number) => ({ shape: [], data: [x] })
        assertClose(aux.penalty, scalar(c["gradientPenalty"]), tolerance, "gradient penalty")
        assertClose(value, scalar(c["criticLoss"]), tolerance, "critic loss")
        assertClose(grads.hidden.kernel, c.gradParams["kernel1"]!, tolerance, "gradient of kernel1")
        assertClose(grads.hidden.bias, c.gradParams["bias1"]!, tolerance, "gradient of bias1")
        assertClose(grads.score.kernel, c.gradParams["kernel2"]!, tolerance, "gradient of kernel2")
        assertClose(grads.score.bias, c.gradParams["bias2"]!, tolerance, "gradient of bias2")
      }
      return Effect.provide(leavesNoTensor(Backend.tensors("critic", program)), backendLayer)
    })

    it.effect("of convolutions, norms and labels has the gradient of its penalty, by its own parameters and a generator's", () => {
      const program = () => {
        const key = Key.make(2), mode = { training: true, key }
        const generator = Layers.serial(
          Layers.each({ x: Layers.identity, y: Layers.embedding({ size: 3, features: 2 }) }),
          Layers.concatenate("x", "y"),
          Layers.dense(8),
          Layers.reshape([2, 2, 2]),
          Layers.conv2dTranspose({ filters: 2, kernelSize: 4, strides: 2 }),
          Layers.instanceNorm(),
          Layers.swish,
          Layers.upsample2d({ size: [1, 2], interpolation: "bilinear" }),
          Layers.conv2d({ filters: 1, kernelSize: 3 }),
          Layers.tanh
        )
        const critic = Layers.serial(
          Layers.each({ x: Layers.gaussianNoise(0.1), y: Layers.embedding({ size: 3, features: 2 }) }),
          Layers.concatenate("x", "y"),
          Layers.conv2d({ filters: 4, kernelSize: 3, strides: 2 }),
          Layers.groupNorm({ groups: 2 }),
          Layers.swish,
          Layers.flatten,
          Layers.layerNorm(),
          Layers.dense(1)
        )
        const labels = tf.tensor1d([2, 0], "int32"), noise = randomTensor(1, [2, 3])
        const generates = Result.getOrThrow(generator.init(key, { x: [3], y: [] }))
        const scores = Result.getOrThrow(critic.init(key, { x: generates.output, y: [] }))
        checkGradients(
          (p) => {
            const [fake] = generator.apply(p.generator, generates.state, { x: noise, y: labels }, mode)
            const score = (x: Tensor) => critic.apply(p.critic, scores.state, { x, y: labels }, mode)[0]
            return tf.add(tf.mean(score(fake)), tf.mean(Adversarial.gradientPenalty(score, fake)))
          },
          { generator: generates.params, critic: scores.params },
          { tolerance: 1e-2 }
        )
      }
      return Effect.provide(leavesNoTensor(Backend.tensors("critic", program)), backendLayer)
    })
  })
}
