import { Effect, Option } from "effect"
import type { FileSystem, Path } from "effect"
import { complete } from "../../experiment/generator.ts"
import type { GeneratorConfig } from "../../experiment/generator.ts"
import type { Opened, State } from "../../experiment/index.ts"
import { anyImages } from "../anyImages.ts"
import { known } from "../findExperiment.ts"
import { sayer } from "../progress.ts"
import { newPlan, resumePlan } from "../runPlan.ts"
import type { Plan, TrainOptions } from "../runPlan.ts"
import { trainPlan } from "../train.ts"
import { describe, openJudge } from "./judge.ts"
import type { GeneratorWeights } from "./samples.ts"

const JUDGED = 1000

/** What `gan train` is asked for. */
export type GanTrainOptions = TrainOptions & {
  readonly sampleEvery: number
  /** A run folder of `effect-neuron train`, whose model judges the images. */
  readonly classifier: Option.Option<string>
}

/** Trains the generator, with a classifier that judges what it draws if there is one. */
export const ganTrain = (options: GanTrainOptions) =>
  Effect.gen(function*() {
    const plan = yield* Option.match(options.resume, {
      onNone: () =>
        Effect.gen(function*() {
          const { loss = "non-saturating", ...asked } = options.config as Partial<GeneratorConfig>
          const dataset = asked.dataset ?? (yield* anyImages(sayer(options.json)))
          const config = { ...options.config, dataset }
          return yield* newPlan({ experiment: known["generator"]! }, { ...options, config }, `${dataset}-${loss}`)
        }),
      onSome: (path) => resumePlan(path, "generator", options)
    })
    yield* trainPlan(plan, {
      ...options,
      ...Option.match(options.classifier, {
        onNone: () => ({}),
        onSome: (classifier) => ({ openJudge: judging(plan, classifier) })
      })
    })
  })

const judging =
  ({ reference }: Plan, classifier: string) => (opened: Pick<Opened<FileSystem.FileSystem | Path.Path>, "examples">) =>
    Effect.gen(function*() {
      const config = complete(reference.config as unknown as GeneratorConfig)
      const judge = yield* openJudge({ classifier, config, opened, images: JUDGED })
      return (state: State) =>
        Effect.map(judge(state as unknown as GeneratorWeights), (judgment) => ({
          figures: judgment,
          line: describe(judgment)
        }))
    })
