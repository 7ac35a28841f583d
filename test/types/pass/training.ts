import { Effect, Stream } from "effect"
import {
  Adversarial,
  Datasets,
  Key,
  Layers,
  Losses,
  Metrics,
  NdArray,
  Optimizers,
  Pipeline,
  Train
} from "effect-neuron"

// Declarations of what training is made of can be written, without a type at hand.
export const model = Layers.named({ hidden: Layers.dense(8), relu: Layers.relu, head: Layers.dense(2) })
export const optimizer = Optimizers.chain(Optimizers.clipByGlobalNorm(1), Optimizers.adam(1e-3))
export const supervision = {
  model,
  loss: Losses.softmaxCrossEntropy,
  metrics: [Metrics.accuracy, Metrics.auc()]
} as const
export const init = Train.init({ model, optimizer, input: [4], key: Key.make(1) })
export const step = Train.supervised({ ...supervision, optimizer })
export const trainer = Train.make(init, step)
export const averaging = Train.make(Train.withAverage(init), Train.averaging(step, { decay: 0.99 }))
export const averaged = Effect.map(averaging, (made) => Train.averageOf(made))
export const gradients = Train.gradients(supervision)

export const batches = Stream.make({ x: NdArray.make([1, 2, 3, 4], [4]), y: NdArray.make([1], []) }).pipe(
  Pipeline.batch(1)
)
export const lowered = Effect.flatMap(trainer, (made) => made.modify(Optimizers.setLearningRate(0.1)))
export const trained = Effect.gen(function*() {
  const made = yield* trainer
  const steps = yield* batches.pipe(Pipeline.epochs(2), made.run, Stream.runCollect)
  return { steps, weights: yield* made.state, tested: yield* batches.pipe(Train.evaluate(supervision, made)) }
})

export const noisy = Pipeline.withNoise(batches, Datasets.noise({ shape: [8], seed: 1 }), { criticSteps: 2 })
export const networks = {
  generator: Layers.dense(4),
  critic: Layers.dense(1),
  optimizers: { generator: Optimizers.adam(1e-3), critic: Optimizers.adam(1e-3) }
}
export const adversaries = Adversarial.init({ ...networks, latent: { shape: [8] }, input: [4], key: Key.make(1) })
export const generating = Train.make(adversaries, Adversarial.gan(networks))
