import { Cause, Effect, Exit, Stream } from "effect"
import type { FileSystem, Path } from "effect"
import type { Backend } from "../backend/Backend.ts"
import type { CheckpointError, TensorError } from "../core/errors.ts"
import { using } from "../core/lender.ts"
import type { Lender } from "../core/lender.ts"
import type { Tree } from "../core/Tree.ts"
import { encode } from "./format.ts"
import type { SaveOptions } from "./format.ts"
import { write } from "./save.ts"

/** A training state, of any kind of training. */
export type State = Tree & { readonly step: number }

/** What is saved, and where to. */
export interface SavingOptions extends SaveOptions {
  /** The folder of the run, which is made when it is missing. */
  readonly folder: string
  /** Whose state is saved: that after the step whose metrics come by. */
  readonly trainer: Lender<State>
}

export type SavingError = CheckpointError | TensorError
export type SavingServices = Backend | FileSystem.FileSystem | Path.Path

/** An operator that saves on the way; the stream stays as it is. */
export type Saver<A> = <E, R>(self: Stream.Stream<A, E, R>) => Stream.Stream<A, E | SavingError, R | SavingServices>

/** The step that a trainer has got to. */
export const stepOf = (trainer: Lender<State>): Effect.Effect<number> =>
  using(trainer, ({ step }) => Effect.succeed(step))

/** Saves the states of a trainer, none of them twice unless `again` asks for it. */
export interface Writer {
  /** The step of the state that was there at the beginning, or that was saved last. */
  readonly last: () => number
  /** Saves the state as it is now, if it is another, to the file of its step. */
  readonly save: (
    file: (step: number) => Effect.Effect<Target, CheckpointError, SavingServices>,
    options?: { readonly again: boolean }
  ) => Effect.Effect<
    { readonly path: string; readonly step: number } | undefined,
    SavingError,
    SavingServices
  >
}

interface Target extends SaveOptions {
  readonly path: string
}

export const makeWriter = (trainer: Lender<State>): Effect.Effect<Writer> =>
  Effect.map(stepOf(trainer), (start) => {
    let last = start
    return {
      last: () => last,
      save: (file, { again } = { again: false }) =>
        using(trainer, (state) =>
          state.step === last && !again
            ? Effect.undefined
            : Effect.flatMap(file(state.step), ({ path, ...options }) =>
              Effect.map(encode(state, { ...options, name: path }), (bytes) => ({ bytes, path, step: state.step }))))
          .pipe(Effect.flatMap((encoded) => {
            if (encoded === undefined) {
              return Effect.undefined
            }
            const { bytes, path, step } = encoded
            return Effect.uninterruptible(Effect.map(write(path, bytes), () => {
              last = step
              return { path, step }
            }))
          }))
    }
  })

/**
 * The stream, with `look` at each element and `end` where it ends: after its last element, when it is stopped by who
 * takes from it, and when it is interrupted, but not when it fails. What goes wrong at an end that nobody waits for is
 * a defect.
 */
export const alongside = <A, E, R, E2, R2, E3, R3>(
  self: Stream.Stream<A, E, R>,
  begin: Effect.Effect<
    { readonly look: (element: A) => Effect.Effect<void, E3, R3>; readonly end: Effect.Effect<void, E3, R3> },
    E2,
    R2
  >
): Stream.Stream<A, E | E2 | E3, R | R2 | R3> =>
  Stream.unwrap(Effect.map(begin, ({ end, look }) =>
    self.pipe(
      Stream.tap(look),
      Stream.concat(Stream.fromEffectDrain(end)),
      Stream.onExit((exit) =>
        Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause) ? Effect.orDie(end) : Effect.void
      )
    )))
