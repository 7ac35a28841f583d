import { describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Adversarial, Autodiff, Backend, Key, Layers } from "effect-neuron"
import { interpolates } from "../../../src/train/adversarial/gradientPenalty.ts"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { assertClose, toTensor } from "../../support/numbers.ts"
import { reference } from "../../support/reference.ts"

// One step of the critic of a Wasserstein GAN with gradient penalty (Gulrajani et al.: "Improved training of
// Wasserstein GANs", 2017): its parameters get a gradient through the gradient by its input.
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
  })
}
