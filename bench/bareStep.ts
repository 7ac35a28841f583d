import { Effect, Stream } from "effect"
import { Backend, Key, Metrics, Optimizers, Train, Tree } from "../src/index.ts"
import type { Layers } from "../src/index.ts"
import { criticTraining } from "./critic.ts"
import { fixedBatch, inputs, LEARNING_RATE, losses, models } from "./models.ts"
import type { ModelName, SupervisedName } from "./models.ts"

/** The training of a model that every measurement here uses. */
export const training = (name: SupervisedName, accuracy: boolean, model: Layers.Any = models[name]) => {
  const optimizer = Optimizers.adam(LEARNING_RATE)
  return {
    init: Train.init({ model, optimizer, input: inputs[name], key: Key.make(1) }),
    step: Train.supervised({
      model,
      optimizer,
      loss: losses[name],
      metrics: accuracy ? [Metrics.accuracy] : []
    })
  }
}

/** What any training comes down to here; the types of its state and of its batch have served by then. */
interface Training {
  readonly init: Effect.Effect<Tree.Tree & { readonly step: number }, unknown, Backend.Backend>
  readonly step: Train.Step<Tree.Tree & { readonly step: number }, unknown, { readonly size: number }>
  readonly arrays: unknown
}

const trainingOf = (name: ModelName, batch: number, accuracy: boolean): Training =>
  (name === "critic"
    ? criticTraining(batch)
    : { ...training(name, accuracy), arrays: fixedBatch(name, batch) }) as unknown as Training

/**
 * One step on the same batch of host arrays, again and again: upload, step, reading of what it measured, and disposal
 * of the old state, as a trainer does it, but without streams.
 */
export const makeBareStep = (name: ModelName, batch: number, accuracy: boolean) =>
  Effect.gen(function*() {
    const { arrays, init, step } = trainingOf(name, batch, accuracy)
    const cell = yield* Effect.acquireRelease(
      Effect.map(init, (state) => ({ state })),
      ({ state }) => Effect.sync(() => Tree.disposeExcept(state))
    )
    return Effect.map(Effect.suspend(() => step(cell.state, arrays)), ([next, measured]) => {
      for (const value of Object.values(measured)) {
        if (!Tree.isTensor(value)) continue
        value.dataSync()
        value.dispose()
      }
      Tree.disposeExcept(cell.state, next)
      cell.state = next
    })
  })

/** The same step as a program takes it: a trainer over a stream of batches, with the loss read back as a number. */
export const makeTrainerStep = (name: ModelName, batch: number) =>
  Effect.gen(function*() {
    const { arrays, init, step } = trainingOf(name, batch, false)
    const trainer = yield* Train.make(init, step)
    return yield* Stream.toPull(trainer.run(Stream.fromEffectRepeat(Effect.succeed(arrays))))
  })
