import { Console, Effect, Option, Path } from "effect"
import * as Key from "../../core/Key.ts"
import * as NdArray from "../../core/NdArray.ts"
import { noiseBatch } from "../../datasets/noise.ts"
import { CLASSES } from "../../experiment/digitsNetworks.ts"
import type { GanConfig } from "../../experiment/generator.ts"
import { networksOf } from "../../experiment/generatorNetworks.ts"
import { samplesFolder } from "../../experiment/run/format.ts"
import * as Images from "../../images/index.ts"
import * as Adversarial from "../../train/adversarial/index.ts"
import type { Computing } from "../openRun.ts"
import { UsageError } from "../UsageError.ts"
import { labelsOf, picture, withGenerator } from "./samples.ts"
import type { GeneratorWeights } from "./samples.ts"

/** What `gan sample` is asked for. */
export interface SampleOptions extends Computing {
  readonly run: string
  readonly count: number
  readonly seed: number
  readonly label: Option.Option<number>
  readonly interpolate: boolean
  readonly out: Option.Option<string>
  readonly json: boolean
}

/** Draws images with the generator of a run, by the moving average of its weights, into one picture. */
export const ganSample = (options: SampleOptions) =>
  withGenerator(options.run, options, (config, weights, { file }) =>
    Effect.gen(function*() {
      if (Option.isSome(options.label) && !config.conditional) {
        return yield* new UsageError({
          message:
            `--label ${options.label.value}: ${options.run} knows no classes, it was trained without --conditional`
        })
      }
      const { dirname, join } = yield* Path.Path
      const folder = dirname(file)
      const name = `${options.interpolate ? "interpolation" : "seed"}-${options.seed}.png`
      const out = Option.getOrElse(options.out, () => join(folder, samplesFolder, name))
      const { columns, images } = yield* (options.interpolate ? interpolated : independent)(options, config, weights)
      const { shape } = images
      yield* Images.writePng(out, picture(images, columns))
      const report = { run: options.run, checkpoint: file, out, count: shape[0], columns, seed: options.seed }
      const label = Option.isSome(options.label) ? { label: options.label.value } : {}
      yield* Console.log(
        options.json
          ? JSON.stringify({ ...report, ...label, interpolate: options.interpolate })
          : `${out}: ${shape[0]} images in ${Math.ceil(shape[0]! / columns)} rows, seed ${options.seed}, of ${file}`
      )
    }))

/** Images from noise of their own; without a label, those of a conditional generator go through the classes. */
const independent = (
  { count, label, seed }: SampleOptions,
  config: GanConfig,
  weights: GeneratorWeights
) => {
  const labels = Array.from({ length: count }, (_, i) => Option.getOrElse(label, () => i % CLASSES))
  const y = config.conditional ? { y: labelsOf(labels) } : {}
  const columns = config.conditional && Option.isNone(label) ? CLASSES : Math.ceil(Math.sqrt(count))
  return Effect.map(
    Adversarial.generate(networksOf(config), weights, {
      ...{ count, latent: { shape: [config.latent] }, key: Key.make(seed) },
      ...y
    }),
    (images) => ({ images, columns })
  )
}

/** Rows of images, each from one point of the noise to another; about as many images as are asked for. */
const interpolated = (
  { count, label, seed }: SampleOptions,
  config: GanConfig,
  weights: GeneratorWeights
) => {
  const columns = Math.max(2, Math.ceil(Math.sqrt(count))), rows = Math.max(1, Math.round(count / columns))
  const shape = [config.latent], ends = noiseBatch({ shape }, 2 * rows, Key.make(seed)).data
  const end = (i: number) => ({ data: ends.subarray(i * config.latent, (i + 1) * config.latent), shape })
  const networks = networksOf(config)
  const row = (i: number) => {
    const labels = Array.from({ length: columns }, () => Option.getOrElse(label, () => i % CLASSES))
    return Adversarial.interpolate(networks, weights, {
      ...{ from: end(2 * i), to: end(2 * i + 1), steps: columns },
      ...(config.conditional ? { y: labelsOf(labels) } : {})
    })
  }
  return Effect.map(Effect.forEach(Array.from({ length: rows }, (_, i) => i), row), (all) => {
    const data = Float32Array.from(all.flatMap(({ data }) => Array.from(data)))
    return { images: NdArray.make(data, [rows * columns, ...all[0]!.shape.slice(1)]), columns }
  })
}
