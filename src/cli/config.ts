import { Effect, Schema } from "effect"
import type { Metadata } from "../checkpoint/index.ts"
import { CheckpointError } from "../core/errors.ts"
import type { Kind } from "../experiment/run/format.ts"

export const datasets = ["mnist", "digits"] as const
export const models = ["cnn", "mlp"] as const
export const backends = ["wasm", "cpu"] as const

/** What the configuration of every run has. */
export const common = {
  dataset: Schema.Literals(datasets),
  model: Schema.Literals(models),
  batchSize: Schema.Int,
  seed: Schema.Int,
  backend: Schema.Literals(backends)
}

export type CommonConfig = Schema.Struct.Type<typeof common>

/** All that the weights of a supervised run depend on; kept with its checkpoint, so that it can be gone on with. */
export const RunConfig = Schema.Struct({
  dataset: common.dataset,
  model: common.model,
  epochs: Schema.Int,
  batchSize: common.batchSize,
  learningRate: Schema.Finite,
  seed: common.seed,
  backend: common.backend
})

export type RunConfig = typeof RunConfig.Type

/** What a run is when nothing else is asked for. The data set is MNIST where it can be had. */
export const defaults: Omit<RunConfig, "dataset"> = {
  model: "cnn",
  epochs: 1,
  batchSize: 64,
  learningRate: 3e-3,
  seed: 42,
  backend: "wasm"
}

/** The commands that train, by the name under which their checkpoints hold the configuration. */
const commands = { run: "effect-neuron train", gan: "effect-neuron gan train" } as const

/** One way of training: what its runs are configured with, and how that is kept. */
export interface RunKind<C extends CommonConfig> {
  /** The command that does it. */
  readonly command: typeof commands[keyof typeof commands]
  /** What kind of run it is. */
  readonly kind: Kind
  /** The configuration, as a run has it. */
  readonly schema: Schema.Codec<C>
  /** The configuration for what was asked for. */
  readonly complete: (asked: Partial<C> & Pick<C, "dataset">) => C
  /** What may grow when a run is gone on with, and its option. */
  readonly grows: "epochs" | "steps"
  /** What the folder of a run is called, without the time. */
  readonly nameOf: (config: C) => string
  /** The configuration as it stands in a checkpoint's metadata, in one order: equal runs have equal files. */
  readonly toMetadata: (config: C) => Metadata
  /** The configuration in a checkpoint's metadata; fails when it is not one that this command wrote. */
  readonly fromMetadata: (path: string, metadata: Metadata) => Effect.Effect<C, CheckpointError>
}

/** Makes a kind of run from the schema of its configuration. */
export const runKind = <C extends CommonConfig>(
  name: keyof typeof commands,
  schema: Schema.Struct<Schema.Struct.Fields> & Schema.Codec<C>,
  rest: Pick<RunKind<C>, "kind" | "complete" | "grows" | "nameOf">
): RunKind<C> => {
  const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(schema))
  return {
    ...rest,
    command: commands[name],
    schema,
    toMetadata: (config) => ({ [name]: JSON.stringify(config, Object.keys(schema.fields)) }),
    fromMetadata: (path, metadata) =>
      Effect.mapError(decode(metadata[name]), () => {
        const other = Object.entries(commands).find(([key]) => key !== name && metadata[key] !== undefined)
        const found = other === undefined ? "another file" : `one of \`${other[1]}\``
        return new CheckpointError({
          path,
          reasons: [`expected a checkpoint of \`${commands[name]}\`, found ${found}`]
        })
      })
  }
}

/** Supervised training, by `effect-neuron train`. */
export const supervised = runKind("run", RunConfig, {
  kind: "supervised",
  complete: (asked) => ({ ...defaults, ...asked }),
  grows: "epochs",
  nameOf: ({ dataset, model }) => `${dataset}-${model}`
})
