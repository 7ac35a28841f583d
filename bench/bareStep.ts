import { Effect } from "effect"
import { Key, Losses, Metrics, Optimizers, Train, Tree } from "../src/index.ts"
import type { Layers } from "../src/index.ts"
import { fixedBatch, IMAGE, LEARNING_RATE, models } from "./models.ts"
import type { ModelName } from "./models.ts"

/** The training of a model that every measurement here uses. */
export const training = (name: ModelName, accuracy: boolean, model: Layers.Any = models[name]) => {
  const optimizer = Optimizers.adam(LEARNING_RATE)
  return {
    init: Train.init({ model, optimizer, input: IMAGE, key: Key.make(1) }),
    step: Train.supervised({
      model,
      optimizer,
      loss: Losses.softmaxCrossEntropy,
      metrics: accuracy ? [Metrics.accuracy] : []
    })
  }
}

/**
 * One step on the same batch of host arrays, again and again: upload, step, reading of what it measured, and disposal
 * of the old state, as a trainer does it, but without streams.
 */
export const makeBareStep = (name: ModelName, accuracy: boolean) =>
  Effect.gen(function*() {
    const { init, step } = training(name, accuracy)
    const cell = yield* Effect.acquireRelease(
      Effect.map(init, (state) => ({ state })),
      ({ state }) => Effect.sync(() => Tree.disposeExcept(state))
    )
    return Effect.map(Effect.suspend(() => step(cell.state, fixedBatch)), ([next, measured]) => {
      for (const value of Object.values(measured)) {
        if (!Tree.isTensor(value)) continue
        value.dataSync()
        value.dispose()
      }
      Tree.disposeExcept(cell.state, next)
      cell.state = next
    })
  })
