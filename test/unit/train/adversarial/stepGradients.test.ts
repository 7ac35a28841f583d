import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Adversarial, Key, Layers, Optimizers, Tree } from "effect-neuron"
import type { Shape } from "effect-neuron"
import { randomBatch, read } from "../../../support/adversarial.ts"
import type { AnyState, AnyStep } from "../../../support/adversarial.ts"
import { backends, leavesNoTensor } from "../../../support/backend.ts"
import { randomTensor } from "../../../support/numbers.ts"

// Plain gradient descent at rate 1 moves parameters by minus their gradient. The other network stands still.
const descends = { critic: Optimizers.sgd(1), generator: Optimizers.sgd(0) }
const ascends = { critic: Optimizers.sgd(0), generator: Optimizers.sgd(1) }

/** What a step reports as the loss of one network. */
const lossOf = (step: AnyStep, who: "critic" | "generator", state: AnyState, batch: Adversarial.Batch) =>
  Effect.map(step(state, batch), ([next, measured]) => {
    Tree.disposeExcept(next, state)
    return read(measured)[`${who}Loss`] as number
  })

/**
 * Compares what one step does to the parameters of a network with central differences of the loss that the same step,
 * on the same batch with the same key, reports at parameters moved along a random direction, for each tensor of them.
 * Errors are in units of the length of the gradient. The penalty of a critic with relu or max pooling jumps where a
 * unit changes sides, so that two points must be on one side of all of them: the best of several widths counts. At the
 * narrowest one, float32 gives the difference of losses around 1 to about 1e-3.
 */
const check = (step: AnyStep, who: "critic" | "generator", state: AnyState, batch: Adversarial.Batch) =>
  Effect.gen(function*() {
    const [next, measured] = yield* step(state, batch)
    read(measured)
    const before = state[who].params, after = new Map(Tree.entries(next[who].params))
    for (const [i, [path, x]] of Tree.entries(before).entries()) {
      const moved = tf.tidy(() => tf.sub(x, after.get(path)!)), direction = randomTensor(200 + i, x.shape)
      const [slope, length] = tf.tidy(() => [
        tf.sum(tf.mul(moved, direction)).dataSync()[0]!,
        tf.norm(moved).dataSync()[0]!
      ])
      const at = (width: number) =>
        Effect.gen(function*() {
          const params = tf.tidy(() =>
            Tree.map(before, (x, at) => at === path ? tf.add(x, tf.mul(direction, width)) : tf.clone(x))
          )
          const loss = yield* lossOf(step, who, { ...state, [who]: { ...state[who], params } }, batch)
          Tree.disposeExcept(params)
          return loss
        })
      let best = Infinity, difference = NaN
      for (const width of [1e-2, 2e-3, 4e-4, 1e-4]) {
        difference = ((yield* at(width)) - (yield* at(-width))) / (2 * width)
        best = Math.min(best, Math.abs(difference - slope) / Math.max(length, 0.05))
        if (best < 5e-3) break
      }
      if (!(best < 5e-3)) {
        assert.fail(
          `${who} ${path}: off by ${best.toExponential(1)}, moved ${slope}, expected ${difference}, of ${length}`
        )
      }
      tf.dispose([moved, direction])
    }
    Tree.disposeExcept(next, state)
  })

const points: Shape.Known = [3], images: Shape.Known = [6, 6, 2]

const dense = (activation: Layers.Any, ...more: ReadonlyArray<Layers.Any>): Layers.Any =>
  Layers.serial(Layers.dense(6), activation, ...more, Layers.dense(5), activation, Layers.dense(1))

const convolutions = (activation: Layers.Any, ...more: ReadonlyArray<Layers.Any>): Layers.Any =>
  Layers.serial(
    Layers.conv2d({ filters: 3, kernelSize: 3, strides: 2 }),
    activation,
    ...more,
    Layers.conv2d({ filters: 2, kernelSize: 2, strides: 2 }),
    activation,
    Layers.flatten,
    Layers.dense(1)
  )

