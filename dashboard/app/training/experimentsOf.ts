import type { FileSystem, Path } from "effect"
import type { Experiment } from "../../../src/experiment/index.ts"

/** Any experiment: what is done with it does not depend on its configuration. The worker has these services for it. */
export type Any = Experiment<unknown, FileSystem.FileSystem | Path.Path>

const isExperiment = (u: unknown): u is Any => {
  const { config, kind, name, open } = (u ?? {}) as { readonly [key: string]: unknown }
  return typeof open === "function" && typeof name === "string" && typeof kind === "string" && config !== undefined
}

/**
 * How the command line is told of an experiment of a file: by the file, and where that exports several by the name of
 * the export too.
 */
export const referenceTo = (file: string, module: object, experiment: Any): string => {
  const exported = Object.entries(module).filter(([, value]) => isExperiment(value))
  const [name] = exported.length > 1 ? exported.find(([, value]) => value === experiment) ?? [] : []
  return name === undefined ? file : `${file}#${name}`
}

/** The experiments that a module exports, by whatever names, or the one of a name. */
export const experimentsOf = (module: object, only?: string): ReadonlyArray<Any> => {
  const exported = only === undefined ? module : [Reflect.get(module, only)]
  return [...new Set(Object.values(exported).flat())].filter(isExperiment)
}
