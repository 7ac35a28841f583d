import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend, Optimizers, Tree } from "effect-neuron"
import { useCompanion } from "../../../src/backend/companion/companion.ts"
import { applyGradients } from "../../../src/optimizers/transformation.ts"
import { leavesNoTensor } from "../../support/backend.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

const onWasm = (title: string, body: () => void) =>
  it.effect(title, () => Effect.provide(leavesNoTensor(Backend.tensors(title, body)), Backend.layerWasm))

const optimizers: Record<string, Optimizers.GradientTransformation> = {
  adam: Optimizers.adam(1e-2),
  adamW: Optimizers.adamW(1e-2, { weightDecay: 0.1 }),
  scaleByAdam: Optimizers.scaleByAdam({ beta1: 0, epsilon: 0 }),
  momentum: Optimizers.sgd(0.1, { momentum: 0.9 }),
  nesterov: Optimizers.sgd(0.1, { momentum: 0.9, nesterov: true }),
  weightDecay: Optimizers.addDecayedWeights(0.1),
  rmsProp: Optimizers.rmsProp(1e-2),
  rmsPropWithMomentum: Optimizers.rmsProp(1e-2, { momentum: 0.9 }),
  rmsPropCentered: Optimizers.rmsProp(1e-2, { centered: true, epsilon: 1e-3 }),
  clipped: Optimizers.clipByGlobalNorm(0.5)
}

const chained = Optimizers.chain(Optimizers.clipByGlobalNorm(1), Optimizers.chain(optimizers["nesterov"]!))

const trees = (seed: number) =>
  [[], [1], [3], [4], [2, 9], [0], [1031], [130, 17]].map((shape, i) => randomTensor(100 * seed + i, shape))

/** Updates and state after three steps. */
const steps = (optimizer: Optimizers.GradientTransformation): Tree.Tree => {
  const params = trees(1)
  let state = optimizer.init(params), updates = params
  for (const seed of [2, 3, 4]) [updates, state] = optimizer.update(trees(seed), state, params)
  return [updates, state]
}

describe("kernels of optimizers", () => {
  for (const [name, optimizer] of Object.entries(optimizers)) {
    onWasm(`${name}: updates and state are those that are composed without the companion`, () => {
      const found = Tree.entries(steps(optimizer))
      useCompanion(false)
      try {
        Tree.entries(steps(optimizer)).forEach(([path, expected], i) =>
          assertClose(found[i]![1], expected, 2e-6, `${name} ${path}`)
        )
      } finally {
        useCompanion(true)
      }
    })
  }

  onWasm("globalNorm is that of all values, and can be differentiated twice, with the companion and without", () => {
    const norm = Math.hypot(...trees(1).flatMap((x) => Array.from(x.dataSync())))
    for (const companion of [true, false]) {
      useCompanion(companion)
      try {
        assertClose(Optimizers.globalNorm(trees(1)), tf.scalar(norm), 1e-6 * norm)
        assert.strictEqual(Optimizers.globalNorm({}).dataSync()[0], 0)
        // Of the square the gradient is 2 x, and the gradient of its squared length, 4 x², is 8 x.
        const x = randomTensor(1, [5])
        const { grads } = Autodiff.valueAndGrad((x: Tensor) => {
          const inner = Autodiff.valueAndGrad((x: Tensor) => [tf.square(Optimizers.globalNorm([x])), 0] as const)(x)
          return [tf.square(Optimizers.globalNorm([inner.grads])), 0] as const
        })(x)
        assertClose(grads, tf.mul(x, 8), 1e-5)
      } finally {
        useCompanion(true)
      }
    }
  })

  for (const [name, optimizer] of Object.entries({ ...optimizers, chain: chained, none: Optimizers.chain() })) {
    onWasm(`${name}: to apply at once is to update and apply, with the companion and without`, () => {
      for (const companion of [true, false]) {
        useCompanion(companion)
        try {
          const params = trees(1)
          const [, state] = optimizer.update(trees(2), optimizer.init(params), params)
          const [updates, expectedState] = optimizer.update(trees(3), state, params)
          const found = applyGradients(optimizer, trees(3), state, params)
          const expected = [Optimizers.applyUpdates(params, updates), expectedState] as const
          assert.deepStrictEqual(Tree.numbers(found), Tree.numbers(expected))
          const leaves = Tree.leaves(found)
          Tree.entries(expected).forEach(([path, leaf], i) => assertClose(leaves[i]!, leaf, 1e-6, `${name} ${path}`))
        } finally {
          useCompanion(true)
        }
      }
    })
  }

  onWasm("an optimizer whose update was replaced applies what that gives", () => {
    const optimizer: Optimizers.GradientTransformation = {
      ...Optimizers.sgd(1),
      update: (updates, state) => [Tree.map(updates, (update) => tf.mul(update, 10)), state]
    }
    const [params] = applyGradients(optimizer, tf.tensor1d([1]), optimizer.init(tf.tensor1d([2])), tf.tensor1d([2]))
    assert.deepStrictEqual([...params.dataSync()], [12])
  })

  onWasm("moments do not decay to denormal numbers", () => {
    const params = tf.zeros([7]), adam = Optimizers.adam(1e-3), momentum = Optimizers.trace({ momentum: 0.5 })
    const filled = (value: number) => tf.tensor1d(Array.from({ length: 7 }, () => value))
    const small = filled(6e-38), none = tf.zeros([7]), zeros = Array.from({ length: 7 }, () => 0)
    const [, { first, second }] = adam.update(none, { count: 1, first: small, second: small }, params) as never as [
      unknown,
      { first: Tensor; second: Tensor }
    ]
    const [decayed] = momentum.update(none, { velocity: small }, params)
    assert.isTrue([...first.dataSync()].every((value) => value > 1.2e-38))
    assert.isTrue([...second.dataSync()].every((value) => value > 1.2e-38))
    assert.deepStrictEqual([...decayed.dataSync()], zeros)
    const [, last] = adam.update(none, { count: 1, first: filled(4e-38), second: filled(4e-38) }, params)
    for (const moment of Tree.leaves(last)) assert.deepStrictEqual([...moment.dataSync()], zeros)
    const [, tiny] = adam.update(filled(1e-21), adam.init(params), params)
    assert.deepStrictEqual([...(tiny as { second: Tensor }).second.dataSync()], zeros)
  })

  onWasm("the sum of squares is exact over many values, and takes NaN and infinity", () => {
    const norm = (...leaves: ReadonlyArray<tf.Tensor>) =>
      1 / Optimizers.clipByGlobalNorm(1).update([...leaves, tf.scalar(1)], [], [])[0].at(-1)!.dataSync()[0]!
    assert.closeTo(norm(tf.tensor1d(new Float32Array(1_000_003).fill(0.1))), Math.sqrt(1_000_003 * 0.01 + 1), 1e-4)
    assert.strictEqual(norm(tf.tensor1d([1, Infinity])), Infinity)
    assert.isNaN(norm(tf.tensor1d([1, NaN])))
  })

  onWasm("NaN and infinity stay in their places in Adam", () => {
    const gradient = tf.tensor1d([1, NaN, 1, Infinity, 1]), params = tf.zeros([5])
    const optimizer = Optimizers.adam(1e-2)
    const [update] = optimizer.update(gradient, optimizer.init(params), params)
    assert.deepStrictEqual(Array.from(update.dataSync(), Number.isNaN), [false, true, false, true, false])
  })
})
