import { add, concat } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fail } from "../backend/checks.ts"
import { oneOf } from "../core/Kind.ts"
import type { Kind } from "../core/Kind.ts"
import { format, isShape, unify } from "../core/Shape.ts"
import type { Shape, ShapeTree } from "../core/Shape.ts"
import { shapes as shapesIn } from "../core/Tree.ts"
import { applyChild, childrenOf, initChild } from "./children.ts"
import type { Children } from "./children.ts"
import { features } from "./concatenate.ts"
import { kind } from "./kind.ts"
import { mismatch } from "./Layer.ts"
import type { Any, Input, Layer } from "./Layer.ts"
import type { ParamsOf, StatesOf } from "./neighbors.ts"

/** How the outputs of branches become one: one after the other along the last axis, or their sum. */
export type Merge = "concat" | "add"

const agreed = (shapes: ReadonlyArray<Shape>): Shape | undefined =>
  shapes.reduce<Shape | undefined>((all, shape) => all && unify(all, shape), shapes[0])

const mergedShape = (merge: Merge, shapes: ReadonlyArray<ShapeTree>): Shape | undefined => {
  if (!shapes.every(isShape)) return undefined
  if (merge === "add") return agreed(shapes)
  const lead = shapes.some((shape) => shape.length === 0)
    ? undefined
    : agreed(shapes.map((shape) => shape.slice(0, -1)))
  return lead && [...lead, features(shapes)]
}

const takes = (merge: Merge): string =>
  merge === "add" ? "branches of the same shape" : "branches of the same shape up to their last axis"

const merges = /* @__PURE__ */ oneOf("concat", "add")

/**
 * Branches that all take the same input and whose outputs are merged: `"concat"` (the default) along the last axis,
 * where the other axes have to be equal, or `"add"`, where the shapes have to be. Parameters and running state are
 * records, at the paths of the branches; the `i`-th branch gets the key `Key.fold(key, i)`. Throws a `RangeError` when
 * there is no branch and for a name that is empty, a number, or has a dot.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * const inception = Layers.parallel({
 *   narrow: Layers.conv2d({ filters: 8, kernelSize: 1 }),
 *   wide: Layers.conv2d({ filters: 16, kernelSize: 5 })
 * })
 * Result.getOrThrow(inception.init(Key.make(0), [28, 28, 3])).output // => [28, 28, 24]
 * ```
 */
export const parallel = /* @__PURE__ */ kind("parallel", {
  options: { merge: { type: merges, default: "concat" } },
  children: "record",
  perStep: "children",
  given: (branches: Readonly<Record<string, Any>>, options: { readonly merge?: Merge } = {}) => [
    options,
    Object.entries(branches)
  ],
  make: ({ merge }, children) => merged(childrenOf("parallel", Object.fromEntries(children)), merge)
}) as
  & (<const Ls extends Readonly<Record<string, Branch>>>(
    branches: Ls,
    options?: { readonly merge?: Merge }
  ) => Layer<ParamsOf<Ls>, StatesOf<Ls>, Input<Ls[keyof Ls]>>)
  & Kind

const merged = (children: Children, merge: Merge): Any => {
  if (children.length === 0) throw new RangeError("parallel: at least one branch, got none")
  const collect = (values: ReadonlyArray<unknown>) => Object.fromEntries(children.map(([key], i) => [key, values[i]]))
  return {
    name: "parallel",
    init: (key, input) =>
      Result.gen(function*() {
        const params: Array<unknown> = [], states: Array<unknown> = [], shapes: Array<ShapeTree> = []
        for (const [i, child] of children.entries()) {
          const initial = yield* initChild(child, i, key, input)
          params.push(initial.params)
          states.push(initial.state)
          shapes.push(initial.output)
        }
        const output = mergedShape(merge, shapes)
        if (output !== undefined) return { params: collect(params), state: collect(states), output }
        return yield* mismatch("parallel", takes(merge), format(collect(shapes) as ShapeTree))
      }),
    apply: (params, state, x, mode) => {
      const states: Array<unknown> = [], outputs: Array<Tensor> = []
      for (const [i, child] of children.entries()) {
        const [y, next] = applyChild(child, i, params[child[0]], state[child[0]], x, mode)
        states.push(next)
        outputs.push(y as Tensor)
      }
      const shapes = outputs.map((y) => shapesIn(y))
      if (mergedShape(merge, shapes) === undefined) fail("parallel", takes(merge), format(collect(shapes) as ShapeTree))
      const y = merge === "concat"
        ? concat(outputs, outputs[0]!.rank - 1)
        : outputs.reduce((sum, next) => add(sum, next))
      return [y, collect(states)]
    }
  }
}

// oxlint-disable-next-line typescript/no-explicit-any -- a layer is invariant in what it takes
type Branch = Layer<any, any, any, Tensor>
