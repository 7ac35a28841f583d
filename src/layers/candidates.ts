import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fail, found } from "../backend/checks.ts"
import { toTensors } from "../backend/host.ts"
import type { Key } from "../core/Key.ts"
import { positiveInteger } from "../core/Kind.ts"
import type { Kind } from "../core/Kind.ts"
import { make } from "../core/NdArray.ts"
import { generator } from "../core/Random.ts"
import { format, isShape } from "../core/Shape.ts"
import { isTensor } from "../core/Tree.ts"
import { remember } from "../losses/labels.ts"
import { kind } from "./kind.ts"
import { mismatch, stateless } from "./Layer.ts"
import type { Empty, Layer } from "./Layer.ts"
import type { Sequence } from "./masked.ts"
import type { HiddenAndTable } from "./tied.ts"

/** What {@link candidates} gives: what it takes, and the classes that were drawn. */
export type WithCandidates<Y = HiddenAndTable<Sequence>> = Y & {
  readonly candidates: {
    /** `[samples]`, int32. */
    readonly ids: Tensor
    /** `[]`: how often was drawn until there were as many different ones; 0 when a model is tested, which draws none. */
    readonly tries: Tensor
  }
}

/** Different classes, of which class k is drawn with a probability of log(1 + 1 / (k + 1)) / log(classes + 1). */
const draw = (key: Key, samples: number, classes: number) => {
  const next = generator(key), ids = new Set<number>()
  let tries = 0
  for (; ids.size < samples; tries++) ids.add(Math.min(classes, Math.floor((classes + 1) ** next())) - 1)
  return { ids: Int32Array.from(ids), tries }
}

const EXPECTED = "{ hidden, table }, a table [classes, features]"

/**
 * Draws classes for `Losses.sampledSoftmax` when a model is trained: from `{ hidden, table }`, as {@link tied} gives it
 * with `returns: "hidden"`, to `{ hidden, table, candidates }`. They are different classes, the same for all positions of
 * a batch, others in each step, and small ones more often (log-uniform: of classes in the order of their frequency, as
 * words are by Zipf's law). Throws a `RangeError` for samples that are no positive integer.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const layer = Layers.candidates({ samples: 20 })
 * const x = { hidden: tf.zeros([1, 4]), table: tf.zeros([1000, 4]) }
 * const [{ candidates: { ids } }] = layer.apply({}, {}, x, { training: true, key: Key.make(1) })
 * new Set(ids.dataSync()).size // => 20
 * ```
 */
export const candidates = /* @__PURE__ */ kind("candidates", {
  options: { samples: { type: positiveInteger, bare: true } },
  given: (options: { readonly samples: number }) => [options],
  perStep: true,
  make: ({ samples }) =>
    stateless<Empty, HiddenAndTable, WithCandidates>({
      name: "candidates",
      init: (_, input) => {
        const { hidden, table } = isShape(input) ? {} as typeof input : input ?? {}
        if (!isShape(table) || !isShape(hidden) || table.length !== 2) {
          return mismatch("candidates", EXPECTED, format(input))
        }
        return table[0] !== null && table[0]! < samples
          ? mismatch("candidates", `a table of at least ${samples} classes, as many as it draws`, table)
          : Result.succeed({ params: {}, output: { ...input, candidates: { ids: [samples], tries: [] } } })
      },
      apply: (_, x, { key, training }) => {
        if (!isTensor(x?.hidden) || !isTensor(x.table)) fail("candidates", EXPECTED, found(x))
        const drawn = training ? draw(key, samples, x.table.shape[0]!) : { ids: new Int32Array(samples), tries: 0 }
        const made = { ids: make(drawn.ids), tries: make([drawn.tries], []) }, candidates = toTensors(made)
        // Whether any were drawn is asked by the loss.
        remember(candidates, made)
        return { ...x, candidates }
      }
    })
}) as
  & (<X extends Sequence = Tensor>(
    options: { readonly samples: number }
  ) => Layer<Empty, Empty, HiddenAndTable<X>, WithCandidates<HiddenAndTable<X>>>)
  & Kind
