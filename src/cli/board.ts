import { Effect, Option } from "effect"
import type { FileSystem, Path, Scope } from "effect"
import { hostname } from "node:os"
import type { Backend } from "../backend/Backend.ts"
import type { DataError, TensorError } from "../core/errors.ts"
import type { NdArray } from "../core/NdArray.ts"
import type { Tree } from "../core/Tree.ts"
import { writer } from "../formats/tensorboard/writer.ts"

const EVERY = 10

/** Numbers by the names under which they are shown: `train/loss`. */
export type Scalars = { readonly [tag: string]: number }

/** What TensorBoard is shown of a training of any kind. */
export interface Board {
  /** Every tenth step: what its batch measured. */
  readonly step: (step: number, scalars: () => Scalars) => Effect.Effect<void, DataError>
  /** At a checkpoint: the distributions of the weights, once for a step. */
  readonly saved: (step: number, weights: Tree) => Effect.Effect<void, DataError | TensorError, Backend>
  readonly scalars: (step: number, values: Scalars) => Effect.Effect<void, DataError>
  /** An image, `[height, width, channels]` of bytes. */
  readonly image: (step: number, tag: string, image: NdArray) => Effect.Effect<void, DataError>
  /** Writes what waits to be written; a training does it last. */
  readonly flush: Effect.Effect<void, DataError>
}

const nothing = () => Effect.void

const none: Board = { step: nothing, saved: nothing, scalars: nothing, image: nothing, flush: Effect.void }

/**
 * Writes an event file into a folder, if there is one. A run that goes on from a checkpoint gets a new file; what it
 * had shown of later steps is dropped.
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
        const board: Board = {
          step: (step, scalars) => step % EVERY === 0 ? log.scalars(step, scalars()) : Effect.void,
          saved: (step, weights) =>
            Effect.suspend(() => {
              // A checkpoint of the same step again has the same weights.
              if (step === shown) return log.flush
              shown = step
              return Effect.andThen(log.histograms(step, weights), log.flush)
            }),
          scalars: log.scalars,
          image: log.image,
          flush: log.flush
        }
        return board
      })
  })
