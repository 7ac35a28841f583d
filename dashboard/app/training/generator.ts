import { Effect, Stream } from "effect"
import { Adversarial, Datasets, Key, Metrics, NdArray, Optimizers, Pipeline, Train } from "effect-neuron"
import * as Remote from "effect-neuron/remote"
import { adversarial, RANGE } from "../../../src/cli/gan/config.ts"
import { adamOf, initOf, networksOf, stepOf } from "../../../src/cli/gan/networks.ts"
import { dataOf } from "./data.ts"
import { TEST } from "./definition.ts"
import type { Generator } from "./definition.ts"
import { keeping } from "./keeping.ts"
import { restored, SHUFFLE_BUFFER, withRates } from "./parts.ts"
import type { Kept } from "./parts.ts"

const PROJECTIONS = 50, JUDGING_KEY = Key.make(0)

const flat = ({ data, shape: [n = 0] }: NdArray.NdArray): NdArray.NdArray => NdArray.make(data, [n, data.length / n])

/** The configuration that `effect-neuron gan train --conditional` would have. */
const configOf = ({ batchSize, dataset, learningRate, loss, model, seed }: Generator) =>
  adversarial.complete({
    dataset,
    model: model === "dense" ? "mlp" : "cnn",
    loss,
    conditional: true,
    batchSize,
    generatorLearningRate: learningRate,
    criticLearningRate: learningRate,
    seed
  })

/** The training of a generator of digits that are asked for by their class, against a critic. */
export const generator = (choice: Generator, { checkpoint, run }: Kept) =>
  Effect.gen(function*() {
    const { batchSize, epochs, learningRate, seed } = choice,
      config = configOf(choice),
      { criticSteps, latent } = config
    const data = yield* dataOf(choice)
    const adam = Optimizers.adjustable(adamOf(config), learningRate)
    const networks = { ...networksOf(config), optimizers: { generator: adam, critic: adam } }
    const step = (optimizers: Remote.AdversarialOptimizers) => stepOf(config, { ...networks, optimizers })
    const trainer = yield* Train.make(restored(initOf(config, networks), checkpoint), step(networks.optimizers))
    const { step: taken } = yield* trainer.state

    const real = yield* data.test.pipe(
      Pipeline.batch(TEST),
      Pipeline.normalize({ from: [0, 1], to: RANGE }),
      Stream.runHead,
      Effect.flatMap((first) => Effect.orDie(Effect.fromOption(first)))
    )
    return withRates(Remote.adversarial({
      ...networks,
      trainer,
      checkpoint: keeping(run, trainer),
      step,
      batches: data.train.pipe(
        Pipeline.shuffle({ buffer: SHUFFLE_BUFFER, seed }),
        Pipeline.batch(batchSize, { dropRemainder: true }),
        Pipeline.normalize({ from: [0, 1], to: RANGE }),
        Pipeline.epochs(epochs, { skip: taken * criticSteps, length: Math.floor(data.sizes.train / batchSize) }),
        Pipeline.withNoise(Datasets.noise({ shape: [latent], seed, from: taken * (criticSteps + 1) * batchSize }), {
          criticSteps
        })
      ),
      evaluate: (state) =>
        Effect.map(
          Adversarial.generate(networks, state, {
            count: real.size,
            latent: { shape: [latent] },
            key: JUDGING_KEY,
            y: real.y
          }),
          (made) => ({
            size: real.size,
            metrics: {
              slicedWasserstein: Metrics.slicedWassersteinDistance(flat(made), flat(real.x), {
                key: JUDGING_KEY,
                projections: PROJECTIONS
              })
            }
          })
        )
    }))
  })
