import { Effect, Option } from "effect"
import * as Key from "../core/Key.ts"
import * as Tree from "../core/Tree.ts"
import type { Layer } from "../layers/Layer.ts"
import * as Checkpoint from "../train/checkpoint.ts"
import * as Train from "../train/index.ts"
import { backendLayer } from "./backend.ts"
import { fromMetadata } from "./config.ts"
import type { RunConfig } from "./config.ts"
import { IMAGE, modelOf, optimizerOf } from "./models.ts"
import type { ByLayer } from "./models.ts"
import { checkpointOf } from "./runFolder.ts"

/** A trained model, as its checkpoint describes it. */
export interface Loaded {
  readonly config: RunConfig
  readonly model: Layer<ByLayer, ByLayer>
  /** Parameters and running state, and the step after which they were saved. */
  readonly weights: Train.Weights<ByLayer, ByLayer> & { readonly step: number }
}

/** Loads the model of a run, uses it, and frees it. */
export const withModel = <A, E, R>(
  run: string,
  { backend, threads }: { readonly backend: Option.Option<RunConfig["backend"]>; readonly threads: number },
  use: (loaded: Loaded) => Effect.Effect<A, E, R>
) =>
  Effect.gen(function*() {
    const file = yield* checkpointOf(run)
    const config = yield* Effect.flatMap(Checkpoint.metadata(file), (metadata) => fromMetadata(file, metadata))
    const model = modelOf(config)
    const like = Effect.map(
      Train.init({ model, optimizer: optimizerOf(config, 1), input: IMAGE, key: Key.make(0) }),
      ({ params, state, step }) => ({ params, state, step })
    )
    const layer = backendLayer(Option.getOrElse(backend, () => config.backend), threads)
    return yield* Effect.acquireUseRelease(
      Checkpoint.load(file, like, { subset: true }),
      (weights) => use({ config, model, weights }),
      (weights) => Effect.sync(() => Tree.disposeExcept(weights))
    ).pipe(Effect.provide(layer))
  })
