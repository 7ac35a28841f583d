import { Effect, Stream } from "effect"
import { Datasets, Pipeline, Train } from "../src/index.ts"
import type { Layers, Tree } from "../src/index.ts"
import { training } from "./bareStep.ts"
import { BATCH } from "./models.ts"

/**
 * The steps of a whole training run, one for each time that the effect runs: read and unpack the files, shuffle, batch,
 * epochs, prefetch, train. The run goes on where it stopped, so that it can be measured in turns with others.
 */
export const makePipelinedStep = <P extends Tree.Tree, S extends Tree.Tree>(
  model: Layers.Layer<P, S>,
  directory: string
) =>
  Effect.gen(function*() {
    const started = performance.now()
    const { init, step } = training(model, true)
    const dataset = yield* Datasets.mnist({ directory })
    const trainer = yield* Train.make(init, step)
    const pull = yield* dataset.train.pipe(
      Pipeline.shuffle({ buffer: 10_000, seed: 7 }),
      Pipeline.batch(BATCH),
      Pipeline.epochs(Infinity),
      Pipeline.prefetch(2),
      trainer.run,
      Stream.toPull
    )
    const position = { epoch: 0, startup: 0 }
    // A trainer emits one element per step, each in a chunk of its own.
    const next = Effect.map(pull, ([metrics]) => {
      position.epoch = metrics.epoch
    })
    yield* next
    position.startup = performance.now() - started
    return { next, position }
  })
