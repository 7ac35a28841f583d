import { concat } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import type { Kind } from "../core/Kind.ts"
import { format, isShape } from "../core/Shape.ts"
import type { Shape, ShapeTree } from "../core/Shape.ts"
import { isBranch } from "../core/structure.ts"
import { isTensor } from "../core/Tree.ts"
import type { Tree } from "../core/Tree.ts"
import { applyChild, initChild } from "./children.ts"
import type { Children } from "./children.ts"
import { kind } from "./kind.ts"
import { mismatch } from "./Layer.ts"
import type { Any, Layer } from "./Layer.ts"
import type { Sequence } from "./masked.ts"

/** The same layer against time. */
const reversed = ({ configuration, name }: Any): Any => {
  if (configuration?.options["reverse"] !== false) {
    throw new RangeError(`bidirectional: expected a recurrent layer that goes with time, got ${name}`)
  }
  const { children, kind, options } = configuration
  return kind.make({ ...options, reverse: true }, children as never) as Any
}

/**
 * A recurrent layer in both directions (Schuster, Paliwal: "Bidirectional recurrent neural networks", 1997): what the
 * layer gives beside what another one gives that goes against time, with parameters of its own. From `[time, features]`
 * to `[time, 2 * units]`, or `[2 * units]` of the last step of each, a state with twice the units too. Parameters are at the paths `forward` and
 * `backward`. Throws a `RangeError` for a layer that is not recurrent, or goes against time itself.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * const layer = Layers.bidirectional(Layers.gru(8, { returns: "last" }))
 * Result.getOrThrow(layer.init(Key.make(0), [10, 3])).output // => [16]
 * ```
 */
export const bidirectional = /* @__PURE__ */ kind("bidirectional", {
  options: {},
  children: "record",
  given: (layer: Any) => [{}, [["forward", layer], ["backward", reversed(layer)]]],
  make: (_, children) => both(children)
}) as
  & (<P, S, X extends Sequence, Y extends Tree>(
    layer: Layer<P, S, X, Y>
  ) => Layer<{ readonly forward: P; readonly backward: P }, { readonly forward: S; readonly backward: S }, X, Y>)
  & Kind

const both = (children: Children): Any => ({
  name: "bidirectional",
  init: (key, input) =>
    Result.gen(function*() {
      if (!isShape(input) && isBranch(input) && "state" in input) {
        return yield* mismatch("bidirectional", "a sequence without a state", format(input as ShapeTree))
      }
      const forward = yield* initChild(children[0]!, 0, key, input)
      const backward = yield* initChild(children[1]!, 1, key, input)
      return {
        params: { forward: forward.params, backward: backward.params },
        state: { forward: forward.state, backward: backward.state },
        output: beside<Shape>(
          forward.output,
          backward.output,
          isShape,
          (a, b) => [...a.slice(0, -1), a.at(-1)! + b.at(-1)!]
        )
      }
    }),
  apply: (params, state, x, mode) => {
    const [forward, nextForward] = applyChild(children[0]!, 0, params.forward, state.forward, x, mode)
    const [backward, nextBackward] = applyChild(children[1]!, 1, params.backward, state.backward, x, mode)
    const y = beside<Tensor>(
      forward as Tree<Tensor>,
      backward as Tree<Tensor>,
      isTensor,
      (a, b) => concat([a, b], a.rank - 1)
    )
    return [y, { forward: nextForward, backward: nextBackward }]
  }
})

/** What recurrent layers give, or the shapes of it: parts of both, and the mask, which is the same. */
const beside = <A>(a: Tree<A>, b: Tree<A>, isPart: (u: unknown) => u is A, join: (a: A, b: A) => A): Tree<A> => {
  if (isPart(a)) return join(a, b as A)
  const [parts, others] = [a, b] as ReadonlyArray<{ readonly [key: string]: Tree<A> }>
  return Object.fromEntries(
    Object.entries(parts!).map((
      [key, part]
    ) => [key, key === "mask" ? part : beside(part, others![key]!, isPart, join)])
  )
}
