import { Effect } from "effect"
import type { Backend } from "../backend/Backend.ts"
import type { DataError, TensorError } from "../core/errors.ts"
import * as NdArray from "../core/NdArray.ts"
import { grid } from "../images/grid.ts"
import { learningRate } from "../optimizers/learningRate.ts"
import type { TrainState } from "../train/TrainState.ts"
import type { Board } from "./board.ts"
import type { ByLayer } from "./models.ts"
import type { Tested } from "./report/supervised/testModel.ts"

type State = TrainState<ByLayer, ByLayer>
type Measured = { readonly loss: number; readonly accuracy: number }

/** What TensorBoard is shown of a supervised training. */
export interface SupervisedBoard {
  /** Every tenth step: loss and accuracy of its batch, and the learning rate. */
  readonly step: (metrics: Measured & { readonly step: number }, state: State) => Effect.Effect<void, DataError>
  /** At a checkpoint: the distributions of the weights. */
  readonly saved: (state: State) => Effect.Effect<void, DataError | TensorError, Backend>
  /** After the test: its loss and accuracy, and the images of the worst mistakes. */
  readonly tested: (results: Measured, tested: Tested) => Effect.Effect<void, DataError>
}

/** Shows a supervised training on a board. */
export const supervisedBoard = (board: Board): SupervisedBoard => ({
  step: ({ accuracy, loss, step }, state) =>
    board.step(step, () => ({
      "train/loss": loss,
      "train/accuracy": accuracy,
      learning_rate: learningRate(state.opt) ?? NaN
    })),
  saved: ({ params, step }) => board.saved(step, params),
  tested: ({ accuracy, loss }, { mistakes, step }) =>
    Effect.gen(function*() {
      yield* board.scalars(step, { "test/loss": loss, "test/accuracy": accuracy })
      if (mistakes.length > 0) {
        const images = NdArray.concat(mistakes.map(({ image: { data, shape } }) => ({ data, shape: [1, ...shape] })))
        yield* board.image(step, "test/mistakes", grid(images, { background: 128 }))
      }
      yield* board.flush
    })
})
