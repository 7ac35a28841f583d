import { Effect, FileSystem, Path } from "effect"
import { fileError } from "../../core/files.ts"
import * as Key from "../../core/Key.ts"
import * as NdArray from "../../core/NdArray.ts"
import { sampleName, samplesFolder } from "../../experiment/run/format.ts"
import * as Images from "../../images/index.ts"
import * as Adversarial from "../../train/adversarial/index.ts"
import { CLASSES } from "../models.ts"
import type { ByLayer } from "../models.ts"
import { RANGE } from "./config.ts"
import type { GanConfig } from "./config.ts"
import { initOf, networksOf } from "./networks.ts"
import type { Networks } from "./networks.ts"

/** What a trained generator draws with. */
export type GeneratorWeights = Adversarial.GeneratorWeights<ByLayer, ByLayer>

/** What is loaded of a run to draw with. */
export const generatorOf = {
  init: (config: GanConfig) => initOf(config, networksOf(config)),
  part: (
    { average, generator: { state } }: Adversarial.State<ByLayer, ByLayer, ByLayer, ByLayer>
  ): GeneratorWeights => ({ average, generator: { state } })
}

/** Classes as a conditional generator takes them. */
export const labelsOf = (labels: ReadonlyArray<number>) => NdArray.make(Int32Array.from(labels), [labels.length])

/** Images in a grid, as a picture. */
export const picture = (images: NdArray.NdArray, columns: number) => Images.grid(images, { columns, range: RANGE })

const ROWS = 8

/**
 * A picture of samples, and whether its file was not there before: a run that is gone on with draws its last one again.
 */
export interface Painted {
  readonly picture: NdArray.NdArray
  readonly isNew: boolean
}

/**
 * Writes grids of what the generator draws, always from the same noise; the columns of conditional ones are classes.
 */
export const sampleWriter = (
  folder: string,
  { conditional, latent, seed }: GanConfig,
  networks: Networks,
  trainer: { readonly state: Effect.Effect<GeneratorWeights> }
) => {
  const columns = conditional ? CLASSES : ROWS, count = ROWS * columns
  // The noise of training folds small numbers into the key of the seed.
  const request = { count, latent: { shape: [latent] }, key: Key.fold(Key.make(seed), 0xffff_ffff) }
  const y = conditional ? { y: labelsOf(Array.from({ length: count }, (_, i) => i % CLASSES)) } : {}
  return (step: number) =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem, { join } = yield* Path.Path
      const images = yield* Adversarial.generate(networks, yield* trainer.state, { ...request, ...y })
      const path = join(folder, samplesFolder, sampleName(step))
      const painted: Painted = {
        picture: picture(images, columns),
        isNew: !(yield* Effect.mapError(files.exists(path), fileError(path, "a file to write")))
      }
      yield* Images.writePng(path, painted.picture)
      return painted
    })
}
