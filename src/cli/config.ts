import { Effect, Schema } from "effect"
import { CheckpointError } from "../core/errors.ts"

export const datasets = ["mnist", "digits"] as const
export const models = ["cnn", "mlp"] as const
export const backends = ["wasm", "cpu"] as const

/** All that the weights of a run depend on; kept with its checkpoint, so that it can be gone on with. */
export const RunConfig = Schema.Struct({
  dataset: Schema.Literals(datasets),
  model: Schema.Literals(models),
  epochs: Schema.Int,
  batchSize: Schema.Int,
  learningRate: Schema.Finite,
  seed: Schema.Int,
  backend: Schema.Literals(backends)
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

const Json = Schema.fromJsonString(RunConfig)

/** The configuration as it stands in a checkpoint's metadata, in one order: equal runs have equal files. */
export const toMetadata = (config: RunConfig): { readonly run: string } => ({
  run: JSON.stringify(config, Object.keys(RunConfig.fields))
})

/** The configuration in a checkpoint's metadata; fails when it is not one that this program wrote. */
export const fromMetadata = (
  path: string,
  metadata: { readonly [name: string]: string }
): Effect.Effect<RunConfig, CheckpointError> =>
  Schema.decodeUnknownEffect(Json)(metadata["run"]).pipe(
    Effect.mapError(() =>
      new CheckpointError({ path, reasons: ["expected a checkpoint of `effect-neuron train`, found another file"] })
    )
  )
