import { Effect, Option } from "effect"
import type { FileSystem, Path, Scope } from "effect"
import { hostname } from "node:os"
import type { Backend } from "../backend/Backend.ts"
import type { DataError, TensorError } from "../core/errors.ts"
import * as NdArray from "../core/NdArray.ts"
import { writer } from "../formats/tensorboard/writer.ts"
import { grid } from "../images/grid.ts"
import { learningRate } from "../optimizers/learningRate.ts"
import type { TrainState } from "../train/TrainState.ts"
import type { ByLayer } from "./models.ts"
import type { Tested } from "./report/testModel.ts"

const EVERY = 10

type State = TrainState<ByLayer, ByLayer>
type Measured = { readonly loss: number; readonly accuracy: number }

/** What TensorBoard is shown of a training. */
export interface Board {
  /** Every tenth step: loss and accuracy of its batch, and the learning rate. */
  readonly step: (metrics: Measured & { readonly step: number }, state: State) => Effect.Effect<void, DataError>
  /** At a checkpoint: the distributions of the weights. */
  readonly saved: (state: State) => Effect.Effect<void, DataError | TensorError, Backend>
  /** After the test: its loss and accuracy, and the images of the worst mistakes. */
  readonly tested: (results: Measured, tested: Tested) => Effect.Effect<void, DataError>
}

const none: Board = { step: () => Effect.void, saved: () => Effect.void, tested: () => Effect.void }

/**
 * Writes an event file into a folder, if there is one. A run that goes on from a checkpoint gets a new file; what it had
 * shown of later steps is dropped.
 */
export const openBoard = (
  directory: Option.Option<string>,
  resumedFrom: number | undefined
): Effect.Effect<Board, DataError, FileSystem.FileSystem | Path.Path | Scope.Scope> =>
  Option.match(directory, {
    onNone: () => Effect.succeed(none),
    onSome: (directory) =>
      Effect.gen(function*() {
        const log = yield* writer(directory, {
          hostname: hostname(),
          ...(resumedFrom === undefined ? {} : { purgeStep: resumedFrom + 1 })
        })
        let shown = resumedFrom ?? -1
        return {
          step: ({ accuracy, loss, step }, state) =>
            step % EVERY === 0
              ? log.scalars(step, {
                "train/loss": loss,
                "train/accuracy": accuracy,
                learning_rate: learningRate(state.opt) ?? NaN
              })
              : Effect.void,
          saved: (state) =>
            Effect.suspend(() => {
              // A checkpoint of the same step again has the same weights.
              if (state.step === shown) return Effect.void
              shown = state.step
              return Effect.andThen(log.histograms(state.step, state.params), log.flush)
            }),
          tested: ({ accuracy, loss }, { mistakes, step }) =>
            Effect.gen(function*() {
              yield* log.scalars(step, { "test/loss": loss, "test/accuracy": accuracy })
              if (mistakes.length > 0) {
                const images = NdArray.concat(
                  mistakes.map(({ image: { data, shape } }) => ({ data, shape: [1, ...shape] }))
                )
                yield* log.image(step, "test/mistakes", grid(images, { background: 128 }))
              }
              yield* log.flush
            })
        }
      })
  })
