import { Effect } from "effect"
import { Key, Losses, Metrics, Pipeline, Train } from "effect-neuron"
import * as Remote from "effect-neuron/remote"
import { dataOf } from "./data.ts"
import type { Classifier } from "./definition.ts"
import { keeping } from "./keeping.ts"
import { IMAGE, modelOf, optimizerOf } from "./models.ts"
import { restored, SHUFFLE_BUFFER, withRates } from "./parts.ts"
import type { Kept } from "./parts.ts"

const EVALUATION_BATCH = 250

/** The training of a classifier, from its beginning or from a checkpoint on. */
export const classifier = (choice: Classifier, { checkpoint, run }: Kept) =>
  Effect.gen(function*() {
    const { batchSize, epochs, seed } = choice
    const data = yield* dataOf(choice)
    const stepsPerEpoch = Math.ceil(data.sizes.train / batchSize)
    const model = modelOf(choice), optimizer = optimizerOf(choice, epochs * stepsPerEpoch)
    const supervision = { model, loss: Losses.softmaxCrossEntropy, metrics: [Metrics.accuracy] } as const
    const init = Train.init({ model, optimizer, input: IMAGE, key: Key.make(seed) })
    const trainer = yield* Train.make(restored(init, checkpoint), Train.supervised({ ...supervision, optimizer }))
    const { step } = yield* trainer.state
    return withRates(Remote.supervised({
      ...supervision,
      trainer,
      checkpoint: keeping(run, trainer),
      batches: data.train.pipe(
        Pipeline.shuffle({ buffer: SHUFFLE_BUFFER, seed }),
        Pipeline.batch(batchSize),
        Pipeline.epochs(epochs, { skip: step, length: stepsPerEpoch })
      ),
      test: data.test.pipe(Pipeline.batch(EVALUATION_BATCH)),
      confusion: true
    }))
  })