// A kernel of max pooling gives its gradient, but it has none itself: the second order goes through the places of
// maxima.
const pooling: Layers.Any = Layers.serial(
  Layers.conv2d({ filters: 3, kernelSize: 3 }),
  Layers.tanh,
  Layers.maxPool2d(2),
  Layers.conv2d({ filters: 2, kernelSize: 2 }),
  Layers.tanh,
  Layers.maxPool2d({ poolSize: 2, strides: 1 }),
  Layers.flatten,
  Layers.dense(1)
)

const critics: ReadonlyArray<readonly [name: string, critic: Layers.Any, input: Shape.Known]> = [
  ["dense layers and relu", dense(Layers.relu), points],
  ["dense layers and leakyRelu", dense(Layers.leakyRelu()), points],
  ["dense layers and tanh", dense(Layers.tanh), points],
  ["dense layers, layerNorm and tanh", dense(Layers.tanh, Layers.layerNorm()), points],
  ["dense layers, dropout and tanh", dense(Layers.tanh, Layers.dropout(0.3)), points],
  ["convolutions of stride 2 and relu", convolutions(Layers.relu), images],
  ["convolutions of stride 2 and leakyRelu", convolutions(Layers.leakyRelu()), images],
  ["convolutions of stride 2 and tanh", convolutions(Layers.tanh), images],
  ["convolutions of stride 2, layerNorm and leakyRelu", convolutions(Layers.leakyRelu(), Layers.layerNorm()), images],
  ["convolutions, tanh and maxPool2d", pooling, images]
]

const maker = (input: Shape.Known): Layers.Any =>
  Layers.serial(Layers.dense(5), Layers.tanh, Layers.dense(input.reduce((a, b) => a * b, 1)), Layers.reshape(input))

/** Runs a check on a first state of two networks, with a batch of 3. */
const checking = (
  make: (networks: { readonly generator: Layers.Any; readonly critic: Layers.Any }) => AnyStep,
  who: "critic" | "generator",
  critic: Layers.Any,
  input: Shape.Known
) =>
  Effect.gen(function*() {
    const networks = { generator: maker(input), critic }
    const optimizers = who === "critic" ? descends : ascends
    const state: AnyState = yield* Adversarial.init({
      ...networks,
      optimizers,
      latent: { shape: [2] },
      input,
      key: Key.make(3)
    })
    yield* check(make(networks), who, state, randomBatch(3, [2], input))
    Tree.disposeExcept(state)
  }).pipe(leavesNoTensor)

for (const [backend, backendLayer] of backends) {
  describe(`a step of plain gradient descent on ${backend}`, () => {
    for (const [name, critic, input] of critics) {
      for (const oneSided of [false, true]) {
        // One kind of critic is enough to tell the two penalties apart.
        if (oneSided && name !== "dense layers and tanh") continue
        it.effect(`moves a critic of ${name} down its loss with the penalty${oneSided ? ", one-sided" : ""}`, () =>
          checking(
            (networks) => Adversarial.wganGp({ ...networks, optimizers: descends, lambda: 2, oneSided }),
            "critic",
            critic,
            input
          ).pipe(Effect.provide(backendLayer)))
      }
    }

    for (const loss of [Adversarial.nonSaturating, Adversarial.leastSquares, Adversarial.hinge]) {
      const critic = dense(Layers.tanh)
      it.effect(`moves a critic down its loss ${loss.name}`, () => {
        const labels = loss.labeled ? { labels: { real: 0.9, fake: 0.1, noise: 0.2 } } : {}
        return checking(
          (networks) => Adversarial.gan({ ...networks, optimizers: descends, loss, ...labels }),
          "critic",
          critic,
          points
        ).pipe(Effect.provide(backendLayer))
      })

      it.effect(`moves a generator down its loss ${loss.name}`, () =>
        checking(
          (networks) => Adversarial.gan({ ...networks, optimizers: ascends, loss }),
          "generator",
          critic,
          points
        ).pipe(Effect.provide(backendLayer)))
    }

    it.effect("moves a generator up the score of a critic with a penalty, through its convolutions", () =>
      checking(
        (networks) => Adversarial.wganGp({ ...networks, optimizers: ascends }),
        "generator",
        convolutions(Layers.leakyRelu()),
        images
      ).pipe(Effect.provide(backendLayer)))
  })
}
