import { Effect, Stream } from "effect"
import type { FileSystem, Path } from "effect"
import type { DataError } from "../../core/errors.ts"
import * as Key from "../../core/Key.ts"
import * as NdArray from "../../core/NdArray.ts"
import { CLASSES, partsOf } from "../../experiment/digitsNetworks.ts"
import type { ByLayer, Classifier } from "../../experiment/digitsNetworks.ts"
import { RANGE } from "../../experiment/generator.ts"
import type { GanConfig } from "../../experiment/generator.ts"
import { networksOf } from "../../experiment/generatorNetworks.ts"
import type { Opened } from "../../experiment/index.ts"
import * as Metrics from "../../metrics/index.ts"
import * as Pipeline from "../../pipeline/index.ts"
import * as Adversarial from "../../train/adversarial/index.ts"
import * as Train from "../../train/index.ts"
import { load } from "../openRun.ts"
import { UsageError } from "../UsageError.ts"
import { labelsOf } from "./samples.ts"
import type { GeneratorWeights } from "./samples.ts"

const BATCH = 250

/** How good generated images are, by what a classifier of real ones sees in them. */
export type Judgment = Metrics.ClassDistribution & {
  /** The number of generated images. */
  readonly images: number
  /** The distance of the classifier's features from those of every other test image. */
  readonly frechetDistance: number
  /** The same of as many of the remaining test images as there are generated ones: what real images get. */
  readonly frechetFloor: number
  /** The share of images in which the classifier sees the class that was asked for, of conditional networks. */
  readonly asAsked?: number
}

/** What is judged: the images of an experiment, from the noise of a seed, and who judges them. */
export interface JudgeOptions {
  /** The run folder of `effect-neuron train`. */
  readonly classifier: string
  readonly config: GanConfig
  readonly opened: Pick<Opened<FileSystem.FileSystem | Path.Path>, "examples">
  readonly images: number
  /** The seed of the noise, by default that of the run. */
  readonly seed?: number
}

/** The bytes that a picture of generated images has, which are also what a classifier takes. */
const toBytes = ({ data, shape }: NdArray.NdArray): NdArray.NdArray => {
  const [low, high] = RANGE, bytes = new Uint8Array(data.length)
  // `Uint8Array.from` with a function asks an iterator for each of them, which takes twenty times as long.
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.round((data[i]! - low) / (high - low) * 255)
  return { data: bytes, shape }
}

const rows = ({ data, shape: [, width = 0] }: NdArray.NdArray, indices: ReadonlyArray<number>): NdArray.NdArray => {
  const chosen = new Float32Array(indices.length * width)
  indices.forEach((row, i) => chosen.set(data.subarray(row * width, (row + 1) * width), i * width))
  return NdArray.make(chosen, [indices.length, width])
}

const collect = <E, R>(stream: Stream.Stream<NdArray.NdArray, E, R>) =>
  Effect.map(Stream.runCollect(stream), NdArray.concat)

/** The numbers `0` to `n - 1` that are `count` steps of equal length apart. */
const spread = (n: number, count: number) => Array.from({ length: count }, (_, i) => Math.floor(i * n / count))

/**
 * A judge of the images of a run, for as long as a scope is open. It compares with the test images of even index; the
 * others say what distance real images have. In turns, because the second half of MNIST's test set was written by other
 * people than the first; and as many as the generated ones, because the distance of a smaller set is larger.
 */
export const openJudge = ({ classifier, config, images, opened, seed = config.seed }: JudgeOptions) =>
  Effect.gen(function*() {
    const { experiment: { name }, reference, state } = yield* load(classifier)
    if (name !== config.dataset) {
      return yield* new UsageError({
        message: `--classifier ${classifier}: expected one that was trained on ${config.dataset}, found one of ${name}`
      })
    }
    const { body, head } = partsOf(reference.config["model"] as Classifier)
    const weights = state as unknown as Train.Weights<ByLayer, ByLayer>, networks = networksOf(config)
    const ofHead = { params: weights.params["head"]!, state: weights.state["head"]! }
    const featuresOf = <E, R>(batches: Stream.Stream<{ readonly x: NdArray.NdArray }, E, R>) =>
      collect(Train.predict(batches, body, weights))
    const test = opened.examples("test") as Stream.Stream<
      { readonly x: NdArray.NdArray },
      DataError,
      FileSystem.FileSystem | Path.Path
    >

    const real = yield* featuresOf(test.pipe(Pipeline.batch(BATCH))), [n = 0] = real.shape
    if (n < 4) {
      return yield* new UsageError({
        message: `--classifier: expected at least 4 test images to compare with, got ${n}`
      })
    }
    const half = Math.floor(n / 2), others = spread(half, Math.min(images, half)).map((i) => 2 * i + 1)
    const distance = Metrics.frechetDistanceTo(rows(real, spread(n - half, n - half).map((i) => 2 * i)))
    const frechetFloor = distance(rows(real, others))

    // The noise of training folds small numbers into the key of the seed, that of the pictures the number before it.
    const key = Key.fold(Key.make(seed), 0xffff_fffe), latent = { shape: [config.latent] }
    const labels = Array.from({ length: images }, (_, i) => i % CLASSES)
    const drawn = (weights: GeneratorWeights) =>
      Stream.range(0, Math.ceil(images / BATCH) - 1).pipe(
        Stream.mapEffect((batch) => {
          const asked = labels.slice(batch * BATCH, (batch + 1) * BATCH)
          return Adversarial.generate(networks, weights, {
            ...{ count: asked.length, latent, key: Key.fold(key, batch) },
            ...(config.conditional ? { y: labelsOf(asked) } : {})
          })
        }),
        Stream.map((images) => ({ x: toBytes(images) }))
      )
    return (weights: GeneratorWeights) =>
      Effect.gen(function*() {
        const features = yield* featuresOf(drawn(weights))
        const logits = yield* collect(Train.predict(Stream.make({ x: features }), head, ofHead))
        const asAsked = config.conditional
          ? { asAsked: Metrics.confusionMatrix(logits, labelsOf(labels)).accuracy }
          : {}
        const judgment: Judgment = {
          ...{ images, frechetDistance: distance(features), frechetFloor },
          ...Metrics.classDistribution(logits),
          ...asAsked
        }
        return judgment
      })
  })

/** A judgment in one line. */
export const describe = ({ asAsked, confidence, counts, frechetDistance, frechetFloor, present }: Judgment): string =>
  [
    `Fréchet distance ${frechetDistance.toFixed(2)} (real images ${frechetFloor.toFixed(2)})`,
    `${present} of ${counts.length} classes`,
    `confidence ${confidence.toFixed(3)}`,
    ...(asAsked === undefined ? [] : [`${(100 * asAsked).toFixed(1)} % as asked`])
  ].join("  ")
