import { Result } from "effect"
import type { Kind } from "../core/Kind.ts"
import type { Tree } from "../core/Tree.ts"
import { applyChild, childrenOf, initChild } from "./children.ts"
import type { Children } from "./children.ts"
import { kind } from "./kind.ts"
import { make } from "./Layer.ts"
import type { Any, Input, Layer, Output } from "./Layer.ts"
import type { ParamsOf, StatesOf } from "./neighbors.ts"
import { partsOf, shapesOf } from "./partsOf.ts"

/**
 * A layer for each input: takes a record and gives one with the same keys, what the layer under a key makes of the
 * input under it. (Branches that all take the same input are {@link parallel}.) Parameters and running state are
 * records, at the paths of the layers; the `i`-th layer gets the key `Key.fold(key, i)`. Throws a `RangeError` when
 * there is no layer and for a name that is empty, a number, or has a dot.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * // A conditional generator: noise x and the class y, of ten, of what is to be generated.
 * const generator = Layers.serial(
 *   Layers.each({ x: Layers.identity, y: Layers.embedding({ size: 10, features: 8 }) }),
 *   Layers.concatenate("x", "y"),
 *   Layers.dense(784)
 * )
 * const { output, params } = Result.getOrThrow(generator.init(Key.make(0), { x: [32], y: [] }))
 * output // => [784]
 * params[2].kernel.shape // => [40, 784]
 * ```
 */
export const each = /* @__PURE__ */ kind("each", {
  options: {},
  children: "record",
  perStep: "children",
  given: (layers: Readonly<Record<string, Any>>) => [{}, Object.entries(layers)],
  make: (_, children) => ofRecord(childrenOf("each", Object.fromEntries(children)))
}) as
  & (<const Ls extends Readonly<Record<string, Any>>>(
    layers: Ls
  ) => Layer<ParamsOf<Ls>, StatesOf<Ls>, InputsOf<Ls>, OutputsOf<Ls>>)
  & Kind

const ofRecord = (children: Children): Layer<Inputs, Inputs, Inputs, Inputs> => {
  if (children.length === 0) throw new RangeError("each: at least one layer, got none")
  const keys = children.map(([key]) => key)
  const collect = <A>(values: ReadonlyArray<A>): { readonly [key: string]: A } =>
    Object.fromEntries(children.map(([key], i) => [key, values[i]!]))
  return make<Inputs, Inputs, Inputs, Inputs>({
    name: "each",
    init: (key, input) =>
      Result.gen(function*() {
        const shapes = yield* shapesOf("each", keys, input), initial = []
        for (const [i, child] of children.entries()) {
          initial.push(yield* initChild(child, i, key, shapes[i]!))
        }
        return {
          params: collect(initial.map(({ params }) => params)),
          state: collect(initial.map(({ state }) => state)),
          output: collect(initial.map(({ output }) => output))
        }
      }),
    apply: (params, state, x, mode) => {
      const parts = partsOf("each", keys, x)
      const outcomes = children.map((child, i) =>
        applyChild(child, i, params[child[0]], state[child[0]], parts[i]!, mode)
      )
      return [collect(outcomes.map(([y]) => y)), collect(outcomes.map(([, next]) => next as Tree))]
    }
  })
}

type Inputs = { readonly [key: string]: Tree }
type InputsOf<Ls> = { readonly [K in keyof Ls]: Input<Ls[K]> } & {}
type OutputsOf<Ls> = { readonly [K in keyof Ls]: Output<Ls[K]> } & {}
