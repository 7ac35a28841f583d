import { DateTime, Effect, Option, Path } from "effect"
import * as Checkpoint from "../train/checkpoint.ts"
import { defaults, fromMetadata } from "./config.ts"
import type { RunConfig } from "./config.ts"
import { anyDataset, openDataset } from "./data.ts"
import type { Images } from "./data.ts"
import { checkpointOf } from "./runFolder.ts"
import { UsageError } from "./UsageError.ts"

/** What the command line asks for; what it does not mention is absent. */
export interface TrainOptions {
  readonly config: { readonly [K in keyof RunConfig]: Option.Option<RunConfig[K]> }
  readonly dataDir: Option.Option<string>
  readonly out: Option.Option<string>
  readonly resume: Option.Option<string>
  readonly checkpointEvery: number
  readonly tensorboard: Option.Option<string>
  readonly threads: number
  readonly json: boolean
}

/** What is trained, on what, and where it is written. */
export interface Plan {
  readonly folder: string
  readonly config: RunConfig
  readonly dataset: Images
  readonly resumed: boolean
}

/** Options that are given beside `--resume` have to agree with the run; only the number of epochs may grow. */
const resumePlan = (path: string, options: TrainOptions) =>
  Effect.gen(function*() {
    const { dirname } = yield* Path.Path
    const file = yield* checkpointOf(path)
    const stored = yield* Effect.flatMap(Checkpoint.metadata(file), (metadata) => fromMetadata(file, metadata))
    for (const name of Object.keys(stored) as Array<keyof RunConfig>) {
      const asked = Option.getOrUndefined(options.config[name] as Option.Option<RunConfig[keyof RunConfig]>)
      if (name !== "epochs" && asked !== undefined && asked !== stored[name]) {
        return yield* new UsageError({
          message: `--resume ${path}: expected the run's own ${name}, ${stored[name]}, got ${asked}`
        })
      }
    }
    if (Option.isSome(options.out)) {
      return yield* new UsageError({ message: "--resume goes on in the run's own folder: leave out --out" })
    }
    const config: RunConfig = { ...stored, epochs: Option.getOrElse(options.config.epochs, () => stored.epochs) }
    const dataset = yield* openDataset(config.dataset, Option.getOrUndefined(options.dataDir))
    return { folder: dirname(file), config, dataset, resumed: true }
  })

const newPlan = (options: TrainOptions, say: (line: string) => Effect.Effect<void>) =>
  Effect.gen(function*() {
    const { join } = yield* Path.Path
    const directory = Option.getOrUndefined(options.dataDir)
    const dataset = yield* Option.match(options.config.dataset, {
      onNone: () => anyDataset(directory, say),
      onSome: (name) => openDataset(name, directory)
    })
    const asked = Object.entries(options.config as { readonly [name: string]: Option.Option<unknown> })
      .flatMap(([name, value]) => Option.isSome(value) ? [[name, value.value]] : [])
    const config = { ...defaults, ...Object.fromEntries(asked), dataset: dataset.name as RunConfig["dataset"] }
    const now = DateTime.formatIso(yield* DateTime.now).slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-")
    const folder = Option.getOrElse(options.out, () => join("runs", `${config.dataset}-${config.model}-${now}`))
    return { folder, config, dataset, resumed: false }
  })

/** Decides what the options mean: a new run, or one that is gone on with. */
export const makePlan = (options: TrainOptions, say: (line: string) => Effect.Effect<void>) =>
  Option.match(options.resume, {
    onNone: () => Effect.map(newPlan(options, say), (plan): Plan => plan),
    onSome: (path) => Effect.map(resumePlan(path, options), (plan): Plan => plan)
  })
