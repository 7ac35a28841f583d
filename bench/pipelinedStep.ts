import { Effect, Stream } from "effect"
import { Datasets, Pipeline, Train } from "../src/index.ts"
import { training } from "./bareStep.ts"
import { BATCH } from "./models.ts"
import type { ModelName } from "./models.ts"

const SHUFFLE = { buffer: 10_000, seed: 7 } as const

const batches = (directory: string, pixels: Datasets.Pixels) =>
  Effect.map(Datasets.mnist({ directory, pixels }), ({ train }) => {
    const batched = train.pipe(Pipeline.shuffle(SHUFFLE), Pipeline.batch(BATCH))
    return pixels === "uint8" ? Pipeline.normalize()(batched) : batched
  })

/**
 * The steps of a whole training run, one for each time that the effect runs: read and unpack the files, shuffle, batch,
 * epochs, prefetch, train. The run goes on where it stopped, so that it can be measured in turns with others.
 */
export const makePipelinedStep = (model: ModelName, directory: string, pixels: Datasets.Pixels) =>
  Effect.gen(function*() {
    const { init, step } = training(model, true)
    const trainer = yield* Train.make(init, step)
    const pull = yield* (yield* batches(directory, pixels)).pipe(
      Pipeline.epochs(Infinity),
      Pipeline.prefetch(2),
      trainer.run,
      Stream.toPull
    )
    const position = { epoch: 0 }
    // A trainer emits one element per step, each in a chunk of its own.
    const next = Effect.map(pull, ([metrics]) => {
      position.epoch = metrics.epoch
    })
    return { next, position }
  })
