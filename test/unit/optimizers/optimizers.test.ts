import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend, Optimizers, Schedules, Tree } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { assertClose, randomTensor, toTensor } from "../../support/numbers.ts"
import type { Values } from "../../support/numbers.ts"
import { reference } from "../../support/reference.ts"

const { chain } = Optimizers
const descend = Optimizers.scaleByLearningRate

const ours: Record<string, Optimizers.GradientTransformation> = {
  "sgd": Optimizers.sgd(0.1),
  "sgdMomentum0.9": Optimizers.sgd(0.1, { momentum: 0.9 }),
  "sgdNesterov0.9": Optimizers.sgd(0.1, { momentum: 0.9, nesterov: true }),
  "sgdWeightDecay0.01": chain(Optimizers.addDecayedWeights(0.01), Optimizers.sgd(0.1)),
  "adam": Optimizers.adam(0.01),
  "adamBeta0.5": Optimizers.adam(0.01, { beta1: 0.5, beta2: 0.9 }),
  "adamW0.05": Optimizers.adamW(0.01, { weightDecay: 0.05 }),
  "rmsProp": Optimizers.rmsProp(0.01),
  "rmsPropMomentum0.9": Optimizers.rmsProp(0.01, { momentum: 0.9 }),
  "rmsPropCentered": Optimizers.rmsProp(0.01, { centered: true }),
  "rmsPropDecay0.5": Optimizers.rmsProp(0.05, { decay: 0.5, epsilon: 0.1, centered: true, momentum: 0.5 })
}

const references = [...reference("optimizers"), ...reference("rmsProp")]

const everything: Record<string, Optimizers.GradientTransformation> = {
  ...ours,
  scale: Optimizers.scale(0.5),
  scaleBySchedule: Optimizers.scaleBySchedule((step) => 1 / (step + 1)),
  scaleByAdam: Optimizers.scaleByAdam(),
  scaleByRms: Optimizers.scaleByRms(),
  scaleByRmsCentered: Optimizers.scaleByRms({ centered: true }),
  clipByGlobalNorm: Optimizers.clipByGlobalNorm(0.5),
  clipByValue: Optimizers.clipByValue(0.5),
  chain: chain(Optimizers.clipByGlobalNorm(1), Optimizers.addDecayedWeights(0.1), Optimizers.adam(0.1)),
  nothing: chain()
}

/** Takes steps with an optimizer, freeing what each leaves behind. */
const run = <P extends Tree.Tree>(
  optimizer: Optimizers.GradientTransformation,
  start: P,
  steps: number,
  gradient: (params: P, step: number) => P,
  observe: (params: P, step: number) => void = () => {}
): P => {
  let params = start, state = optimizer.init(params)
  for (let step = 0; step < steps; step++) {
    const [updates, next] = tf.tidy(() => optimizer.update(gradient(params, step), state, params) as never) as [
      P,
      Optimizers.OptState
    ]
    const after = Optimizers.applyUpdates(params, updates)
    Tree.disposeExcept([state, updates], next)
    Tree.disposeExcept(params, start)
    state = next
    params = after
    observe(params, step)
  }
  Tree.disposeExcept(state)
  return params
}

/** The parameters and gradients that the tests without a reference use. */
const sample = () => ({
  params: { w: randomTensor(1, [3, 4]), inner: [randomTensor(2, [4])], count: 3 },
  gradients: { w: randomTensor(3, [3, 4]), inner: [randomTensor(4, [4])], count: 3 }
})

