import { Effect, FileSystem, Stream } from "effect"
import type { Path } from "effect"
import { dual } from "effect/Function"
import type { Backend } from "../backend/Backend.ts"
import { CheckpointError } from "../core/errors.ts"
import type { TensorError } from "../core/errors.ts"
import { writeBytes } from "../core/files.ts"
import type { Lent } from "../core/lender.ts"
import type * as Tree from "../core/Tree.ts"
import { encode } from "./format.ts"
import type { SaveOptions } from "./format.ts"

/** Writes the bytes of a checkpoint, all of them or none. */
export const write = (
  path: string,
  bytes: Uint8Array
): Effect.Effect<void, CheckpointError, FileSystem.FileSystem | Path.Path> =>
  writeBytes(path, Stream.succeed(bytes)).pipe(
    Effect.mapError((cause) => new CheckpointError({ path, reasons: [`cannot be written: ${cause.actual}`], cause })),
    Effect.uninterruptible
  )

/**
 * Writes a tree to a safetensors file, as {@link encode} gives it. In place of a tree it takes a trainer: the file
 * holds the state of one step, whatever steps are taken meanwhile. The file is whole or as it was before, whatever
 * happens on the way; its folder is made when it is missing. Fails with a `CheckpointError` when it cannot be written,
 * and as {@link encode} does.
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
 *   yield* Checkpoint.save(state, `${folder}/model.safetensors`)
 *   const like = Effect.sync(() => ({ step: 0, params: { kernel: tf.zeros([2]) } }))
 *   const { step, params } = yield* Checkpoint.load(`${folder}/model.safetensors`, like)
 *   return [step, params.kernel.arraySync()]
 * })
 * const services = Layer.merge(Backend.layerWasm, NodeServices.layer)
 * await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(services))) // => [3, [1, 2]]
 * ```
 */
export const save: {
  (
    path: string,
    options?: SaveOptions
  ): (source: Lent<Tree.Tree>) => Effect.Effect<
    void,
    CheckpointError | TensorError,
    Backend | FileSystem.FileSystem | Path.Path
  >
  (
    source: Lent<Tree.Tree>,
    path: string,
    options?: SaveOptions
  ): Effect.Effect<void, CheckpointError | TensorError, Backend | FileSystem.FileSystem | Path.Path>
} = /* @__PURE__ */ dual(
  ([source]) => typeof source !== "string",
  (source: Lent<Tree.Tree>, path: string, options: SaveOptions = {}) =>
    Effect.flatMap(encode(source, { ...options, name: path }), (bytes) => write(path, bytes))
)
