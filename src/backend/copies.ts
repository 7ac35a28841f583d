import { clone } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import type { TensorError } from "../core/errors.ts"
import type { HostTree, NdArray } from "../core/NdArray.ts"
import * as Tree from "../core/Tree.ts"
import { tensors } from "./Backend.ts"
import type { Backend } from "./Backend.ts"
import { read } from "./read.ts"

const isTensorOrNumber = (u: unknown): u is Tensor | number => typeof u === "number" || Tree.isTensor(u)

/**
 * The tree of tensors in host memory, all read together, and numbers as arrays of shape `[]`: copies, which can be
 * moved to another thread, also where a backend gives its own memory.
 */
export const copies = <T extends Tree.Tree>(
  operation: string,
  tree: T
): Effect.Effect<Tree.HostOf<T>, TensorError, Backend> =>
  Effect.map(read(operation, Tree.leaves(tree)), (arrays) => {
    let next = 0
    const copy = (leaf: Tensor | number): NdArray => {
      if (typeof leaf === "number") return { data: Float32Array.of(leaf), shape: [] }
      const { data, shape } = arrays[next++]!
      return { data: data.slice(), shape }
    }
    return Tree.map(tree, copy, { isLeaf: isTensorOrNumber }) as Tree.HostOf<T>
  })

/** {@link copies} of what a tensor program gives, which may hold tensors that are not its own. */
export const computedCopies = <T extends Tree.Tree>(
  operation: string,
  program: () => T
): Effect.Effect<Tree.HostOf<T>, TensorError, Backend> =>
  Effect.acquireUseRelease(
    tensors(operation, () => Tree.map(program(), (x) => clone(x))),
    (made) => copies(operation, made),
    (made) => Effect.sync(() => Tree.disposeExcept(made))
  )

/** {@link computedCopies} of trees with the paths that they are at. */
export const computedByPath = (
  operation: string,
  program: () => ReadonlyArray<readonly [path: string, tree: Tree.Tree]>
): Effect.Effect<ReadonlyArray<readonly [path: string, tree: HostTree]>, TensorError, Backend> =>
  Effect.suspend(() => {
    let paths: ReadonlyArray<string> = []
    const trees = computedCopies(operation, () => {
      const found = program()
      paths = found.map(([path]) => path)
      return found.map(([, tree]) => tree)
    })
    return Effect.map(trees, (trees) => paths.map((path, i) => [path, trees[i]!] as const))
  })