for (const [name, layer] of backends) {
  describe(`optimizers on ${name}`, () => {
    const test = (title: string, body: () => void) =>
      it.effect(title, () => Effect.provide(leavesNoTensor(Backend.tensors("test", body)), layer))

    for (const [title, optimizer] of Object.entries(ours)) {
      test(`${title} takes the steps of the reference`, () => {
        const expected = references.find((one) => one.name === title)!
        const gradients: ReadonlyArray<ReadonlyArray<Values>> = expected.gradients
        const tensors = (values: ReadonlyArray<Values>) => values.map((value) => toTensor(value))
        assert.strictEqual(gradients.length, 8)
        run(optimizer, tensors(expected.initial), 8, (_, step) => tensors(gradients[step]!), (params, step) => {
          params.forEach((param, i) => assertClose(param, expected.trajectory[step][i], 2e-6, `step ${step} leaf ${i}`))
        })
      })
    }

    test("clipByGlobalNorm clips as the reference does", () => {
      const expected = reference("optimizers").find((one) => one.name === "clipByGlobalNorm1")!
      const gradients: ReadonlyArray<Tensor> = expected.gradients.map((values: Values) => toTensor(values))
      const [clipped] = Optimizers.clipByGlobalNorm(1).update(gradients, [], gradients)
      clipped.forEach((leaf, i) => assertClose(leaf, expected.clipped[i], 1e-6))
      // Shorter updates keep every bit.
      const [kept] = Optimizers.clipByGlobalNorm(expected.norm * 1.01).update(gradients, [], gradients)
      kept.forEach((leaf, i) => assertClose(leaf, gradients[i]!, 0))
      const [zeros] = Optimizers.clipByGlobalNorm(1).update(tf.zeros([2]), [], tf.zeros([2]))
      assert.deepStrictEqual(zeros.arraySync(), [0, 0])
    })

    test("Adam adds epsilon to the corrected root", () => {
      const beta1 = 0.9, beta2 = 0.999, epsilon = 1e-3, gradients = [2e-3, -1e-4, 5e-4, 1e-3]
      const optimizer = Optimizers.scaleByAdam({ epsilon })
      let m = 0, v = 0, state = optimizer.init(tf.scalar(0))
      gradients.forEach((gradient, i) => {
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient ** 2
        const expected = m / (1 - beta1 ** (i + 1)) / (Math.sqrt(v / (1 - beta2 ** (i + 1))) + epsilon)
        const [update, next] = optimizer.update(tf.scalar(gradient), state, tf.scalar(0))
        state = next
        assertClose(update, tf.scalar(expected), 1e-6, `step ${i}`)
      })
    })

    test("each optimizer finds the bottom of a parabola", () => {
      // Weight decay has another bottom.
      const { "adamW0.05": _, "sgdWeightDecay0.01": __, ...exact } = ours
      for (
        const [title, optimizer] of Object.entries({ ...exact, adamW: Optimizers.adamW(0.01, { weightDecay: 0 }) })
      ) {
        const bottom = tf.tensor1d([0.5, -0.3, 0.2])
        const { w } = run(optimizer, { w: tf.zeros([3]) }, 400, ({ w }) => ({ w: tf.mul(tf.sub(w, bottom), 2) }))
        assertClose(w, bottom, 1e-3, title)
      }
    })

    test("momentum and Adam find the bottom of Rosenbrock's valley", () => {
      const rosenbrock = ([x, y]: readonly [Tensor, Tensor]) =>
        tf.add(tf.square(tf.sub(1, x)), tf.mul(100, tf.square(tf.sub(y, tf.square(x)))))
      const gradient = (at: readonly [Tensor, Tensor]) =>
        Autodiff.valueAndGrad((p: typeof at) => [rosenbrock(p), 0] as const)(at).grads
      for (
        const [optimizer, steps] of [
          [Optimizers.sgd(1e-3, { momentum: 0.95 }), 400],
          [Optimizers.sgd(1e-3, { momentum: 0.95, nesterov: true }), 400],
          [Optimizers.adam(Schedules.exponential({ base: 0.1, gamma: 0.5, every: 300 })), 1000]
        ] as const
      ) {
        const end = run(optimizer, [tf.scalar(-1), tf.scalar(1)] as const, steps, gradient)
        assert.isBelow(rosenbrock(end).dataSync()[0]!, 1e-3)
      }
    })
  })
}

