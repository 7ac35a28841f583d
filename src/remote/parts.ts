import { isBelow } from "../core/structure.ts"
import * as Tree from "../core/Tree.ts"

// Weights are what stands below a `params`.
const isWeight = (path: string): boolean => path.split(".").includes("params")

/** The part of a state at a path; what is not there is empty. */
export const partAt = (state: Tree.Tree, path: string): Tree.Tree =>
  path === ""
    ? state
    : path.split(".").reduce<Tree.Tree>(
      (part, key) => (part as { readonly [key: string]: Tree.Tree })[key] ?? {},
      state
    )

/** The tensors of a state that are at or below some of the paths, or all that are weights. */
export const weightsOf = (state: Tree.Tree, paths: ReadonlyArray<string> | undefined) =>
  Object.fromEntries(
    Tree.entries(state).filter(([path]) =>
      paths === undefined ? isWeight(path) : paths.some((parent) => isBelow(path, parent))
    )
  )
