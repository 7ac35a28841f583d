import { Stream } from "effect"
import type { Effect } from "effect"
import { Backend, Datasets, Key, Layers, Losses, NdArray, Optimizers, Pipeline, Train, Tree } from "../src/index.ts"
import { training } from "./bareStep.ts"
import { BATCH, batchOf, IMAGE, inputs, LEARNING_RATE } from "./models.ts"

/** A training that goes on for long, whose memory is watched. */
export interface LongRun {
  readonly init: Effect.Effect<Tree.Tree & { readonly step: number }, unknown, Backend.Backend>
  readonly step: Train.Step<
    Tree.Tree & { readonly step: number },
    unknown,
    { readonly loss: number; readonly size: number }
  >
  readonly batches: Stream.Stream<unknown, unknown>
  readonly examples: number
  /** How many MB of memory the backend may take, where that is said. */
  readonly mostWasm?: number
}

const PIXELS = 28 * 28, CLASSES = 10

/** Numbers that follow from each other, below a bound. */
const words = (seed: number, count: number, bound: number): Int32Array => {
  let word = seed
  return Int32Array.from({ length: count }, () => {
    word = Math.imul(word, 1664525) + 1013904223
    return (word >>> 8) % bound
  })
}

/** Noise with a bright bar at the height of the class: new arrays for each example, so that leaks would show. */
const bar = (i: number) => {
  const label = i % CLASSES, data = Float32Array.from(words(i, PIXELS, 2 ** 24), (word) => word * 2 ** -25)
  data.fill(1, label * 2 * 28, (label * 2 + 2) * 28)
  return { x: { data, shape: IMAGE }, y: { data: Int32Array.of(label), shape: SCALAR } }
}
const SCALAR: ReadonlyArray<number> = []

const ofImages = (model: "mlp" | "cnn", examples: number) => (): LongRun => {
  const dataset = Datasets.generate({
    name: "bars",
    shapes: { x: IMAGE, y: SCALAR },
    sizes: { train: examples, test: 0 },
    example: (_, i) => bar(i)
  })
  const batches = dataset.train.pipe(
    Pipeline.shuffle({ buffer: 10_000, seed: 7 }),
    Pipeline.batch(BATCH),
    Pipeline.prefetch(2)
  )
  return { ...training(model, true), batches, examples } as unknown as LongRun
}

/** So many steps of a language model, of characters that are each told by the one before. */
const ofTexts = (steps: number) => (): LongRun => {
  const model = "gptSmall", batch = batchOf(model), shape = [batch, inputs[model][0]!], size = shape[0]! * shape[1]!
  const batches = Stream.map(Stream.range(0, steps - 1), (step) => {
    const x = words(step, size, 65)
    return { x: NdArray.make(x, shape), y: NdArray.make(x.map((word) => (word + 1) % 65), shape), size: batch }
  })
  return { ...training(model, true), batches, examples: steps * batch } as unknown as LongRun
}

/**
 * So many steps of attention over 4,096 others, whose weights, 64 MB for each of two heads, are more than the backend
 * may take.
 */
const ofLongSequences = (steps: number) => (): LongRun => {
  const shape = [1, 4096, 64], size = 4096 * 64, optimizer = Optimizers.adam(LEARNING_RATE)
  const model = Layers.transformerBlock({ features: 64, heads: 2, causal: true })
  const noise = (seed: number) =>
    NdArray.make(Float32Array.from(words(seed, size, 2000), (word) => word / 1000 - 1), shape)
  return {
    init: Train.init({ model, optimizer, input: shape.slice(1), key: Key.make(1) }),
    step: Train.supervised({ model, optimizer, loss: Losses.meanSquaredError }),
    batches: Stream.map(Stream.range(0, steps - 1), (step) => ({ x: noise(step), y: noise(step), size: 1 })),
    examples: steps,
    mostWasm: 128
  } as unknown as LongRun
}

/** The runs by their names: a million examples for the mlp, 10,000 steps for the cnn. */
export const longRuns: { readonly [name: string]: () => LongRun } = {
  mlp: ofImages("mlp", 1_000_000),
  cnn: ofImages("cnn", 640_000),
  gptSmall: ofTexts(2000),
  attention: ofLongSequences(20)
}