describe("a transformation", () => {
  const test = (title: string, body: () => void) =>
    it.effect(title, () => Effect.provide(leavesNoTensor(Backend.tensors("test", body)), Backend.layerWasm))

  for (const [title, optimizer] of Object.entries(everything)) {
    test(`${title} is pure, and makes no tensor that it does not return`, () => {
      const { gradients, params } = sample()
      const [, state] = optimizer.update(gradients, optimizer.init(params), params)
      const given = Tree.leaves([gradients, state, params])
      const values = given.map((tensor) => tensor.dataSync().slice())
      const before = tf.memory().numTensors
      const [updates, next] = optimizer.update(gradients, state, params)
      const made = new Set(Tree.leaves([updates, next]).filter((tensor) => !given.includes(tensor)))
      assert.strictEqual(tf.memory().numTensors - before, made.size)
      given.forEach((tensor, i) => assert.deepStrictEqual(tensor.dataSync(), values[i]))

      assert.deepStrictEqual(Tree.entries(updates).map(([path, { shape }]) => [path, shape]), [["w", [3, 4]], [
        "inner.0",
        [4]
      ]])
      assert.deepStrictEqual(Tree.entries(next).map(([path]) => path), Tree.entries(state).map(([path]) => path))
      // The same arguments give the same answer.
      const again = optimizer.update(gradients, state, params)
      assert.deepStrictEqual(Tree.numbers(again), Tree.numbers([updates, next]))
      Tree.leaves(again).forEach((leaf, i) => assertClose(leaf, Tree.leaves([updates, next])[i]!, 0))
    })

    test(`${title} takes parameters without a tensor`, () => {
      const [updates] = optimizer.update({}, optimizer.init({}), {})
      assert.deepStrictEqual(updates, {})
    })
  }

  test("in a chain gives what it gives by hand", () => {
    const { gradients, params } = sample()
    const stages = [Optimizers.clipByValue(0.5), Optimizers.trace({ momentum: 0.9 }), descend(0.1)] as const
    const whole = chain(stages[0], chain(stages[1], stages[2]))
    let state = whole.init(params)
    let [clip, trace, rate] = stages.map((stage) => stage.init(params)) as [Tree.Tree, Tree.Tree, Tree.Tree]
    for (let step = 0; step < 3; step++) {
      const [together, next] = whole.update(gradients, state, params)
      const [clipped, nextClip] = stages[0].update(gradients, clip, params)
      const [velocity, nextTrace] = stages[1].update(clipped, trace, params)
      const [byHand, nextRate] = stages[2].update(velocity, rate, params)
      Tree.leaves(together).forEach((leaf, i) => assertClose(leaf, Tree.leaves(byHand)[i]!, 0))
      ;[state, clip, trace, rate] = [next, nextClip, nextTrace, nextRate]
    }
  })

  test("of Adam in one pass gives what its parts give", () => {
    const { gradients, params } = sample()
    const parts = chain(
      Optimizers.scaleByAdam(),
      Optimizers.addDecayedWeights(0.05),
      descend((step) => 0.1 / (step + 1))
    )
    const whole = Optimizers.adamW((step) => 0.1 / (step + 1), { weightDecay: 0.05 })
    let partsState = parts.init(params), wholeState = whole.init(params)
    for (let step = 0; step < 3; step++) {
      const [expected, nextParts] = parts.update(gradients, partsState, params)
      const [updates, nextWhole] = whole.update(gradients, wholeState, params)
      Tree.leaves(updates).forEach((leaf, i) => assertClose(leaf, Tree.leaves(expected)[i]!, 1e-7))
      ;[partsState, wholeState] = [nextParts, nextWhole]
    }
    assert.strictEqual(Optimizers.learningRate(wholeState), 0.1 / 3)
    assert.strictEqual(Optimizers.learningRate(partsState), 0.1 / 3)
  })

  test("of RMSProp in one pass gives what its parts give", () => {
    const { gradients, params } = sample()
    for (const options of [{ decay: 0.9 }, { decay: 0.9, centered: true }]) {
      const parts = chain(Optimizers.scaleByRms(options), descend((step) => 0.1 / (step + 1)))
      const whole = Optimizers.rmsProp((step) => 0.1 / (step + 1), options)
      let partsState = parts.init(params), wholeState = whole.init(params)
      for (let step = 0; step < 3; step++) {
        const [expected, nextParts] = parts.update(gradients, partsState, params)
        const [updates, nextWhole] = whole.update(gradients, wholeState, params)
        Tree.leaves(updates).forEach((leaf, i) => assertClose(leaf, Tree.leaves(expected)[i]!, 1e-7))
        ;[partsState, wholeState] = [nextParts, nextWhole]
      }
      assert.strictEqual(Optimizers.learningRate(wholeState), 0.1 / 3)
    }
  })

  test("of centered RMSProp takes a gradient that never changes", () => {
    const optimizer = Optimizers.scaleByRms({ centered: true, epsilon: 0.5 })
    const gradient = tf.tensor1d([3]), params = tf.tensor1d([0])
    let state = optimizer.init(params)
    for (let step = 0; step < 3000; step++) {
      const next = optimizer.update(gradient, state, params)
      Tree.disposeExcept([state, next[0]], next[1])
      state = next[1]
    }
    // Its deviation is 0 by then.
    const [update] = optimizer.update(gradient, state, params)
    assertClose(update, tf.tensor1d([6]), 0.05)
  })

  test("keeps its counters and its learning rate as numbers", () => {
    const { gradients, params } = sample()
    const optimizer = chain(Optimizers.clipByGlobalNorm(1), chain(Optimizers.sgd((step) => 0.5 ** step)))
    let state = optimizer.init(params)
    assert.deepStrictEqual(Tree.numbers(state), { "1.0.count": 0, "1.0.learningRate": 1 })
    const rates = [0, 1, 2].map(() => {
      state = optimizer.update(gradients, state, params)[1]
      return Optimizers.learningRate(state)
    })
    assert.deepStrictEqual(rates, [1, 0.5, 0.25])
    assert.deepStrictEqual(Tree.numbers(state), { "1.0.count": 3, "1.0.learningRate": 0.25 })
    assert.isUndefined(Optimizers.learningRate(Optimizers.scaleByAdam().init(params)))
    assert.isUndefined(Optimizers.learningRate(3))
  })

  it("refuses settings outside their range", () => {
    const refused: ReadonlyArray<readonly [() => unknown, RegExp]> = [
      [() => Optimizers.sgd(-1), /at least 0, got -1/],
      [() => Optimizers.adam(NaN), /finite number of at least 0, got NaN/],
      [() => Optimizers.sgd(0.1, { momentum: 1 }), /momentum is a number in \[0, 1\), got 1/],
      [() => Optimizers.sgd(0.1, { nesterov: true }), /^sgd: momentum is above 0 with nesterov, got 0/],
      [() => Optimizers.adam(0.1, { beta1: 1 }), /beta1 is a number in \[0, 1\), got 1/],
      [() => Optimizers.adam(0.1, { beta2: -0.1 }), /beta2 is a number in \[0, 1\), got -0.1/],
      [() => Optimizers.adam(0.1, { epsilon: NaN }), /^adam: epsilon is a finite number of at least 0, got NaN/],
      [() => Optimizers.rmsProp(-1), /at least 0, got -1/],
      [() => Optimizers.rmsProp(0.1, { decay: 1 }), /decay is a number in \[0, 1\), got 1/],
      [() => Optimizers.rmsProp(0.1, { momentum: 1 }), /momentum is a number in \[0, 1\), got 1/],
      [() => Optimizers.scaleByRms({ epsilon: -1 }), /^scaleByRms: epsilon is a finite number of at least 0, got -1/],
      [() => Optimizers.adamW(0.1, { weightDecay: -1 }), /weightDecay is a finite number of at least 0, got -1/],
      [() => Optimizers.addDecayedWeights(Infinity), /weightDecay is a finite number of at least 0, got Infinity/],
      [() => Optimizers.clipByGlobalNorm(0), /^clipByGlobalNorm: max is a finite number above 0, got 0/],
      [() => Optimizers.clipByValue(-1), /^clipByValue: limit is a finite number above 0, got -1/],
      [() => Optimizers.clipByValue(Infinity), /^clipByValue: limit is a finite number above 0, got Infinity/],
      [
        () => Optimizers.adamW(0.1, { epsilon: Infinity }),
        /^adamW: epsilon is a finite number of at least 0, got Infinity/
      ],
      [() => Optimizers.rmsProp(0.1, { epsilon: Infinity }), /^rmsProp: epsilon is a finite number of at least 0/],
      [() => Optimizers.scale(NaN), /^scale: factor is a finite number, got NaN/],
      [() => Optimizers.scale(-Infinity), /^scale: factor is a finite number, got -Infinity/],
      [
        () => Optimizers.adjustable(Optimizers.sgd, NaN),
        /^adjustable: initial is a finite number of at least 0, got NaN/
      ],
      [() => Optimizers.partition({}), /^partition: groups is a record of at least one transformation, got none/]
    ]
    for (const [make, message] of refused) assert.throws(make, RangeError, message)
  })
})
