import { Effect } from "effect"
import * as NdArray from "../../core/NdArray.ts"
import type { ByLayer } from "../../experiment/digitsNetworks.ts"
import { complete, RANGE } from "../../experiment/generator.ts"
import type { GanConfig, GeneratorConfig } from "../../experiment/generator.ts"
import * as Images from "../../images/index.ts"
import type * as Adversarial from "../../train/adversarial/index.ts"
import { withRun } from "../openRun.ts"
import type { Computing, Loaded } from "../openRun.ts"
import { UsageError } from "../UsageError.ts"

/** What a trained generator draws with. */
export type GeneratorWeights = Adversarial.GeneratorWeights<ByLayer, ByLayer>

/** Loads a run of the generator, uses it, and frees it. */
export const withGenerator = <A, E, R>(
  run: string,
  computing: Computing,
  use: (config: GanConfig, weights: GeneratorWeights, loaded: Loaded) => Effect.Effect<A, E, R>
) =>
  withRun(run, computing, (loaded): Effect.Effect<A, E | UsageError, R> => {
    const { experiment: { name }, reference, state } = loaded
    if (name !== "generator") {
      return Effect.fail(
        new UsageError({ message: `${run}: expected a run of the generator, found one of ${name}` })
      )
    }
    const config = complete(reference.config as unknown as GeneratorConfig)
    return use(config, state as unknown as GeneratorWeights, loaded)
  })

/** Classes as a conditional generator takes them. */
export const labelsOf = (labels: ReadonlyArray<number>) => NdArray.make(Int32Array.from(labels), [labels.length])

/** Images in a grid, as a picture. */
export const picture = (images: NdArray.NdArray, columns: number) => Images.grid(images, { columns, range: RANGE })
