import { concat } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import type { Kind } from "../core/Kind.ts"
import { applyChild, initChild } from "./children.ts"
import type { Children } from "./children.ts"
import { kind } from "./kind.ts"
import type { Any, Layer } from "./Layer.ts"
import type { Sequence } from "./recurrent.ts"

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
 * to `[time, 2 * units]`, or `[2 * units]` of the last step of each. Parameters are at the paths `forward` and
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
  & (<P, S, X extends Sequence, Y extends Sequence>(
    layer: Layer<P, S, X, Y>
  ) => Layer<{ readonly forward: P; readonly backward: P }, { readonly forward: S; readonly backward: S }, X, Y>)
  & Kind

const both = (children: Children): Any => ({
  name: "bidirectional",
  init: (key, input) =>
    Result.gen(function*() {
      const forward = yield* initChild(children[0]!, 0, key, input)
      const backward = yield* initChild(children[1]!, 1, key, input)
      const shape = withoutMask(forward.output), last = shape.at(-1)! + withoutMask(backward.output).at(-1)!
      return {
        params: { forward: forward.params, backward: backward.params },
        state: { forward: forward.state, backward: backward.state },
        output: like(forward.output, [...shape.slice(0, -1), last])
      }
    }),
  apply: (params, state, x, mode) => {
    const [forward, nextForward] = applyChild(children[0]!, 0, params.forward, state.forward, x, mode)
    const [backward, nextBackward] = applyChild(children[1]!, 1, params.backward, state.backward, x, mode)
    const parts = [forward, backward].map((y) => withoutMask(y as Part<Tensor>))
    const y = like(forward as Part<Tensor>, concat(parts, parts[0]!.rank - 1))
    return [y, { forward: nextForward, backward: nextBackward }]
  }
})

/** What a recurrent layer gives, or the shape of it: with the mask of a sequence or without. */
type Part<A> = A | { readonly x: A; readonly mask: A }

const withoutMask = <A extends object>(part: Part<A>): A => "mask" in part ? part.x : part as A

const like = <A extends object>(part: Part<A>, x: A): Part<A> => "mask" in part ? { ...part, x } : x
