import { DateTime, Effect, Option, Path } from "effect"
import * as Checkpoint from "../checkpoint/index.ts"
import { encode, parse } from "../experiment/config.ts"
import type { Reference } from "../experiment/reference.ts"
import { find } from "../experiment/run/read.ts"
import type { Any, Found } from "./findExperiment.ts"
import { experimentOf, fromFolder, meantBy } from "./reference.ts"
import { checkNewFolder } from "./runFolder.ts"
import { UsageError } from "./UsageError.ts"

type Json = { readonly [name: string]: unknown }

/** What `train` is asked for; what is not mentioned is absent. */
export interface TrainOptions {
  /** What of the configuration is given. */
  readonly config: Json
  readonly out: Option.Option<string>
  readonly resume: Option.Option<string>
  readonly checkpointEvery: number
  readonly backend: Option.Option<"wasm" | "cpu">
  readonly threads: number
  readonly json: boolean
  /** The folder of the event files for TensorBoard. */
  readonly tensorboard: Option.Option<string>
}

/** What is trained, and where it is written. */
export interface Plan {
  readonly found: Found
  readonly reference: Reference
  readonly folder: string
  /** The checkpoint that is gone on from; nothing for a run that begins. */
  readonly from: string | undefined
  /** Whether the folder is made, for a new run or for one that goes on from another one. */
  readonly isNew: boolean
}

/** The configuration as JSON, with its defaults. */
const completed = (experiment: Any, json: Json) =>
  Effect.map(
    parse(experiment.name, experiment.config, json),
    (config) => encode(experiment.config, config)
  )

const printed = (value: unknown): string => typeof value === "string" ? value : JSON.stringify(value)

/** A new run, in a folder of its own. */
export const newPlan = (found: Found, { backend, config, out }: TrainOptions, prefix?: string) =>
  Effect.gen(function*() {
    const { experiment } = found, { join } = yield* Path.Path
    const whole = yield* completed(experiment, config)
    const now = DateTime.formatIso(yield* DateTime.now).slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-")
    const folder = Option.getOrElse(out, () => join("runs", `${prefix ?? experiment.name}-${now}`))
    yield* checkNewFolder(folder)
    const file = yield* fromFolder(folder, found)
    const plan: Plan = {
      found,
      folder,
      from: undefined,
      isNew: true,
      reference: {
        experiment: experiment.name,
        config: whole,
        backend: Option.getOrElse(backend, () => "wasm" as const),
        ...(file === undefined ? {} : { file })
      }
    }
    return plan
  })

/**
 * How long a run is to be, as its folder says it: one that was made longer and killed before the next save has
 * checkpoints of the shorter one alone.
 */
const lengthOf = (path: string, grows: string) =>
  Effect.gen(function*() {
    const run = path.endsWith(".safetensors")
      ? undefined
      : yield* Effect.orElseSucceed(find(path), () => undefined)
    return run !== undefined && Object.hasOwn(run.config, grows) ? { [grows]: run.config[grows] } : {}
  })

/**
 * A run that is gone on with. Options that are given beside `--resume` have to agree with it; only its length may grow.
 * It goes on in its own folder from its newest checkpoint; from another one it does so in a folder of its own, for what
 * came after that checkpoint would be lost.
 */
export const resumePlan = (path: string, named: string | undefined, { backend, config, out }: TrainOptions) =>
  Effect.gen(function*() {
    const { basename, dirname } = yield* Path.Path, isNew = Option.isSome(out)
    const isLast = basename(path) === Checkpoint.fileName, from = isLast && !isNew ? dirname(path) : path
    const meant = yield* meantBy(from), { file, reference } = meant
    const found = yield* experimentOf(meant, named), { experiment } = found
    if (experiment.name !== reference.experiment) {
      return yield* new UsageError({
        message: `--resume ${path}: expected ${reference.experiment}, got ${experiment.name}`
      })
    }
    const { grows } = experiment, length = yield* lengthOf(from, grows)
    const stored = yield* completed(experiment, { ...reference.config, ...length })
    const asked = { ...stored, ...config }
    for (
      const [name, value] of [...Object.entries(asked), [
        "backend",
        Option.getOrElse(backend, () => reference.backend)
      ]]
    ) {
      const own = name === "backend" ? reference.backend : stored[name as string]
      if (name !== grows && printed(value) !== printed(own)) {
        return yield* new UsageError({
          message: `--resume ${path}: expected the run's own ${name}, ${printed(own)}, got ${printed(value)}`
        })
      }
    }
    if (!isNew && path.endsWith(".safetensors") && !isLast) {
      return yield* new UsageError({
        message: `--resume ${path}: a run goes on in its own folder from its ${Checkpoint.fileName}; to go on from ` +
          `${basename(path)}, give the folder of a new run by --out`
      })
    }
    const folder = Option.getOrElse(out, () => meant.folder)
    if (isNew) yield* checkNewFolder(folder)
    const at = yield* fromFolder(folder, found)
    const plan: Plan = {
      found,
      folder,
      from: file,
      isNew,
      reference: { ...reference, config: asked, ...(at === undefined ? {} : { file: at }) }
    }
    return plan
  })
