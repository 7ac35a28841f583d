import { Tensor } from "@tensorflow/tfjs-core"
import { dual } from "effect/Function"
import { isArrayLike } from "./hostArray.ts"
import type { NdArray } from "./hostArray.ts"
import type { HostTree } from "./NdArray.ts"
import type { Known, Shape } from "./Shape.ts"
import { eachLeaf, mapLeaves, replaceLeaves } from "./structure.ts"
import type { IsLeaf, Structure } from "./structure.ts"

/**
 * An immutable structure of records and arrays. By default its leaves are tensors and numbers: parameters, running
 * state, optimizer state, and whole training states are trees. `Tree<NdArray>` is a tree of host arrays
 * (`NdArray.HostTree`), `Tree<Shape>` one of shapes. Types of trees are `type` aliases: an `interface` has no implicit
 * index signature and so is no `Tree`.
 */
export type Tree<Leaf = Tensor | number> = Structure<Leaf>

/** The tree `T` with a `Leaf` in the place of each tensor and each host array, and with `N` in that of each number. */
// oxlint-disable-next-line typescript/no-explicit-any -- of anything, anything: so that a copy of a layer is a layer
export type With<T, Leaf, N = never> = 0 extends 1 & T ? any
  : Tree extends T ? Tree<Leaf | N>
  : HostTree extends T ? Tree<Leaf>
  : T extends Tensor | NdArray ? Leaf
  : T extends number ? N
  : { readonly [K in keyof T]: With<T[K], Leaf, N> }

/** The tree `T` with an `NdArray` in the place of each tensor: what a batch holds for a model that takes `T`. */
export type HostOf<T> = With<T, NdArray>

/** The tree `T` with a tensor in the place of each host array. */
export type TensorsOf<T> = With<T, Tensor>

/** The tree `T` with a shape in the place of each tensor or host array. */
export type ShapeOf<T> = With<T, Shape>

/** What tells leaves of another kind than tensors and host arrays. */
export type Leaves<Leaf> = { readonly isLeaf: (u: unknown) => u is Leaf }

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
export const isTensor = (u: unknown): u is Tensor =>
  // TensorFlow.js asks a value for three members of a tensor, which a record takes long to say that it has not.
  typeof u === "object" && u !== null && !Array.isArray(u) && Object.getPrototypeOf(u) !== Object.prototype &&
  u instanceof Tensor

const isArray = (u: unknown): u is Tensor | NdArray => isTensor(u) || isArrayLike(u)

const isNumber = (u: unknown): u is number => typeof u === "number"

/**
 * The tree with every tensor or host array replaced by `f`, which gets its path too, the keys joined by dots. Numbers
 * stay. `isLeaf` is for leaves of another kind, such as shapes.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { NdArray, Shape, Tree } from "effect-neuron"
 *
 * const doubled = Tree.map({ a: tf.scalar(1), b: [tf.scalar(2)], step: 3 }, (x) => tf.mul(x, 2))
 * doubled.b[0]!.arraySync() // => 4
 * doubled.step // => 3
 * Tree.map({ x: NdArray.make([1, 2], [2]) }, ({ data }) => data.length) // => { x: 2 }
 * Tree.map({ x: [28, 28], y: [] }, Shape.size, { isLeaf: Shape.isShape }) // => { x: 784, y: 1 }
 * ```
 */
export const map: {
  <T extends Tree>(tree: T, f: (leaf: Tensor, path: string) => Tensor): T
  <T extends HostTree>(tree: T, f: (leaf: NdArray, path: string) => NdArray): T
  <T extends Tree, A>(tree: T, f: (leaf: Tensor, path: string) => A): With<T, A, number>
  <T extends HostTree, A>(tree: T, f: (leaf: NdArray, path: string) => A): With<T, A>
  <Leaf, A>(tree: Tree<NoInfer<Leaf>>, f: (leaf: NoInfer<Leaf>, path: string) => A, options: Leaves<Leaf>): Tree<A>
  (f: (leaf: Tensor, path: string) => Tensor): <T extends Tree>(tree: T) => T
  (f: (leaf: NdArray, path: string) => NdArray): <T extends HostTree>(tree: T) => T
  <A>(f: (leaf: Tensor, path: string) => A): <T extends Tree>(tree: T) => With<T, A, number>
  <A>(f: (leaf: NdArray, path: string) => A): <T extends HostTree>(tree: T) => With<T, A>
  <Leaf, A>(f: (leaf: NoInfer<Leaf>, path: string) => A, options: Leaves<Leaf>): (tree: Tree<Leaf>) => Tree<A>
} = /* @__PURE__ */ dual(
  ([tree]) => typeof tree !== "function",
  (tree: unknown, f: (leaf: never, path: string) => unknown, { isLeaf = isArray }: { readonly isLeaf?: IsLeaf } = {}) =>
    mapLeaves(tree, isLeaf, f)
)

/**
 * The tree with every number replaced by `f`, which gets its path too. Tensors and host arrays stay.
 *
 * @example
 * ```ts
 * import { Tree } from "effect-neuron"
 *
 * Tree.mapNumbers({ step: 3, opt: [{ count: 4 }] }, (n, path) => path === "step" ? 0 : n)
 * // => { step: 0, opt: [{ count: 4 }] }
 * ```
 */
export const mapNumbers: {
  <T extends Tree>(tree: T, f: (n: number, path: string) => number): T
  (f: (n: number, path: string) => number): <T extends Tree>(tree: T) => T
} = /* @__PURE__ */ dual(
  2,
  (tree: unknown, f: (n: number, path: string) => number) =>
    mapLeaves(
      tree,
      (node) => isNumber(node) || isArray(node),
      (leaf: unknown, path) => isNumber(leaf) ? f(leaf, path) : leaf
    )
)

