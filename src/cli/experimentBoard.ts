import { Effect } from "effect"
import type { Backend } from "../backend/Backend.ts"
import type { DataError, TensorError } from "../core/errors.ts"
import * as NdArray from "../core/NdArray.ts"
import type { Tree } from "../core/Tree.ts"
import type { Examined, State } from "../experiment/index.ts"
import { grid } from "../images/grid.ts"
import { learningRate } from "../optimizers/learningRate.ts"
import type { Board, Scalars } from "./board.ts"
import { measuredIn, snakeCase } from "./figures.ts"

/** Figures below the name of a split. */
const scalarsOf = (split: string, figures: { readonly [name: string]: unknown }): Scalars =>
  Object.fromEntries(measuredIn(figures).map(([name, value]) => [`${split}/${snakeCase(name)}`, value]))

/** The parameters in a state of any kind: all that stand below a `params`, by the network that they are of. */
const weightsOf = (state: State): Tree => {
  const parts = state as unknown as { readonly [name: string]: Tree | undefined }
  if (parts["params"] !== undefined) return parts["params"]
  const networks = Object.entries(parts).flatMap(([name, part]) =>
    typeof part === "object" && part !== null && "params" in part ? [[name, part.params as Tree] as const] : []
  )
  return Object.fromEntries(networks)
}

/** What TensorBoard is shown of a training. */
export interface ExperimentBoard {
  /** Every tenth step: what its batch measured, and the learning rate; whatever was measured beside the steps. */
  readonly step: (metrics: { readonly step: number; readonly [name: string]: unknown }, state: State) => Effect.Effect<
    void,
    DataError
  >
  /** At a checkpoint: the distributions of the weights. */
  readonly saved: (state: State) => Effect.Effect<void, DataError | TensorError, Backend>
  /** After the test: its figures, and the worst images. */
  readonly tested: (
    step: number,
    figures: { readonly [name: string]: unknown },
    examined: Examined | undefined
  ) => Effect.Effect<void, DataError>
}

const isImage = (tree: unknown): tree is NdArray.NdArray => NdArray.isNdArray(tree) && tree.shape.length === 3

/** Shows a training on a board. */
export const experimentBoard = (board: Board): ExperimentBoard => ({
  step: (metrics, state) =>
    Effect.gen(function*() {
      const { step, validation } = metrics, { opt } = state as unknown as { readonly opt?: Tree }
      const rate = opt === undefined ? undefined : learningRate(opt)
      yield* board.step(
        step,
        () => ({ ...scalarsOf("train", metrics), ...(rate === undefined ? {} : { learning_rate: rate }) })
      )
      if (typeof validation === "object" && validation !== null) {
        yield* board.scalars(step, scalarsOf("validation", validation as { readonly [name: string]: unknown }))
      }
    }),
  saved: (state) => board.saved(state.step, weightsOf(state)),
  tested: (step, figures, examined) =>
    Effect.gen(function*() {
      yield* board.scalars(step, scalarsOf("test", figures))
      const images = (examined?.worst ?? []).flatMap(({ x }) => isImage(x) ? [x] : [])
      if (images.length > 0) {
        const all = NdArray.concat(images.map(({ data, shape }) => ({ data, shape: [1, ...shape] })))
        yield* board.image(step, "test/mistakes", grid(all, { background: 128 }))
      }
      yield* board.flush
    })
})
