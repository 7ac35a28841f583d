import { zerosLike } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { dual } from "effect/Function"
import { scoped } from "../backend/scope.ts"
import { refuse } from "../core/check.ts"
import { isBelow } from "../core/structure.ts"
import * as Tree from "../core/Tree.ts"
import { applyGradients, applying, chain } from "./transformation.ts"
import type { GradientTransformation, OptState } from "./transformation.ts"

/** Which parameters, by path: a function, or what their paths begin with. */
export type Where = ReadonlyArray<string> | ((path: string, param: Tensor) => boolean)

type Groups<Name extends string> = { readonly [K in Name]: GradientTransformation }

/** What stands for all that nothing else is for. */
const REST = "*"

/** The longest of some prefixes that a path begins with, by whole names. */
const longest = (path: string, prefixes: ReadonlyArray<string>): string | undefined =>
  prefixes.filter((prefix) => isBelow(path, prefix)).sort((a, b) => b.length - a.length)[0]

/** Throws a `RangeError` for a prefix that no path begins with, which is a misspelling. */
const checkPrefixes = (operation: string, prefixes: ReadonlyArray<string>, params: Tree.Tree): void => {
  const paths = Tree.entries(params).map(([path]) => path)
  for (const prefix of prefixes) {
    if (paths.some((path) => isBelow(path, prefix))) continue
    throw new RangeError(`${operation}: no parameter is below ${prefix}; there are ${paths.join(", ")}`)
  }
}

/** The leaves of a tree by path, by the name of the group that each belongs to. */
const split = (
  tree: Tree.Tree,
  names: ReadonlyArray<string>,
  groups: ReadonlyArray<string>
): { readonly [name: string]: { readonly [path: string]: Tensor } } => {
  const out: { [name: string]: { [path: string]: Tensor } } = Object.fromEntries(groups.map((name) => [name, {}]))
  Tree.entries(tree).forEach(([path, leaf], i) => out[names[i]!]![path] = leaf)
  return out
}

/**
 * Another transformation for each group of parameters: other learning rates for a body and a head, none for what stays.
 * Without `by` the names of the groups are what the paths of their parameters begin with (`encoder` or `encoder.conv1`,
 * the longest counts), and `"*"` is for the rest; with `by`, which gets the path of a parameter and the parameter, it
 * says the name. Each transformation sees its own parameters only, by path: `clipByGlobalNorm` in one of them clips the
 * norm of its group. The state is a record by group, so that a checkpoint names groups and parameters.
 *
 * Throws a `RangeError` for no group; `init` throws one for a parameter that is in no group, and for a prefix that no
 * parameter is below.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers } from "effect-neuron"
 *
 * const optimizer = Optimizers.partition({ body: Optimizers.sgd(0.5), "body.norm": Optimizers.freeze, "*": Optimizers.sgd(1) })
 * const params = { body: { conv: tf.scalar(0), norm: tf.scalar(0) }, head: tf.scalar(0) }
 * const gradients = { body: { conv: tf.scalar(1), norm: tf.scalar(1) }, head: tf.scalar(1) }
 * const [next] = Optimizers.applyGradients(optimizer, gradients, optimizer.init(params), params)
 * next.body.conv.arraySync() // => -0.5
 * next.body.norm.arraySync() // => 0
 * next.head.arraySync() // => -1
 * ```
 */
export const partition = <const Name extends string>(
  groups: Groups<Name>,
  { by }: { readonly by?: (path: string, param: Tensor) => NoInfer<Name> } = {}
): GradientTransformation => {
  const names: ReadonlyArray<string> = Object.keys(groups), prefixes = names.filter((name) => name !== REST)
  if (names.length === 0) refuse("partition", "groups", "a record of at least one transformation", undefined)
  const transformations: { readonly [name: string]: GradientTransformation } = groups
  const nameOf = (path: string, param: Tensor): string => {
    const name = by === undefined ? longest(path, prefixes) ?? REST : by(path, param)
    if (Object.hasOwn(transformations, name)) return name
    throw new RangeError(
      by === undefined
        ? `partition: ${path} is below none of ${prefixes.join(", ")}, and there is no "*" for the rest`
        : `partition: ${path} is in the group ${name}, which is none of ${names.join(", ")}`
    )
  }
  const namesOf = (params: Tree.Tree) => Tree.entries(params).map(([path, param]) => nameOf(path, param))
  const run = (one: typeof applyGradients): GradientTransformation["update"] => (updates, state, params) =>
    scoped(() => {
      const of = namesOf(params), given = split(updates, of, names), at = split(params, of, names)
      const out: { [path: string]: Tensor } = {}, next: { [name: string]: OptState } = {}
      for (const name of names) {
        const [made, after] = one(
          transformations[name]!,
          given[name]!,
          (state as { readonly [name: string]: OptState })[name]!,
          at[name]!
        )
        Object.assign(out, made)
        next[name] = after
      }
      return [Tree.map(updates as Tree.Tree, (_, path) => out[path]!) as typeof updates, next]
    })
  return applying({
    init: (params) => {
      if (by === undefined) checkPrefixes("partition", prefixes, params)
      const own = split(params, namesOf(params), names)
      return Object.fromEntries(names.map((name) => [name, transformations[name]!.init(own[name]!)]))
    },
    update: run((one, updates, state, params) => one.update(updates, state, params))
  }, run(applyGradients))
}

/**
 * A transformation of some parameters only; the updates of the others pass as they are. For a stage of a chain: as the
 * last one it would have the others go uphill, by their gradients, and {@link partition} with {@link freeze} is what
 * keeps parameters where they are.
 *
 * `init` throws a `RangeError` for a prefix that no parameter is below.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers } from "effect-neuron"
 *
 * const decayed = Optimizers.masked(Optimizers.addDecayedWeights(0.5), (path) => path.endsWith("kernel"))
 * const params = { kernel: tf.scalar(4), bias: tf.scalar(4) }
 * const [updates] = decayed.update({ kernel: tf.scalar(1), bias: tf.scalar(1) }, decayed.init(params), params)
 * updates.kernel.arraySync() // => 3
 * updates.bias.arraySync() // => 1
 * ```
 */
export const masked: {
  (where: Where): (transformation: GradientTransformation) => GradientTransformation
  (transformation: GradientTransformation, where: Where): GradientTransformation
} = /* @__PURE__ */ dual(2, (transformation: GradientTransformation, where: Where): GradientTransformation => {
  const isIn = typeof where === "function" ? where : (path: string) => longest(path, where) !== undefined
  const both = partition({ masked: transformation, others: chain() }, {
    by: (path, param) => isIn(path, param) ? "masked" : "others"
  })
  return {
    ...both,
    init: (params) => {
      if (typeof where !== "function") checkPrefixes("masked", where, params)
      return both.init(params)
    }
  }
})

/**
 * Keeps parameters as they are, whatever their gradients: for a group of {@link partition}. It costs nothing.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers } from "effect-neuron"
 *
 * const params = tf.tensor1d([1, 2])
 * const [next] = Optimizers.applyGradients(Optimizers.freeze, tf.tensor1d([5, Infinity]), [], params)
 * next === params // => true
 * ```
 */
export const freeze: GradientTransformation = /* @__PURE__ */ applying({
  init: () => [],
  update: (updates, state) => [Tree.map(updates as Tree.Tree, (update) => zerosLike(update)) as typeof updates, state]
}, (_, state, params) => [params, state])
