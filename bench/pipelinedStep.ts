import { Effect, Stream } from "effect"
import { Datasets, Layers, Pipeline, Train } from "../src/index.ts"
import { training } from "./bareStep.ts"
import { models } from "./models.ts"
import type { SupervisedName } from "./models.ts"

const SHUFFLE = { buffer: 10_000, seed: 7 } as const

// Bytes go to the device as they are; the model scales them there.
const modelFor = (name: SupervisedName, pixels: Datasets.Pixels): Layers.Any =>
  pixels === "uint8" ? Layers.serial(Layers.rescale({ scale: 1 / 255 }), models[name]) : models[name]

/**
 * The steps of a whole training run, one for each time that the effect runs: read and unpack the files, shuffle, batch,
 * epochs, prefetch, train. The run goes on where it stopped, so that it can be measured in turns with others.
 */
export const makePipelinedStep = (model: SupervisedName, directory: string, pixels: Datasets.Pixels, batch: number) =>
  Effect.gen(function*() {
    const { init, step } = training(model, true, modelFor(model, pixels))
    const trainer = yield* Train.make(init, step)
    const { train } = yield* Datasets.mnist({ directory, pixels })
    const pull = yield* train.pipe(
      Pipeline.shuffle(SHUFFLE),
      Pipeline.batch(batch),
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