/**
 * The tensors or host arrays of a tree with their paths, in the order of its keys.
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
export const entries: {
  (tree: Tree): ReadonlyArray<readonly [path: string, leaf: Tensor]>
  (tree: HostTree): ReadonlyArray<readonly [path: string, leaf: NdArray]>
  <Leaf>(tree: Tree<NoInfer<Leaf>>, options: Leaves<Leaf>): ReadonlyArray<readonly [path: string, leaf: Leaf]>
} = (
  tree: unknown,
  { isLeaf = isArray }: { readonly isLeaf?: IsLeaf } = {}
): ReadonlyArray<readonly [string, never]> => {
  const out: Array<readonly [string, never]> = []
  mapLeaves(tree, isLeaf, (leaf, path) => out.push([path, leaf]))
  return out
}

/**
 * The tensors or host arrays of a tree, in the order of its keys.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Tree } from "effect-neuron"
 *
 * Tree.leaves({ a: tf.scalar(1), step: 3, b: [tf.scalar(2)] }).length // => 2
 * ```
 */
export const leaves: {
  (tree: Tree): ReadonlyArray<Tensor>
  (tree: HostTree): ReadonlyArray<NdArray>
  <Leaf>(tree: Tree<NoInfer<Leaf>>, options: Leaves<Leaf>): ReadonlyArray<Leaf>
} = (tree: unknown, { isLeaf = isArray }: { readonly isLeaf?: IsLeaf } = {}): ReadonlyArray<never> => {
  const out: Array<never> = []
  eachLeaf(tree, isLeaf, (leaf) => out.push(leaf))
  return out
}

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
  mapNumbers(tree, (n, path) => out[path] = n)
  return out
}

/**
 * The shape of each tensor or host array of a tree, in its place.
 *
 * @example
 * ```ts
 * import { NdArray, Tree } from "effect-neuron"
 *
 * Tree.shapes({ x: NdArray.make([1, 2], [1, 2]), y: NdArray.index(3) }) // => { x: [1, 2], y: [] }
 * ```
 */
export const shapes = <T extends Tree | HostTree>(tree: T): With<T, Known> =>
  mapLeaves(tree, isArray, ({ shape }: Tensor | NdArray) => shape) as With<T, Known>

const differ = (name: string, expected: number, found: number) =>
  new RangeError(`Tree.${name}: ${expected} leaves in the first, ${found} in the second`)

/**
 * The tree `like` with other tensors or host arrays at its leaves, in the order of {@link leaves}. Throws a
 * `RangeError` if they are not as many.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Tree } from "effect-neuron"
 *
 * Tree.refill({ a: tf.scalar(1), step: 3 }, [tf.scalar(7)]).a.arraySync() // => 7
 * ```
 */
export const refill: {
  <T extends Tree>(like: T, leaves: ReadonlyArray<Tensor>): T
  <T extends HostTree>(like: T, leaves: ReadonlyArray<NdArray>): T
  <T extends Tree, A>(like: T, leaves: ReadonlyArray<A>): With<T, A, number>
  <T extends HostTree, A>(like: T, leaves: ReadonlyArray<A>): With<T, A>
  (leaves: ReadonlyArray<Tensor>): <T extends Tree>(like: T) => T
  (leaves: ReadonlyArray<NdArray>): <T extends HostTree>(like: T) => T
  <A>(leaves: ReadonlyArray<A>): <T extends Tree | HostTree>(like: T) => With<T, A, number>
} = /* @__PURE__ */ dual(2, (like: unknown, leaves: ReadonlyArray<unknown>) => {
  let i = 0
  const filled = replaceLeaves(like, isArray, () => leaves[i++])
  if (i !== leaves.length) throw differ("refill", i, leaves.length)
  return filled
})

/**
 * Combines the tensors or host arrays of two trees of the same structure; numbers are those of the first. Throws a
 * `RangeError` if one has more leaves than the other.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Tree } from "effect-neuron"
 *
 * Tree.zipWith({ a: tf.scalar(1) }, { a: tf.scalar(2) }, (x, y) => tf.add(x, y)).a.arraySync() // => 3
 * ```
 */
export const zipWith: {
  <T extends Tree>(a: T, b: Tree, f: (x: Tensor, y: Tensor, path: string) => Tensor): T
  <T extends HostTree>(a: T, b: HostTree, f: (x: NdArray, y: NdArray, path: string) => NdArray): T
  <T extends Tree, A>(a: T, b: Tree, f: (x: Tensor, y: Tensor, path: string) => A): With<T, A, number>
  <T extends HostTree, A>(a: T, b: HostTree, f: (x: NdArray, y: NdArray, path: string) => A): With<T, A>
  (b: Tree, f: (x: Tensor, y: Tensor, path: string) => Tensor): <T extends Tree>(a: T) => T
  (b: HostTree, f: (x: NdArray, y: NdArray, path: string) => NdArray): <T extends HostTree>(a: T) => T
} = /* @__PURE__ */ dual(3, (a: unknown, b: Tree, f: (x: never, y: never, path: string) => unknown) => {
  const others = leaves(b)
  let i = 0
  const combined = mapLeaves(a, isArray, (x, path) => i < others.length ? f(x, others[i++] as never, path) : i++)
  if (i !== others.length) throw differ("zipWith", i, others.length)
  return combined
})

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
