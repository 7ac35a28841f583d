import { Effect, Option } from "effect"
import type { Backend } from "../backend/Backend.ts"
import * as Key from "../core/Key.ts"
import * as Tree from "../core/Tree.ts"
import type { Layer } from "../layers/Layer.ts"
import * as Checkpoint from "../train/checkpoint.ts"
import * as Train from "../train/index.ts"
import { backendLayer } from "./backend.ts"
import { supervised } from "./config.ts"
import type { CommonConfig, RunConfig, RunKind } from "./config.ts"
import { IMAGE, modelOf, optimizerOf } from "./models.ts"
import type { ByLayer } from "./models.ts"
import { checkpointOf } from "./runFolder.ts"

/** What computes; by default the backend that the run was trained with. */
export interface Computing {
  readonly backend: Option.Option<CommonConfig["backend"]>
  readonly threads: number
}

/**
 * Loads a part of the training state of a run, uses it, and frees it. The first state of such a run says what there is to
 * load; `part` takes what is wanted of it.
 */
export const withWeights = <C extends CommonConfig, T extends Tree.Tree, W extends Tree.Tree, E0, A, E, R>(
  kind: RunKind<C>,
  { backend, init, part, run, threads }: Computing & {
    readonly run: string
    readonly init: (config: C) => Effect.Effect<T, E0, Backend>
    readonly part: (state: T) => W
  },
  use: (config: C, weights: W) => Effect.Effect<A, E, R>
) =>
  Effect.gen(function*() {
    const file = yield* checkpointOf(run)
    const config = yield* Effect.flatMap(Checkpoint.metadata(file), (metadata) => kind.fromMetadata(file, metadata))
    const like = Effect.map(init(config), (state) => {
      const wanted = part(state)
      Tree.disposeExcept(state, wanted)
      return wanted
    })
    return yield* Effect.acquireUseRelease(
      Checkpoint.load(file, like, { subset: true }),
      (weights) => use(config, weights),
      (weights) => Effect.sync(() => Tree.disposeExcept(weights))
    ).pipe(Effect.provide(backendLayer(Option.getOrElse(backend, () => config.backend), threads)))
  })

/** A trained model, as its checkpoint describes it. */
export interface Loaded {
  readonly config: RunConfig
  readonly model: Layer<ByLayer, ByLayer>
  /** Parameters and running state, and the step after which they were saved. */
  readonly weights: Train.Weights<ByLayer, ByLayer> & { readonly step: number }
}

/** Loads the model of a supervised run, uses it, and frees it. */
export const withModel = <A, E, R>(
  run: string,
  { backend, threads }: Computing,
  use: (loaded: Loaded) => Effect.Effect<A, E, R>
) =>
  withWeights(supervised, {
    run,
    backend,
    threads,
    init: (config) =>
      Train.init({ model: modelOf(config), optimizer: optimizerOf(config, 1), input: IMAGE, key: Key.make(0) }),
    part: ({ params, state, step }) => ({ params, state, step })
  }, (config, weights) => use({ config, model: modelOf(config), weights }))
