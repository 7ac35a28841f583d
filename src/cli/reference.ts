import { Effect, FileSystem, Option, Path, Schema } from "effect"
import * as Checkpoint from "../checkpoint/index.ts"
import type { Metadata } from "../checkpoint/index.ts"
import { CheckpointError } from "../core/errors.ts"
import { ofMetadata as stored, portable } from "../experiment/reference.ts"
import type { Reference } from "../experiment/reference.ts"
import type { Run } from "../experiment/run/format.ts"
import { find } from "../experiment/run/read.ts"
import { findExperiment, known } from "./findExperiment.ts"
import type { Any, Found } from "./findExperiment.ts"
import { UsageError } from "./UsageError.ts"

/** What version 0.1.0 kept, of its two commands that train. */
const Earlier = Schema.fromJsonString(
  Schema.StructWithRest(
    Schema.Struct({ dataset: Schema.Literals(["mnist", "digits"]), backend: Schema.Literals(["wasm", "cpu"]) }),
    [Schema.Record(Schema.String, Schema.Unknown)]
  )
)

const earlier = (metadata: Metadata): Reference | undefined => {
  const ofTrain = Schema.decodeUnknownOption(Earlier)(metadata["run"])
  if (Option.isSome(ofTrain)) {
    const { backend, dataset, ...config } = ofTrain.value
    return { experiment: dataset, backend, config: { ...config, validation: 0 } }
  }
  const ofGan = Schema.decodeUnknownOption(Earlier)(metadata["gan"])
  if (Option.isNone(ofGan)) return undefined
  const { backend, ...config } = ofGan.value
  return { experiment: "generator", backend, config }
}

const ofMetadata = (path: string, metadata: Metadata): Effect.Effect<Reference, CheckpointError> => {
  const found = stored(metadata) ?? earlier(metadata)
  return found === undefined
    ? Effect.fail(new CheckpointError({ path, reasons: ["expected the checkpoint of a run, found another file"] }))
    : Effect.succeed(found)
}

/** What a run's `run.json` says of its experiment, where the command line has made it. */
const ofRun = (path: string, run: Run): Effect.Effect<Reference, CheckpointError> => {
  const { backend = "wasm", config, experiment, file } = run
  return file !== undefined || Object.hasOwn(known, experiment)
    ? Effect.succeed({
      experiment,
      config,
      ...(file === undefined ? {} : { file }),
      backend: portable(backend)
    })
    : Effect.fail(
      new CheckpointError({
        path,
        reasons: [`expected a run of an experiment, found one of ${experiment}, which a program of its own trains`]
      })
    )
}

/** A run that a path means: its folder, or one of its checkpoints. */
export interface Meant {
  readonly reference: Reference
  readonly folder: string
  /** The checkpoint; nothing where the run was killed before its first one. */
  readonly file: string | undefined
}

/**
 * What a path means: a checkpoint, or the folder of a run with its newest one, which is that of the best validation
 * where the run was killed before the next save.
 */
export const meantBy = (
  path: string
): Effect.Effect<Meant, CheckpointError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const { dirname, join } = yield* Path.Path
    if (path.endsWith(".safetensors")) {
      const metadata = yield* Checkpoint.metadata(path)
      return { reference: yield* ofMetadata(path, metadata), folder: dirname(path), file: path }
    }
    const [newest] = yield* Checkpoint.list(path), run = yield* Effect.orElseSucceed(find(path), () => undefined)
    if (newest === undefined && run !== undefined) {
      return { reference: yield* ofRun(path, run), folder: path, file: undefined }
    }
    const file = newest?.path ?? join(path, Checkpoint.fileName)
    return { reference: yield* ofMetadata(file, yield* Checkpoint.metadata(file)), folder: path, file }
  })

const namedBy = "give its file by --experiment, or before --resume"

/** The experiment of a run: where its file is by now elsewhere, or was never known, the one that is named. */
export const experimentOf = (
  { folder, reference: { experiment, file } }: Pick<Meant, "folder" | "reference">,
  named: string | undefined
): Effect.Effect<Found, UsageError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    if (named !== undefined) return yield* findExperiment(named)
    if (file === undefined) {
      if (Object.hasOwn(known, experiment)) return yield* findExperiment(experiment)
      return yield* new UsageError({
        message:
          `${folder}: expected the file that exports the experiment ${experiment}, found no name of one; ${namedBy}`
      })
    }
    const { join } = yield* Path.Path
    return yield* Effect.mapError(
      findExperiment(join(folder, file)),
      ({ message }) => new UsageError({ message: `${folder}: ${message}; ${namedBy}` })
    )
  })

/** Where the file of an experiment is, from the folder of a run. */
export const fromFolder = (folder: string, { file }: Found): Effect.Effect<string | undefined, never, Path.Path> =>
  Effect.map(Path.Path, ({ relative, resolve }) => {
    if (file === undefined) return undefined
    const [path = "", name] = file.split("#")
    const found = relative(resolve(folder), resolve(path)).replaceAll("\\", "/")
    return name === undefined ? found : `${found}#${name}`
  })

/** The experiment, whatever its configuration is, opened with JSON. */
export type { Any }
