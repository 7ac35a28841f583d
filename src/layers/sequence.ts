import { Result } from "effect"
import type { Kind } from "../core/Kind.ts"
import { applyChild, childrenOf, initChild } from "./children.ts"
import type { Children } from "./children.ts"
import { together } from "./fusion.ts"
import { kind } from "./kind.ts"
import type { Any, Layer } from "./Layer.ts"
import type {
  Chained,
  ChainedLayers,
  Entry,
  FirstInput,
  LastOutput,
  OneTensorEach,
  ParamsIn,
  ParamsOf,
  Positions,
  StatesIn,
  StatesOf
} from "./neighbors.ts"

// Parameters and states are held by key, in what `collect` makes of them: an array is a record of its indices.
type Collect = (values: ReadonlyArray<unknown>) => unknown

const asRecord = (children: Children): Collect => (values) =>
  Object.fromEntries(children.map(([key], i) => [key, values[i]]))

/** Runs children one after the other. */
const inOrder = (name: string, children: Children, collect: Collect = asRecord(children)): Any => {
  const pairs = children.map((child, i) => together(child, children[i + 1]?.[1]))
  return {
    name,
    init: (key, input) =>
      Result.gen(function*() {
        const params: Array<unknown> = [], states: Array<unknown> = []
        let output = input
        for (const [i, child] of children.entries()) {
          const initial = yield* initChild(child, i, key, output)
          params.push(initial.params)
          states.push(initial.state)
          output = initial.output
        }
        return { params: collect(params), state: collect(states), output }
      }),
    apply: (params, state, x, mode) => {
      const states: Array<unknown> = []
      let y = x
      for (let i = 0; i < children.length; i++) {
        const child = children[i]!, [path] = child, both = mode.observe === undefined ? pairs[i] : undefined
        const [output, next] = applyChild(both ?? child, i, params[path], state[path], y, mode)
        states.push(next)
        if (both !== undefined) {
          i += 1
          states.push(state[children[i]![0]])
        }
        y = output
      }
      return [y, collect(states)]
    }
  }
}

/**
 * Layers one after the other, each of which takes what the one before it gives, a tensor or a record of them: neighbors
 * that do not fit are an error of types at the second of the two, which ends with what the one gives and the other
 * takes. Parameters and running state are records, as in {@link named}. The `i`-th layer gets the key `Key.fold(key,
 * i)`. Throws a `RangeError` for a name that is empty, a number, has a dot, or is there twice.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * const model = Layers.sequence(
 *   ["inputs", Layers.each({ x: Layers.identity, y: Layers.embedding({ size: 10, features: 8 }) })],
 *   ["joined", Layers.concatenate("x", "y")],
 *   ["head", Layers.dense(1)]
 * )
 * const { params } = Result.getOrThrow(model.init(Key.make(0), { x: [32], y: [] }))
 * params.head.kernel.shape // => [40, 1]
 * ```
 */
export const sequence = /* @__PURE__ */ kind("sequence", {
  options: {},
  children: "record",
  perStep: "children",
  given: (...entries: ReadonlyArray<Entry>) => [{}, entries],
  make: (_, children) => {
    const names = Object.keys(Object.fromEntries(children))
    childrenOf("sequence", Object.fromEntries(children))
    if (names.length < children.length) {
      const twice = children.find(([name], i) => children.findIndex(([other]) => other === name) < i)![0]
      throw new RangeError(`sequence: ${twice} is the name of two layers`)
    }
    return inOrder("sequence", children)
  }
}) as
  & (<const Es extends ReadonlyArray<Entry>>(
    ...entries: [Es] extends [Chained<Es>] ? Es : Chained<Es>
  ) => Layer<ParamsIn<Es>, StatesIn<Es>, FirstInput<Es>, LastOutput<Es>>)
  & Kind

/**
 * A {@link sequence} without names: parameters and running state are tuples, at the paths `0`, `1`, …. The `i`-th layer
 * gets the key `Key.fold(key, i)`. Adding a layer moves the paths of those after it: for models whose checkpoints are
 * kept, use {@link named}.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * const model = Layers.serial(Layers.dense(16), Layers.relu, Layers.dense(1))
 * model.name // => "serial(dense(16), relu, dense(1))"
 * Result.getOrThrow(model.init(Key.make(0), [2])).params[0].kernel.shape // => [2, 16]
 * ```
 */
export const serial = /* @__PURE__ */ kind("serial", {
  options: {},
  children: "list",
  perStep: "children",
  given: (...layers: ReadonlyArray<Any>) => [{}, layers.map((layer, i) => [String(i), layer] as const)],
  make: (_, children) => inOrder("serial", children, (values) => values)
}) as
  & (<const Ls extends ReadonlyArray<Any>>(
    ...layers: [Ls] extends [ChainedLayers<Ls>] ? Ls : ChainedLayers<Ls>
  ) => Layer<ParamsOf<Ls>, StatesOf<Ls>, FirstInput<Positions<Ls>>, LastOutput<Positions<Ls>>>)
  & Kind

/**
 * Layers one after the other, each with a name: parameters and running state are records, at paths that stay when
 * another layer is added (`conv1.kernel`), which checkpoints, freezing and inspection go by. Each takes one tensor and
 * gives one, for the order of the keys of a record is not in its type; others stand in {@link sequence}. The `i`-th
 * layer gets the key `Key.fold(key, i)`. Throws a `RangeError` for a name that is empty, a number, or has a dot.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers, Tree } from "effect-neuron"
 *
 * const model = Layers.named({ hidden: Layers.dense(16), relu: Layers.relu, head: Layers.dense(1) })
 * const { params } = Result.getOrThrow(model.init(Key.make(0), [2]))
 * params.hidden.kernel.shape // => [2, 16]
 * Tree.entries(params).map(([path]) => path) // => ["hidden.kernel", "hidden.bias", "head.kernel", "head.bias"]
 * ```
 */
export const named = /* @__PURE__ */ kind("named", {
  options: {},
  children: "record",
  perStep: "children",
  given: (layers: Readonly<Record<string, Any>>) => [{}, Object.entries(layers)],
  make: (_, children) => inOrder("named", childrenOf("named", Object.fromEntries(children)))
}) as
  & (<const Ls extends Readonly<Record<string, Any>>>(
    layers: [Ls] extends [OneTensorEach<Ls>] ? Ls : OneTensorEach<Ls>
  ) => Layer<ParamsOf<Ls>, StatesOf<Ls>>)
  & Kind
