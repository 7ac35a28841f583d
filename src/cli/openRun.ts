import { Effect, Option } from "effect"
import * as Checkpoint from "../checkpoint/index.ts"
import { CheckpointError } from "../core/errors.ts"
import type { Tree } from "../core/Tree.ts"
import * as Experiment from "../experiment/index.ts"
import { backendLayer } from "./backend.ts"
import type { Any } from "./findExperiment.ts"
import { experimentOf, meantBy } from "./reference.ts"

/** What computes; by default the backend that the run was trained with. */
export interface Computing {
  readonly backend: Option.Option<"wasm" | "cpu">
  readonly threads: number
  /** The file of the run's experiment, where it is not where it was. */
  readonly experiment?: Option.Option<string>
}

/** What of a state is needed to use it: of networks that are known, all but what only training needs. */
const neededOf = (kind: Any["kind"], state: Experiment.State): Tree => {
  const parts = state as unknown as { readonly [name: string]: Tree }, { step } = state
  if (kind === "supervised") return { step, params: parts["params"]!, state: parts["state"]! }
  if (kind === "adversarial") {
    const { state } = parts["generator"] as { readonly state: Tree }
    return { step, average: parts["average"]!, generator: { state } }
  }
  return state
}

/** An experiment with the configuration that JSON gives. */
export const openWith = (experiment: Any, json: unknown) =>
  Effect.flatMap(
    Experiment.parse(experiment.name, experiment.config, json),
    (config) => experiment.open(config)
  )

/** A trained run: its experiment, and what of its state is needed to use it. */
export const load = (path: string, named?: string) =>
  Effect.gen(function*() {
    const meant = yield* meantBy(path), { file } = meant
    if (file === undefined) {
      return yield* new CheckpointError({
        path,
        reasons: [`expected its ${Checkpoint.fileName}, found none: it was ended before the first checkpoint`]
      })
    }
    const { experiment } = yield* experimentOf(meant, named)
    const opened = yield* openWith(experiment, meant.reference.config)
    const state = yield* Checkpoint.loadScoped(
      file,
      Effect.map(opened.init, (state) => neededOf(experiment.kind, state)),
      { subset: true }
    )
    return { ...meant, file, experiment, opened, state: state as unknown as Experiment.State }
  })

export type Loaded = Effect.Success<ReturnType<typeof load>>

/** Loads a trained run, on the backend that it was trained with unless another is asked for, uses it, and frees it. */
export const withRun = <A, E, R>(
  path: string,
  { backend, experiment = Option.none(), threads }: Computing,
  use: (run: Loaded) => Effect.Effect<A, E, R>
) =>
  Effect.flatMap(meantBy(path), ({ reference }) =>
    load(path, Option.getOrUndefined(experiment)).pipe(
      Effect.flatMap(use),
      Effect.scoped,
      Effect.provide(backendLayer(Option.getOrElse(backend, () => reference.backend), threads))
    ))
