import { Effect, Option } from "effect"
import type { Backend } from "../backend/Backend.ts"
import * as Checkpoint from "../checkpoint/index.ts"
import * as Key from "../core/Key.ts"
import type * as Tree from "../core/Tree.ts"
import type { Layer } from "../layers/Layer.ts"
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

/** What of a run's training state is loaded: its first state says what there is, `part` takes what is wanted of it. */
export interface Wanted<C, T, W, E0> {
  readonly init: (config: C) => Effect.Effect<T, E0, Backend>
  readonly part: (state: T) => W
}

/** The checkpoint of a run, and its configuration. */
const readRun = <C extends CommonConfig>(kind: RunKind<C>, run: string) =>
  Effect.gen(function*() {
    const file = yield* checkpointOf(run)
    const config = yield* Effect.flatMap(Checkpoint.metadata(file), (metadata) => kind.fromMetadata(file, metadata))
    return { file, config }
  })

const loadPart = <C extends CommonConfig, T extends Tree.Tree, W extends Tree.Tree, E0>(
  { config, file }: { readonly config: C; readonly file: string },
  { init, part }: Wanted<C, T, W, E0>
) => Checkpoint.loadScoped(file, Effect.map(init(config), part), { subset: true })

/** Loads a part of the training state of a run, uses it, and frees it. */
export const withWeights = <C extends CommonConfig, T extends Tree.Tree, W extends Tree.Tree, E0, A, E, R>(
  kind: RunKind<C>,
  { backend, run, threads, ...wanted }: Computing & Wanted<C, T, W, E0> & { readonly run: string },
  use: (config: C, weights: W, file: string) => Effect.Effect<A, E, R>
) =>
  Effect.gen(function*() {
    const found = yield* readRun(kind, run)
    return yield* loadPart(found, wanted).pipe(
      Effect.flatMap((weights) => use(found.config, weights, found.file)),
      Effect.scoped,
      Effect.provide(backendLayer(Option.getOrElse(backend, () => found.config.backend), threads))
    )
  })

/** A trained model, as its checkpoint describes it. */
export interface Loaded {
  /** The checkpoint. */
  readonly file: string
  readonly config: RunConfig
  readonly model: Layer<ByLayer, ByLayer>
  /** Parameters and running state, and the step after which they were saved. */
  readonly weights: Train.Weights<ByLayer, ByLayer> & { readonly step: number }
}

const ofModel = {
  init: (config: RunConfig) =>
    Train.init({ model: modelOf(config), optimizer: optimizerOf(config, 1), input: IMAGE, key: Key.make(0) }),
  part: ({ params, state, step }: Train.TrainState<ByLayer, ByLayer>) => ({ params, state, step })
}

/** Loads the model of a supervised run, uses it, and frees it. */
export const withModel = <A, E, R>(
  run: string,
  computing: Computing,
  use: (loaded: Loaded) => Effect.Effect<A, E, R>
) =>
  withWeights(
    supervised,
    { ...computing, ...ofModel, run },
    (config, weights, file) => use({ config, file, model: modelOf(config), weights })
  )

/** The model of a supervised run, on the backend that there is, for as long as a scope is open. */
export const loadModel = (run: string) =>
  Effect.gen(function*() {
    const found = yield* readRun(supervised, run), weights = yield* loadPart(found, ofModel)
    return { ...found, model: modelOf(found.config), weights } satisfies Loaded
  })
