import { split } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fail, shapeOf } from "../backend/checks.ts"
import { fold } from "../core/Key.ts"
import type { Kind } from "../core/Kind.ts"
import { format } from "../core/Shape.ts"
import { attention as attend } from "../ops/attention.ts"
import { attentionWeights } from "../ops/attentionWeights.ts"
import { headOptions, headsOf, joined, keyHeadsOf, otherOptions, projection, sizeOf } from "./attention.ts"
import type { HeadOptions, Projection } from "./attention.ts"
import { kind } from "./kind.ts"
import { known, make, mismatch } from "./Layer.ts"
import type { Empty, Layer } from "./Layer.ts"
import { inPlaceOf, partsIn, shapeIn } from "./masked.ts"
import type { Sequence } from "./masked.ts"
import { partsOf, shapesOf } from "./partsOf.ts"

/** The parameters of {@link crossAttention}. */
export type CrossAttentionParams = {
  /** Of the queries of all heads: `[features, heads * size]`. */
  readonly query: Projection
  /** Of the keys and then of the values, of the memory: `[memoryFeatures, 2 * keyHeads * size]`. */
  readonly kv: Projection
  /** Of what all heads give: `[heads * size, features]`. */
  readonly output: Projection
}

/** A sequence, and another that it looks at. */
export type WithMemory<X = Tensor> = { readonly x: X; readonly memory: Sequence }

const SEQUENCE = "[time, features]"

/**
 * Attention of a sequence to another one (Vaswani et al.: "Attention is all you need", 2017), from `{ x, memory }`:
 * each step of x, `[time, features]`, gets a mean of the values of the memory, `[memoryTime, memoryFeatures]`, weighed
 * by how well their keys fit its query. Steps of the memory where its mask is 0 are not seen, when it is `{ x, mask }`
 * as an encoder of such sequences gives it. Gives what is in the place of x, with the mask of it if it has one. Heads
 * and their options are those of {@link attention}.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * const layer = Layers.crossAttention({ heads: 4 })
 * const { output, params } = Result.getOrThrow(layer.init(Key.make(0), { x: [5, 32], memory: [null, 16] }))
 * output // => [5, 32]
 * params.kv.kernel.shape // => [16, 64]
 * ```
 */
export const crossAttention = /* @__PURE__ */ kind("crossAttention", {
  options: { ...headOptions, ...otherOptions },
  // Of the memory, which is the same at each step, it sees all.
  perStep: true,
  given: (options: HeadOptions) => [options],
  make: (options) => {
    const { dropout, heads } = options, keyHeads = keyHeadsOf("crossAttention", options)
    return make<CrossAttentionParams, Empty, WithMemory<Sequence>, Sequence>({
      name: "crossAttention",
      multiplyAdds: ({ kv, output, query }, { memory, x }) => {
        const [time, other] = [x, memory].map((shape) => Result.getOrThrow(shapeIn("crossAttention", shape))[0]!)
        if (time === null || other === null) return null
        return time! * (query.kernel.size + output.kernel.size) + other! * kv.kernel.size
      },
      init: (key, input) =>
        Result.gen(function*() {
          yield* shapesOf("crossAttention", ["x", "memory"], input)
          const x = yield* shapeIn("crossAttention", input.x), memory = yield* shapeIn("crossAttention", input.memory)
          if (x.length !== 2 || memory.length !== 2) {
            return yield* mismatch("crossAttention", `x and memory ${SEQUENCE}`, format({ x, memory }))
          }
          const [features] = yield* known("crossAttention", `x ${SEQUENCE}`, x, 1)
          const [given] = yield* known("crossAttention", `a memory ${SEQUENCE}`, memory, 1)
          const size = yield* sizeOf("crossAttention", x, options), own = keyHeads * size
          return {
            params: {
              query: projection(fold(key, 0), features, [heads * size], options),
              kv: projection(fold(key, 1), given, [own, own], options),
              output: projection(fold(key, 2), heads * size, [features], options)
            },
            state: {},
            output: input.x
          }
        }),
      apply: ({ kv, output, query }, state, given, { attended, key, training }) => {
        partsOf("crossAttention", ["x", "memory"], given as never)
        const { x } = partsIn("crossAttention", given.x), { mask, x: memory } = partsIn("crossAttention", given.memory)
        fitting("x", x, query)
        fitting("memory", memory, kv)
        const [keys, values] = split(headsOf(memory, kv, 2 * keyHeads), 2, 2) as [Tensor, Tensor]
        const asked = {
          ...{ query: headsOf(x, query, heads), key: keys },
          ...(mask && { mask }),
          ...(training && dropout > 0 && { dropout: { rate: dropout, key } })
        }
        attended?.("", attentionWeights(asked))
        const y = attend({ ...asked, value: values })
        return [inPlaceOf(given.x, joined(y, output)), state]
      }
    })
  }
}) as
  & (<X extends Sequence = Tensor>(
    options: HeadOptions
  ) => Layer<CrossAttentionParams, Empty, WithMemory<NoInfer<X>>, NoInfer<X>>)
  & Kind

const fitting = (name: string, x: Tensor, { kernel }: Projection): void => {
  if (x.rank === 3 && x.shape[2] === kernel.shape[0]) return
  fail("crossAttention", `${name} [batch, time, ${kernel.shape[0]}]`, shapeOf(x))
}
