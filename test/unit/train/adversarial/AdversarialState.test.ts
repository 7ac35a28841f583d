import { assert, layer } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Adversarial, Backend, Key, Layers, Tree } from "effect-neuron"
import { networks } from "../../../support/adversarial.ts"
import { leavesNoTensor } from "../../../support/backend.ts"

layer(Backend.layerWasm)("Adversarial.init", (it) => {
  it.effect("says which of the networks does not fit, and leaves no tensor", () =>
    Effect.gen(function*() {
      const message = (generator: Layers.Any, critic: Layers.Any) =>
        Effect.map(
          Effect.flip(Adversarial.init({
            generator,
            critic,
            optimizers: networks.optimizers,
            latent: { shape: [3] },
            input: [2],
            key: Key.make(1)
          })),
          (error) => [error._tag, error.message]
        )
      const one = Layers.dense(1), two = Layers.dense(2)
      const refusing = Layers.stateless<Layers.Empty>({
        name: "refusing",
        init: () => Layers.mismatch("refusing", "something else", [2]),
        apply: (_, x) => x
      })
      assert.deepStrictEqual(yield* message(Layers.dense(3), one), [
        "ShapeError",
        "generator expects to make examples of [2], got [3]"
      ])
      assert.deepStrictEqual(yield* message(two, two), [
        "ShapeError",
        "critic expects to give one number for an example, got [2]"
      ])
      assert.deepStrictEqual(yield* message(Layers.named({ a: two, b: refusing }), one), [
        "ShapeError",
        "generator.b (refusing) expects something else, got [2]"
      ])
      assert.deepStrictEqual(yield* message(two, Layers.named({ a: refusing, b: one })), [
        "ShapeError",
        "critic.a (refusing) expects something else, got [2]"
      ])
      const whole = yield* Adversarial.init({
        generator: two,
        critic: Layers.stateless<Layers.Empty>({
          name: "sum",
          init: () => Result.succeed({ params: {}, output: [] }),
          apply: (_, x) => tf.sum(x, 1)
        }),
        optimizers: networks.optimizers,
        latent: { shape: [3] },
        input: [2],
        key: Key.make(1)
      })
      assert.deepStrictEqual([whole.step, whole.generator.params.kernel.shape], [0, [3, 2]])
      Tree.disposeExcept(whole)
    }).pipe(leavesNoTensor))
})
