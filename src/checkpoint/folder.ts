import { Effect, FileSystem, PlatformError } from "effect"
import { CheckpointError } from "../core/errors.ts"
import { fileProblem, removePartials } from "../core/files.ts"
import { fail, isOurs, stepIn } from "./format.ts"
import type { Metadata } from "./format.ts"
import { metadata } from "./load.ts"

/**
 * The name of the newest checkpoint in a run's folder, which {@link every} writes.
 *
 * @example
 * ```ts
 * import { Checkpoint } from "effect-neuron"
 *
 * Checkpoint.fileName // => "model.safetensors"
 * ```
 */
export const fileName = "model.safetensors"

/**
 * The name of the best checkpoint in a run's folder, which {@link best} writes.
 *
 * @example
 * ```ts
 * import { Checkpoint } from "effect-neuron"
 *
 * Checkpoint.bestFileName // => "best.safetensors"
 * ```
 */
export const bestFileName = "best.safetensors"

/** The name of the checkpoint of a step, of which `keep` has several in a folder. */
export const stepFileName = (step: number): string => `step-${String(step).padStart(6, "0")}.safetensors`

export const isStepFileName = (name: string): boolean => /^step-\d{6,}\.safetensors$/.test(name)

/** A file in a folder; the separator is one that every platform takes. */
export const inFolder = (folder: string, name: string): string => `${folder.replace(/\/$/, "")}/${name}`

// The name in the metadata of what a checkpoint was judged by.
const MONITORED = "monitored"

/** Metadata with the value that a checkpoint was judged by. */
export const withValue = (metadata: Metadata, value: number | undefined): Metadata =>
  value === undefined ? metadata : { ...metadata, [MONITORED]: JSON.stringify(value) }

/** A checkpoint of a training, in a folder. */
export interface Saved {
  readonly path: string
  readonly step: number
  /** What {@link best} or {@link keep} judged it by; absent where nothing was measured at its step. */
  readonly value?: number
}

/** What the metadata of a file say of it, if it is the checkpoint of a training that this library has written. */
const savedAt = (path: string, text: Metadata): Saved | undefined => {
  const step = stepIn(text), value = text[MONITORED] === undefined ? NaN : Number(text[MONITORED])
  if (!isOurs(text) || step === undefined) return undefined
  return { path, step, ...(Number.isFinite(value) ? { value } : {}) }
}

const isMissing = (error: CheckpointError): boolean =>
  error.cause instanceof PlatformError.PlatformError && error.cause.reason._tag === "NotFound"

/** Of a file that is missing there is nothing. */
export const orMissing = <A, R>(
  effect: Effect.Effect<A, CheckpointError, R>
): Effect.Effect<A | undefined, CheckpointError, R> => Effect.catchIf(effect, isMissing, () => Effect.undefined)

/** Removes what a training that was killed in the middle of a save has left, of files of certain names. */
export const removeHalves = (folder: string, isName: (name: string) => boolean) =>
  Effect.flatMap(
    FileSystem.FileSystem,
    (files) =>
      Effect.flatMap(Effect.orElseSucceed(files.exists(folder), () => false), (isThere) =>
        isThere ? removePartials(folder, isName) : Effect.void).pipe(
          Effect.mapError((cause) =>
            new CheckpointError({ path: folder, reasons: [`cannot be read: ${cause.actual}`], cause })
          )
        )
  )

/**
 * The checkpoint that is to be overwritten, or nothing where there is no file. One that this library has not written is
 * a failure.
 */
export const ownAt = (path: string): Effect.Effect<Saved | undefined, CheckpointError, FileSystem.FileSystem> => {
  const inTheWay = (...reasons: ReadonlyArray<string>) =>
    fail(path, "is in the way: it is no checkpoint that effect-neuron has written", ...reasons)
  return orMissing(metadata(path)).pipe(
    Effect.catchIf(({ cause }) => cause === undefined, ({ reasons }) => inTheWay(...reasons)),
    Effect.flatMap((text) => {
      const saved = text === undefined ? undefined : savedAt(path, text)
      return text === undefined || saved !== undefined ? Effect.succeed(saved) : inTheWay()
    })
  )
}

/**
 * The checkpoints in a folder that {@link every}, {@link best} and {@link keep} have written, the newest first, and of
 * those of one step `model.safetensors` first and `best.safetensors` last. Other files are left out; of no folder there
 * are none.
 *
 * Fails with a `CheckpointError` when the folder or one of these files cannot be read, and when one is broken.
 *
 * @example
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Effect, FileSystem, Layer } from "effect"
 * import { Backend, Checkpoint } from "effect-neuron"
 *
 * const program = Effect.gen(function*() {
 *   const folder = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
 *   yield* Checkpoint.save({ step: 3, w: tf.zeros([2]) }, `${folder}/${Checkpoint.fileName}`)
 *   return (yield* Checkpoint.list(folder)).map(({ step }) => step)
 * })
 * const services = Layer.merge(Backend.layerWasm, NodeServices.layer)
 * await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(services))) // => [3]
 * ```
 */
export const list = (
  folder: string
): Effect.Effect<ReadonlyArray<Saved>, CheckpointError, FileSystem.FileSystem> =>
  savedIn(folder, (name) => name === fileName || name === bestFileName || isStepFileName(name))

/**
 * Of files of one step the one to go on from comes first: the best file was written before what stands behind it in the
 * pipe has changed the state of that step.
 */
const rank = ({ path }: Saved): number => path.endsWith(`/${fileName}`) ? 0 : path.endsWith(`/${bestFileName}`) ? 2 : 1

/**
 * The failure of a training that begins in a folder with a checkpoint of a later step, which is that of another one.
 */
export const refuseLater = (folder: string, { path, step }: Saved, start: number) =>
  fail(
    folder,
    `expected a folder for a training that begins at step ${start}, found ${path} of step ${step}: go on from it ` +
      "(Checkpoint.resume), remove it, or choose another folder"
  )

/** {@link list} of those with certain names. */
export const savedIn = (
  folder: string,
  isName: (name: string) => boolean
): Effect.Effect<ReadonlyArray<Saved>, CheckpointError, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    const names = yield* files.readDirectory(folder).pipe(
      Effect.catchIf(({ reason }) => reason._tag === "NotFound", () => Effect.succeed([])),
      Effect.mapError((cause) =>
        new CheckpointError({ path: folder, reasons: [`cannot be read: ${fileProblem(cause)}`], cause })
      )
    )
    const found = yield* Effect.forEach(names.filter(isName), (name) => {
      const path = inFolder(folder, name)
      return Effect.map(metadata(path), (text) => savedAt(path, text))
    })
    return found.filter((saved) => saved !== undefined).sort((a, b) => b.step - a.step || rank(a) - rank(b))
  })
