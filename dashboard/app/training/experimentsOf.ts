import type { FileSystem, Path } from "effect"
import type { Experiment } from "../../../src/experiment/index.ts"

/** Any experiment: what is done with it does not depend on its configuration. The worker has these services for it. */
export type Any = Experiment<unknown, FileSystem.FileSystem | Path.Path>

const isExperiment = (u: unknown): u is Any => {
  const { config, kind, name, open } = (u ?? {}) as { readonly [key: string]: unknown }
  return typeof open === "function" && typeof name === "string" && typeof kind === "string" && config !== undefined
}

/** The experiments that a module exports, by whatever names. */
export const experimentsOf = (module: object): ReadonlyArray<Any> =>
  [...new Set(Object.values(module).flat())].filter(isExperiment)
