import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fold } from "../core/Key.ts"
import { applyChild, childrenOf, nameOf, running, under } from "./children.ts"
import type { Children, FirstInput, LastOutput, ParamsOf, StatesOf } from "./children.ts"
import type { Any, Input, Layer, Output } from "./Layer.ts"
import { together } from "./rectified.ts"

// Parameters and states are held by key, in what `collect` makes of them: an array is a record of its indices.
const sequence = (name: string, children: Children, collect: (values: ReadonlyArray<unknown>) => unknown): Any => {
  const pairs = children.map(([, child], i) => together(child, children[i + 1]?.[1]))
  return {
    name,
    init: (key, input) =>
      Result.gen(function*() {
        const params: Array<unknown> = [], states: Array<unknown> = []
        let output = input
        for (const [i, [path, child]] of children.entries()) {
          const initial = yield* under(path, child.init(fold(key, i), output))
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
        const child = children[i]!, [path] = child
        // Who observes sees both layers of a pair.
        const fused = mode.observe === undefined ? pairs[i] : undefined, given = y
        const [output, next] = fused === undefined
          ? applyChild(child, i, params[path], state[path], given, mode)
          : running(
            path,
            () => fused(params[path], state[path], given, { training: mode.training, key: fold(mode.key, i) })
          )
        states.push(next)
        if (fused !== undefined) {
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
 * Layers one after the other; parameters and running state are tuples, at the paths `0`, `1`, …. The `i`-th layer gets
 * the key `Key.fold(key, i)`. Adding a layer moves the paths of those after it: for models whose checkpoints are kept,
 * use {@link named}.
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
export const serial = <const Ls extends ReadonlyArray<Any>>(
  ...layers: Ls
): Layer<ParamsOf<Ls>, StatesOf<Ls>, FirstInput<Ls>, LastOutput<Ls>> =>
  sequence(
    `serial(${layers.map(({ name }) => name).join(", ")})`,
    layers.map((layer, i) => [String(i), layer] as const),
    (values) => values
  )

/**
 * Layers one after the other, each with a name: parameters and running state are records, at paths that stay when
 * another layer is added (`conv1.kernel`), which checkpoints, freezing and inspection go by. The `i`-th layer gets the
 * key `Key.fold(key, i)`. Throws a `RangeError` for a name that is empty, a number, or has a dot.
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
export const named = <const Ls extends Readonly<Record<string, Any>>>(
  layers: Ls
): Layer<ParamsOf<Ls>, StatesOf<Ls>, NamedInput<Ls>, NamedOutput<Ls>> => {
  const children = childrenOf("named", layers)
  return sequence(
    `named(${nameOf(children)})`,
    children,
    (values) => Object.fromEntries(children.map(([key], i) => [key, values[i]]))
  )
}

// The order of the keys of a record is not in its type: what one layer takes or gives may be what the whole does.
type NamedInput<Ls> = keyof Ls extends never ? Tensor : Input<Ls[keyof Ls]>
type NamedOutput<Ls> = keyof Ls extends never ? Tensor : Output<Ls[keyof Ls]>
