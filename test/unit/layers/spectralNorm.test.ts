import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Autodiff, Backend, Initializers, Key, Layers, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { assertClose, randomTensor, toTensor } from "../../support/numbers.ts"
import { reference } from "../../support/reference.ts"

const key = Key.make(23), training = { training: true, key }, evaluation = { training: false, key }

/** A matrix of given singular values. */
const matrixOf = (rows: number, columns: number, singular: ReadonlyArray<number>): Tensor => {
  const left = Initializers.orthogonal()(Key.make(1), [rows, singular.length])
  const right = Initializers.orthogonal()(Key.make(2), [columns, singular.length])
  return tf.matMul(tf.mul(left, tf.tensor1d([...singular])), right, false, true)
}

const singular = [3, 2, 1, 0.5]

const wrapped: ReadonlyArray<readonly [layer: Layers.Layer<Layers.KernelAndBias, {}>, input: ReadonlyArray<number>]> = [
  [Layers.dense(4), [6]],
  [Layers.conv2d({ filters: 4, kernelSize: 3 }), [4, 4, 2]],
  [Layers.conv2dTranspose({ filters: 2, kernelSize: 2, strides: 2 }), [3, 2, 4]]
]

describe("spectral normalization", () => {
  const run = (program: () => void) =>
    Effect.provide(leavesNoTensor(Backend.tensors("spectralNorm", program)), Backend.layerWasm)

  it.effect("takes the training step of the reference vectors", () =>
    run(() => {
      for (const c of reference("generative")) {
        if (!c.name.startsWith("spectral")) continue
        const layer = Layers.spectralNorm<Layers.KernelAndBias, {}>(
          c.name === "spectralDense" ? Layers.dense(c.config.units) : Layers.conv2d(c.config)
        )
        const params = { kernel: toTensor(c.params["kernel"]!), bias: toTensor(c.params["bias"]!) }
        const state = { u: toTensor(c["u"]), v: tf.zeros(c["newV"].shape), layer: {} }
        const { aux, grads } = Autodiff.valueAndGrad(
          (p: { readonly params: Layers.KernelAndBias; readonly x: Tensor }) => {
            const [y, next] = layer.apply(p.params, state, p.x, training)
            return [tf.sum(tf.mul(y, toTensor(c.gradOutput))), { y, next }] as const
          }
        )({ params, x: toTensor(c.input) })
        assertClose(aux.y, c.output, 2e-5, "output")
        assertClose(aux.next.u, c["newU"], 2e-5, "u")
        assertClose(aux.next.v, c["newV"], 2e-5, "v")
        assertClose(grads.x, c.gradInput, 2e-5, "gradInput")
        assertClose(grads.params.kernel, c.gradParams["kernel"]!, 2e-5, "gradient of the kernel")
        assertClose(grads.params.bias, c.gradParams["bias"]!, 2e-5, "gradient of the bias")
      }
    }))

  it.effect("finds the largest singular value, step by step", () =>
    run(() => {
      const layer = Layers.spectralNorm(Layers.dense(5, { bias: false }))
      const kernel = matrixOf(6, 5, singular)
      let { state } = Result.getOrThrow(layer.init(key, [6]))
      for (let step = 0; step < 30; step++) state = layer.apply({ kernel }, state, tf.eye(6), training)[1]
      const [normalized, kept] = layer.apply({ kernel }, state, tf.eye(6), evaluation)
      assertClose(normalized, tf.div(kernel, 3), 1e-5)
      assert.strictEqual(kept, state)
      assertClose(tf.norm(state.u), tf.scalar(1), 1e-6)
      assertClose(tf.norm(state.v), tf.scalar(1), 1e-6)
    }))

  it.effect("starts near it, so that an untrained model can be evaluated", () =>
    run(() => {
      const kernelInitializer: Initializers.Initializer = (_, shape) =>
        tf.reshape(matrixOf(18, 4, singular), [...shape])
      const convolution = Layers.conv2d({ filters: 4, kernelSize: 3, kernelInitializer })
      const layer = Layers.spectralNorm(convolution)
      const { params, state } = Result.getOrThrow(layer.init(key, [5, 5, 2]))
      const x = randomTensor(1, [2, 5, 5, 2])
      assertClose(
        layer.apply(params, state, x, evaluation)[0],
        tf.div(convolution.apply(params, {}, x, evaluation)[0], 3),
        1e-4
      )
    }))

  it.effect("has in training the gradient of the singular value itself, once its vectors are found", () =>
    run(() => {
      const layer = Layers.spectralNorm(Layers.dense(5, { bias: false }), { iterations: 30 })
      const { state } = Result.getOrThrow(layer.init(key, [6]))
      const x = randomTensor(4, [3, 6]), weights = randomTensor(5, [3, 5])
      const value = (kernel: Tensor) => tf.sum(tf.mul(tf.tanh(layer.apply({ kernel }, state, x, training)[0]), weights))
      // Finite differences move the vectors with the kernel, and so differ where these count.
      checkGradients(value, matrixOf(6, 5, singular))
    }))

  for (const [inner, input] of wrapped) {
    const layer = Layers.spectralNorm(inner)
    it.effect(`gives ${layer.name} in training no gradient through u and v`, () =>
      run(() => {
        const { params, state } = Result.getOrThrow(layer.init(key, input))
        const x = randomTensor(4, [3, ...input])
        const gradients = (mode: Layers.Mode, from: typeof state) => {
          const f = (params: Layers.KernelAndBias) => {
            const [y, next] = layer.apply(params, from, x, mode)
            return [tf.sum(tf.square(y)), next] as const
          }
          return Autodiff.valueAndGrad(f)(params)
        }
        const { aux, grads } = gradients(training, state)
        assertClose(grads.kernel, gradients(evaluation, aux).grads.kernel, 1e-6)
      }))
  }

  it.effect("does as many iterations as it is told", () =>
    run(() => {
      const kernel = matrixOf(6, 5, singular), state = { u: randomTensor(1, [5]), v: randomTensor(2, [6]), layer: {} }
      const after = (iterations: number, steps: number) => {
        const layer = Layers.spectralNorm(Layers.dense(5, { bias: false }), { iterations })
        let now = state
        for (let step = 0; step < steps; step++) now = layer.apply({ kernel }, now, tf.eye(6), training)[1]
        return now.u
      }
      assertClose(after(3, 1), after(1, 3), 1e-6)
      assert.notDeepEqual(after(1, 1).arraySync(), after(1, 3).arraySync())
    }))

  it.effect("keeps the parameters that its layer has, and starts the same for the same key", () =>
    run(() => {
      const inner = Layers.dense(5), layer = Layers.spectralNorm(inner)
      const values = (tree: Tree.Tree) => Tree.leaves(tree).map((leaf) => Array.from(leaf.dataSync()))
      const start = (k: Key.Key) => Result.getOrThrow(layer.init(k, [6]))
      assert.deepStrictEqual(values(start(key).params), values(Result.getOrThrow(inner.init(key, [6])).params))
      assert.deepStrictEqual(values(start(key).state), values(start(Key.make(23)).state))
      assert.notDeepEqual(values(start(key).state), values(start(Key.make(24)).state))
    }))

  it("infers the types of parameters and state", () => {
    const critic = Layers.named({
      first: Layers.spectralNorm(Layers.conv2d({ filters: 4, kernelSize: 4, strides: 2, bias: false })),
      rectifier: Layers.leakyRelu(),
      flat: Layers.flatten,
      score: Layers.spectralNorm(Layers.dense(1))
    })
    expectTypeOf<Layers.Params<typeof critic>["first"]>().toEqualTypeOf<{ readonly kernel: Tensor }>()
    expectTypeOf<Layers.State<typeof critic>["score"]>().toEqualTypeOf<Layers.SpectralState<{}>>()
    expectTypeOf<Layers.State<typeof critic>>().toExtend<Tree.Tree>()
    expectTypeOf<Layers.Input<typeof critic>>().toEqualTypeOf<Tensor>()
    // @ts-expect-error -- a layer without a kernel
    const { init } = Layers.spectralNorm(Layers.relu)
    assert.strictEqual(
      Result.getFailure(init(key, [3])).valueOrUndefined?.message,
      "spectralNorm expects a layer with a kernel, got relu"
    )
  })
})
