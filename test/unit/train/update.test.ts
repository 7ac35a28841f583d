import { assert, layer } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Backend, Key, Losses, Optimizers, Train } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { batches, model } from "../../support/training.ts"

const steps = (made: Optimizers.GradientTransformation, used: Optimizers.GradientTransformation) =>
  Effect.gen(function*() {
    const trainer = yield* Train.make(
      Train.init({ model, optimizer: made, input: [8, 8, 1], key: Key.make(1) }),
      Train.supervised({ model, optimizer: used, loss: Losses.softmaxCrossEntropy })
    )
    return yield* batches.pipe(Stream.take(2), trainer.run, Stream.runDrain)
  }).pipe(Effect.scoped, leavesNoTensor)

layer(Backend.layerWasm)("A step with another optimizer than the state's", (it) => {
  const { adam, rmsProp, sgd } = Optimizers
  for (
    const [name, made, used, message] of [
      [
        "more",
        sgd(0.1),
        adam(0.1),
        /^train step 1, .*: the state is of another optimizer than the step's, which has first\./
      ],
      [
        "less",
        adam(0.1),
        sgd(0.1),
        /^train step 1, .*: the state is of another optimizer than the step's, which has no first\./
      ],
      ["another chain", sgd(0.1, { momentum: 0.9 }), rmsProp(0.1, { momentum: 0.9 }), /which has 0\.second\./]
    ] as const
  ) {
    it.effect(`is refused where it remembers ${name}`, () =>
      Effect.map(Effect.flip(steps(made, used)), (error) => {
        assert.strictEqual(error._tag, "TensorError")
        assert.match(error.message, message)
      }))
  }

  it.effect("is taken where it remembers the same", () => steps(adam(0.1), Optimizers.adamW(0.01)))
})
