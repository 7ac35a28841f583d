import { Effect, FileSystem, Path, Stream } from "effect"
import type { Backend } from "../backend/Backend.ts"
import { CheckpointError } from "../core/errors.ts"
import type { TensorError } from "../core/errors.ts"
import { fileProblem, writeBytes } from "../core/files.ts"
import type * as Tree from "../core/Tree.ts"
import { decode, encode, parse } from "./bytes.ts"
import type { Metadata } from "./bytes.ts"

export { decode, encode } from "./bytes.ts"
export type { Metadata } from "./bytes.ts"

type Files = FileSystem.FileSystem | Path.Path

/**
 * Writes a tree to a safetensors file, as {@link encode} gives it. The file is whole or as it was before, whatever
 * happens on the way. Fails with a `CheckpointError` when it cannot be written, and as {@link encode} does.
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
 *   const state = { step: 3, params: { kernel: tf.tensor1d([1, 2]) } }
 *   yield* Checkpoint.save(`${folder}/model.safetensors`, state)
 *   const like = Effect.sync(() => ({ step: 0, params: { kernel: tf.zeros([2]) } }))
 *   const { step, params } = yield* Checkpoint.load(`${folder}/model.safetensors`, like)
 *   return [step, params.kernel.arraySync()]
 * })
 * const services = Layer.merge(Backend.layerWasm, NodeServices.layer)
 * await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(services))) // => [3, [1, 2]]
 * ```
 */
export const save = (
  path: string,
  tree: Tree.Tree,
  metadata: Metadata = {}
): Effect.Effect<void, CheckpointError | TensorError, Backend | Files> =>
  Effect.flatMap(encode(tree, metadata, path), (bytes) =>
    writeBytes(path, Stream.succeed(bytes)).pipe(
      Effect.mapError((cause) => new CheckpointError({ path, reasons: [`cannot be written: ${cause.actual}`], cause })),
      Effect.uninterruptible
    ))

const read = (path: string): Effect.Effect<Uint8Array, CheckpointError, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    Effect.mapError(
      files.readFile(path),
      (cause) => new CheckpointError({ path, reasons: [`cannot be read: ${fileProblem(cause)}`], cause })
    ))

/**
 * The metadata of a safetensors file.
 *
 * Fails with a `CheckpointError` when the file cannot be read or is no safetensors file.
 *
 * @example
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect } from "effect"
 * import { Checkpoint } from "effect-neuron"
 *
 * const failing = Effect.flip(Checkpoint.metadata("nothing/model.safetensors"))
 * const error = await Effect.runPromise(Effect.provide(failing, NodeServices.layer))
 * error.message // => "nothing/model.safetensors: cannot be read: no such file"
 * ```
 */
export const metadata = (path: string): Effect.Effect<Metadata, CheckpointError, FileSystem.FileSystem> =>
  Effect.map(Effect.flatMap(read(path), (bytes) => parse(bytes, path)), (file) => file.metadata)

/**
 * Reads a checkpoint into a tree of the same structure as `like`, which is made, compared and disposed. The caller owns
 * the tensors of the result: `Train.make(Checkpoint.load(path, Train.init(...)), step)` goes on from a checkpoint.
 *
 * With `subset`, what the file holds beside `like` is left out: `{ params, state }` of a whole training state, say.
 *
 * Fails with a `CheckpointError` that names every leaf that is missing, unexpected, or of another shape or type.
 *
 * @example
 * ```ts
 * import { Checkpoint, Key, Layers, Losses, Optimizers, Train } from "effect-neuron"
 *
 * const model = Layers.dense(1), optimizer = Optimizers.adam(1e-3)
 * const init = Train.init({ model, optimizer, input: [1], key: Key.make(1) })
 * const resumed = Train.make(
 *   Checkpoint.load("runs/line/model.safetensors", init),
 *   Train.supervised({ model, optimizer, loss: Losses.meanSquaredError })
 * )
 * ```
 */
export const load = <T extends Tree.Tree, E, R>(
  path: string,
  like: Effect.Effect<T, E, R>,
  { subset = false }: { readonly subset?: boolean } = {}
): Effect.Effect<T, E | CheckpointError | TensorError, R | Backend | FileSystem.FileSystem> =>
  Effect.flatMap(read(path), (bytes) => decode(bytes, like, { subset, name: path }))

/**
 * For `Stream.tap` behind a trainer: after every `n`-th step, writes the trainer's state to `model.safetensors` in a
 * folder.
 *
 * @example
 * ```ts
 * import { Stream } from "effect"
 * import { Checkpoint } from "effect-neuron"
 * import type { Train } from "effect-neuron"
 *
 * const train = <B, M, E, R>(trainer: Train.Trainer<Train.TrainState<{}, {}>, B, M, E, R>, batches: Stream.Stream<B>) =>
 *   batches.pipe(trainer.run, Stream.tap(Checkpoint.every(500, "runs/mnist", trainer)), Stream.runDrain)
 * ```
 */
export const every = <A extends { readonly step: number }>(
  n: number,
  folder: string,
  trainer: { readonly state: Effect.Effect<Tree.Tree> },
  metadata: Metadata = {}
) =>
(metrics: A): Effect.Effect<void, CheckpointError | TensorError, Backend | Files> =>
  metrics.step % n === 0
    ? Effect.flatMap(Path.Path, ({ join }) =>
      Effect.flatMap(trainer.state, (state) => save(join(folder, fileName), state, metadata)))
    : Effect.void

/**
 * The name of the checkpoint in a run's folder.
 *
 * @example
 * ```ts
 * import { Checkpoint } from "effect-neuron"
 *
 * Checkpoint.fileName // => "model.safetensors"
 * ```
 */
export const fileName = "model.safetensors"
