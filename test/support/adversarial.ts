import * as tf from "@tensorflow/tfjs-core"
import { Stream } from "effect"
import { Adversarial, Datasets, Key, Layers, NdArray, Optimizers, Pipeline, Random, Train, Tree } from "effect-neuron"

/**
 * Networks with all that makes resuming hard: dropout, running statistics, two optimizers with momentum, an average.
 */
export const networks = {
  generator: Layers.named({
    hidden: Layers.dense(8),
    norm: Layers.batchNorm(),
    relu: Layers.relu,
    point: Layers.dense(2)
  }),
  critic: Layers.named({
    hidden: Layers.dense(8),
    relu: Layers.leakyRelu(),
    drop: Layers.dropout(0.3),
    score: Layers.dense(1)
  }),
  optimizers: {
    generator: Optimizers.adam(1e-3),
    critic: Optimizers.chain(Optimizers.clipByGlobalNorm(1), Optimizers.adam(2e-3, { beta1: 0.5 }))
  },
  averageDecay: 0.9
}

export const latent = { shape: [3] }

export const init = Adversarial.init({ ...networks, latent, input: [2], key: Key.make(42) })

/** Points around (3, -1), without end. */
export const points = Datasets.noise({ shape: [2], seed: 11 }).pipe(
  Stream.map(({ x }) => ({ x: NdArray.make([3 + 0.5 * x.data[0]!, -1 + 0.5 * x.data[1]!], [2]) }))
)

/** The batches of steps with two updates of the critic each, from the step of a number. */
export const batches = (from = 0) =>
  points.pipe(
    Pipeline.batch(8),
    Stream.drop(2 * from),
    Pipeline.withNoise(Datasets.noise({ ...latent, seed: 12, from: from * 3 * 8 }), { criticSteps: 2 })
  )

/** One batch of normal values for one update of the critic and one of the generator. */
export const randomBatch = (
  size: number,
  noise: ReadonlyArray<number>,
  input: ReadonlyArray<number>,
  criticSteps = 1
): Adversarial.Batch => {
  const draw = (seed: number, shape: ReadonlyArray<number>) =>
    NdArray.make(Random.normal(Key.make(seed), size * shape.reduce((a, b) => a * b, 1)), [size, ...shape])
  return {
    real: Array.from({ length: criticSteps }, (_, i) => ({ x: draw(50 + i, input), size })),
    noise: Array.from({ length: criticSteps + 1 }, (_, i) => draw(70 + i, noise)),
    size: size * criticSteps
  }
}

/** The values of a tree: numbers and tensors by path. */
export const values = (tree: Tree.Tree) => ({
  numbers: Tree.numbers(tree),
  tensors: Tree.entries(tree).map(([path, x]) => [path, Array.from(x.dataSync())] as const)
})

/** A state, and a step, of any two networks. */
// oxlint-disable-next-line typescript/no-explicit-any -- as Layers.Any
export type AnyState = Adversarial.State<any, any, any, any>
export type AnyStep = Train.Step<AnyState, Adversarial.Batch, Adversarial.Measured>

/** What was measured, as numbers; its tensors are disposed. */
export const read = (measured: Adversarial.Measured): { readonly [name: string]: number | boolean } => {
  const numbers = Object.fromEntries(
    Object.entries(measured).map(([name, value]) => [name, value instanceof tf.Tensor ? value.dataSync()[0]! : value])
  )
  for (const value of Object.values(measured)) if (value instanceof tf.Tensor) value.dispose()
  return numbers
}
