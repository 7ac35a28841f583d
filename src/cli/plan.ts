import { DateTime, Effect, Option, Path } from "effect"
import { orMissing } from "../checkpoint/folder.ts"
import * as Checkpoint from "../checkpoint/index.ts"
import { find } from "../experiment/run/read.ts"
import type { CommonConfig, RunKind } from "./config.ts"
import { anyDataset, openDataset } from "./data.ts"
import type { Images } from "./data.ts"
import { checkpointOf } from "./runFolder.ts"
import { ofKind } from "./runOf.ts"
import { UsageError } from "./UsageError.ts"

/** What the command line asks for; what it does not mention is absent. */
export interface TrainOptions<C> {
  readonly config: { readonly [K in keyof C]: Option.Option<C[K]> }
  readonly dataDir: Option.Option<string>
  readonly out: Option.Option<string>
  readonly resume: Option.Option<string>
  readonly checkpointEvery: number
  readonly threads: number
  readonly json: boolean
  /** The folder of the event files for TensorBoard. */
  readonly tensorboard: Option.Option<string>
}

/** What is trained, on what, and where it is written. */
export interface Plan<C> {
  readonly folder: string
  readonly config: C
  readonly dataset: Images
  /** The checkpoint that is gone on from; nothing for a run that begins. */
  readonly from: string | undefined
  /** Whether the folder is made, for a new run or for one that goes on from another one. */
  readonly isNew: boolean
}

type Say = (line: string) => Effect.Effect<void>

const askedFor = <C>(options: TrainOptions<C>): Partial<C> =>
  Object.fromEntries(
    Object.entries<Option.Option<unknown>>(options.config).flatMap(([name, value]) =>
      Option.isSome(value) ? [[name, value.value]] : []
    )
  ) as Partial<C>

/**
 * The configuration of a run, and the checkpoint to go on from. A run that was killed before its first checkpoint has
 * none, and is begun anew.
 */
const storedIn = <C extends CommonConfig>(kind: RunKind<C>, path: string, file: string) =>
  Effect.gen(function*() {
    const run = file === path ? undefined : yield* find(path), metadata = Checkpoint.metadata(file)
    const found = yield* run === undefined ? metadata : orMissing(metadata)
    if (found !== undefined) return { from: file, stored: yield* kind.fromMetadata(file, found) }
    return { from: undefined, stored: (yield* ofKind(run!, kind, path)).config }
  })

/**
 * Options that are given beside `--resume` have to agree with the run; only its length may grow. A run goes on in its
 * own folder from its newest checkpoint; from another one it does so in a folder of its own, for what came after that
 * checkpoint would be lost.
 */
const resumePlan = <C extends CommonConfig>(kind: RunKind<C>, path: string, options: TrainOptions<C>) =>
  Effect.gen(function*() {
    const { basename, dirname } = yield* Path.Path
    const file = yield* checkpointOf(path), { from, stored } = yield* storedIn(kind, path, file)
    const config: C = { ...stored, ...askedFor(options) }
    for (const name of Object.keys(stored) as Array<keyof C & string>) {
      if (name !== kind.grows && config[name] !== stored[name]) {
        return yield* new UsageError({
          message: `--resume ${path}: expected the run's own ${name}, ${stored[name]}, got ${config[name]}`
        })
      }
    }
    if (Option.isNone(options.out) && basename(file) !== Checkpoint.fileName) {
      return yield* new UsageError({
        message: `--resume ${path}: a run goes on in its own folder from its ${Checkpoint.fileName}; to go on from ` +
          `${basename(file)}, give the folder of a new run by --out`
      })
    }
    const dataset = yield* openDataset(config.dataset, Option.getOrUndefined(options.dataDir))
    const folder = Option.getOrElse(options.out, () => dirname(file))
    return { folder, config, dataset, from, isNew: Option.isSome(options.out) }
  })

const newPlan = <C extends CommonConfig>(kind: RunKind<C>, options: TrainOptions<C>, say: Say) =>
  Effect.gen(function*() {
    const { join } = yield* Path.Path
    const directory = Option.getOrUndefined(options.dataDir), asked = askedFor(options)
    const dataset = yield* asked.dataset === undefined
      ? anyDataset(directory, say)
      : openDataset(asked.dataset, directory)
    const config = kind.complete({ ...asked, dataset: dataset.name as C["dataset"] })
    const now = DateTime.formatIso(yield* DateTime.now).slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-")
    const folder = Option.getOrElse(options.out, () => join("runs", `${kind.nameOf(config)}-${now}`))
    return { folder, config, dataset, from: undefined, isNew: true }
  })

/** Decides what the options mean: a new run, or one that is gone on with. */
export const makePlan = <C extends CommonConfig>(kind: RunKind<C>, options: TrainOptions<C>, say: Say) =>
  Option.match(options.resume, {
    onNone: () => Effect.map(newPlan(kind, options, say), (plan): Plan<C> => plan),
    onSome: (path) => Effect.map(resumePlan(kind, path, options), (plan): Plan<C> => plan)
  })
