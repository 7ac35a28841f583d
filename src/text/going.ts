import { gather, reshape, slice, tensor2d } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import type { Scope } from "effect"
import { tensors } from "../backend/Backend.ts"
import type { Backend } from "../backend/Backend.ts"
import { copies } from "../backend/copies.ts"
import { positiveInteger } from "../core/check.ts"
import { DataError } from "../core/errors.ts"
import type { TensorError } from "../core/errors.ts"
import { format } from "../core/Shape.ts"
import * as Tree from "../core/Tree.ts"
import { inference } from "../layers/inference.ts"
import type { Layer } from "../layers/Layer.ts"
import { stateful } from "../layers/stateful.ts"
import type { Weights } from "../train/predict.ts"
import type { Tokenizer } from "./Tokenizer.ts"

/** A model that predicts the next token: from tokens `[time]` to scores of all tokens, `[time, tokens]`. */
export type LanguageModel<P extends Tree.Tree, S extends Tree.Tree> = Layer<P, S>

/** Texts that go on, and what a model makes of them until now. */
export interface Going {
  /** The scores of what follows each text with these tokens more, as many for each. */
  readonly after: (
    tokens: ReadonlyArray<ReadonlyArray<number>>
  ) => Effect.Effect<ReadonlyArray<Float32Array>, DataError | TensorError, Backend>
  /** Puts texts in the place of those that there are, by their numbers. */
  readonly choose: (rows: ReadonlyArray<number>) => Effect.Effect<void, TensorError, Backend>
}

/**
 * Texts with a model that goes on over time: of each token only what is new is computed. With a `context` the model
 * sees no more than so many tokens; it runs on all of them for each one once there are more. Texts begin anew, whatever
 * the weights carry of others. What it holds is freed with the Scope.
 */
export const going = <P extends Tree.Tree, S extends Tree.Tree>(
  by: string,
  model: LanguageModel<P, S>,
  { context = Infinity, tokenizer }: { readonly context?: number | undefined; readonly tokenizer: Tokenizer }
): (weights: Weights<P, S>) => Effect.Effect<Going, TensorError, Backend | Scope.Scope> => {
  if (context !== Infinity) positiveInteger(by, "context", context)
  const plain = model as unknown as LanguageModel<Tree.Tree, Tree.Tree>, carrying = stateful(plain)
  return Effect.fnUntraced(function*({ params, state: first }: Weights<Tree.Tree, Tree.Tree>) {
    const isFirst = new Set<unknown>(Tree.leaves(first))
    let state = first, texts: ReadonlyArray<ReadonlyArray<number>> = []
    const replace = (next: Tree.Tree) => {
      Tree.disposeExcept(state, [next, first])
      state = next
    }
    yield* Effect.addFinalizer(() => Effect.sync(() => replace(first)))
    /** The scores at the last of some tokens of each text, and the state behind them. */
    const run = (tokens: ReadonlyArray<ReadonlyArray<number>>, isWhole: boolean) => {
      const rows = tokens.length, time = tokens[0]!.length
      const x = tensor2d(Int32Array.from(tokens.flat()), [rows, time], "int32")
      // The first state can be one that training has carried, from a text that this is not.
      const mode = { ...inference, fresh: state === first }
      const [y, next] = isWhole
        ? [plain.apply(params, first, x, { ...mode, fresh: true })[0], first]
        : carrying.apply(params, state, x, mode)
      const size = y.shape[2]!
      if (y.rank !== 3 || y.shape[1] !== time || size < tokenizer.size) {
        const expected = `scores ${format([rows, time, tokenizer.size])}, one for each token of the tokenizer`
        throw new Error(`expected a model that gives ${expected}, got ${format(y.shape)}`)
      }
      return { scores: reshape(slice(y, [0, time - 1, 0], [rows, 1, size]), [rows, size]), next }
    }
    return {
      after: (tokens) =>
        Effect.gen(function*() {
          if (context !== Infinity) texts = tokens.map((more, row) => [...texts[row] ?? [], ...more].slice(-context))
          const isWhole = texts[0]?.length === context
          const { next, scores } = yield* tensors(by, () => run(isWhole ? texts : tokens, isWhole))
          replace(next)
          const { data, shape } = yield* Effect.ensuring(copies(by, scores), Effect.sync(() => scores.dispose()))
          const strange = data.find((score: number) => Number.isNaN(score) || score === Infinity)
          if (strange !== undefined) {
            return yield* new DataError({ source: by, expected: "finite scores of the model", actual: String(strange) })
          }
          const size = shape[1]!
          return tokens.map((_, row) => (data as Float32Array).subarray(row * size, row * size + tokenizer.size))
        }),
      choose: (rows) => {
        const chosen = (leaf: Tensor | number) =>
          // What has not changed since the first state, statistics say, is none of the texts.
          typeof leaf === "number" || isFirst.has(leaf) || leaf.rank === 0 ? leaf : gather(leaf, [...rows])
        return Effect.map(tensors(by, () => Tree.map(state, chosen)), (next) => {
          texts = rows.map((row) => texts[row] ?? [])
          replace(next)
        })
      }
    }
  })
}
