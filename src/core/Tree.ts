import { Tensor } from "@tensorflow/tfjs-core"

/**
 * An immutable structure of records and arrays with tensors and numbers at its leaves: parameters, running state,
 * optimizer state, and whole training states are trees. Types of trees are `type` aliases: an `interface` has no
 * implicit index signature and so is no `Tree`.
 */
export type Tree = Tensor | number | { readonly [k: string]: Tree } | ReadonlyArray<Tree>

/**
 * Whether a value is a tensor.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Tree } from "effect-neuron"
 *
 * Tree.isTensor(tf.scalar(1)) // => true
 * Tree.isTensor(1) // => false
 * ```
 */
export const isTensor = (u: unknown): u is Tensor => u instanceof Tensor

const join = (path: string, key: string | number): string => path === "" ? String(key) : `${path}.${key}`

/**
 * The tree with every leaf replaced: tensors by `onTensor`, numbers by `onNumber` (by default kept). Both get the path
 * of the leaf, its keys joined by dots.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Tree } from "effect-neuron"
 *
 * const doubled = Tree.map({ a: tf.scalar(1), b: [tf.scalar(2)], step: 3 }, (x) => tf.mul(x, 2))
 * doubled.b[0]!.arraySync() // => 4
 * doubled.step // => 3
 * ```
 */
export const map = <T extends Tree>(
  tree: T,
  onTensor: (leaf: Tensor, path: string) => Tensor,
  onNumber: (leaf: number, path: string) => number = (leaf) => leaf
): T => {
  const go = (node: Tree, path: string): Tree => {
    if (isTensor(node)) return onTensor(node, path)
    if (typeof node === "number") return onNumber(node, path)
    if (Array.isArray(node)) return node.map((child, i) => go(child, join(path, i)))
    const out: { [k: string]: Tree } = {}
    for (const [key, child] of Object.entries(node)) out[key] = go(child, join(path, key))
    return out
  }
  return go(tree, "") as T
}

/**
 * The tensors of a tree with their paths, in the order of its keys.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Tree } from "effect-neuron"
 *
 * Tree.entries({ dense: { kernel: tf.zeros([2, 3]), bias: tf.zeros([3]) } }).map(([path]) => path)
 * // => ["dense.kernel", "dense.bias"]
 * ```
 */
export const entries = (tree: Tree): ReadonlyArray<readonly [path: string, leaf: Tensor]> => {
  const out: Array<readonly [string, Tensor]> = []
  map(tree, (leaf, path) => (out.push([path, leaf]), leaf))
  return out
}

/**
 * The tensors of a tree, in the order of its keys.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Tree } from "effect-neuron"
 *
 * Tree.leaves({ a: tf.scalar(1), step: 3, b: [tf.scalar(2)] }).length // => 2
 * ```
 */
export const leaves = (tree: Tree): ReadonlyArray<Tensor> => {
  const out: Array<Tensor> = []
  const go = (node: Tree): void => {
    if (isTensor(node)) out.push(node)
    else if (typeof node === "object") { for (const child of childrenOf(node)) go(child) }
  }
  go(tree)
  return out
}

const childrenOf = (node: { readonly [k: string]: Tree } | ReadonlyArray<Tree>): ReadonlyArray<Tree> =>
  Array.isArray(node) ? node : Object.values(node)

/**
 * The numbers of a tree by path.
 *
 * @example
 * ```ts
 * import { Tree } from "effect-neuron"
 *
 * Tree.numbers({ step: 3, opt: [{ count: 4 }] }) // => { step: 3, "opt.0.count": 4 }
 * ```
 */
export const numbers = (tree: Tree): { readonly [path: string]: number } => {
  const out: { [path: string]: number } = {}
  map(tree, (leaf) => leaf, (leaf, path) => out[path] = leaf)
  return out
}

/**
 * The tree `like` with other tensors at its leaves, in the order of {@link leaves}.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Tree } from "effect-neuron"
 *
 * Tree.refill({ a: tf.scalar(1), step: 3 }, [tf.scalar(7)]).a.arraySync() // => 7
 * ```
 */
export const refill = <T extends Tree>(like: T, tensors: ReadonlyArray<Tensor>): T => {
  let i = 0
  const go = (node: Tree): Tree => {
    if (isTensor(node)) return tensors[i++]!
    if (typeof node === "number") return node
    if (Array.isArray(node)) return node.map(go)
    const out: { [k: string]: Tree } = {}
    for (const [key, child] of Object.entries(node)) out[key] = go(child)
    return out
  }
  return go(like) as T
}

/**
 * Combines the tensors of two trees of the same structure; numbers are those of the first.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Tree } from "effect-neuron"
 *
 * Tree.zipWith({ a: tf.scalar(1) }, { a: tf.scalar(2) }, (x, y) => tf.add(x, y)).a.arraySync() // => 3
 * ```
 */
export const zipWith = <T extends Tree>(
  a: T,
  b: Tree,
  f: (x: Tensor, y: Tensor, path: string) => Tensor
): T => {
  const others = leaves(b)
  let i = 0
  return map(a, (x, path) => f(x, others[i++]!, path))
}

/**
 * Disposes every tensor of `old` that is not also in `next`: what remains alive is what `next` holds. Without `next`
 * the whole tree goes.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Tree } from "effect-neuron"
 *
 * const old = { a: tf.scalar(1), b: tf.scalar(2) }
 * const next = { ...old, b: tf.scalar(3) }
 * Tree.disposeExcept(old, next)
 * old.a.isDisposed // => false
 * old.b.isDisposed // => true
 * ```
 */
export const disposeExcept = (old: Tree, next?: Tree): void => {
  const kept = new Set(next === undefined ? [] : leaves(next))
  for (const leaf of leaves(old)) if (!kept.has(leaf) && !leaf.isDisposed) leaf.dispose()
}
