import { Effect, FileSystem, Stream } from "effect"
import type { PlatformError, Scope } from "effect"
import type { Backend } from "../backend/Backend.ts"
import { joined } from "../core/bytes.ts"
import { CheckpointError } from "../core/errors.ts"
import type { TensorError } from "../core/errors.ts"
import { fileProblem } from "../core/files.ts"
import * as Tree from "../core/Tree.ts"
import { headLength, PREFIX_BYTES } from "../formats/safetensorsHeader.ts"
import { decode } from "./decode.ts"
import type { Like, LoadOptions } from "./decode.ts"
import { parse, parseHead } from "./format.ts"
import type { Metadata } from "./format.ts"

const unreadable = (path: string) => (cause: PlatformError.PlatformError) =>
  new CheckpointError({ path, reasons: [`cannot be read: ${fileProblem(cause)}`], cause })

/** The bytes of a file. */
export const readFile = (path: string): Effect.Effect<Uint8Array, CheckpointError, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (files) => Effect.mapError(files.readFile(path), unreadable(path)))

/** The first bytes of a file, with all that stands before its data. */
const readHead = (path: string): Effect.Effect<Uint8Array, CheckpointError, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem, pieces: Array<Uint8Array> = []
    let length = 0, needed: number | undefined
    yield* Stream.runForEachWhile(files.stream(path), (piece) =>
      Effect.sync(() => {
        pieces.push(piece)
        length += piece.length
        if (needed === undefined && length >= PREFIX_BYTES) needed = headLength(joined(pieces))
        return needed === undefined || length < needed
      }))
    return joined(pieces)
  }).pipe(Effect.mapError(unreadable(path)))

/** The size of a file, of a file system that knows it. */
const sizeOf = (path: string): Effect.Effect<number | undefined, never, FileSystem.FileSystem> =>
  Effect.flatMap(
    FileSystem.FileSystem,
    (files) => Effect.orElseSucceed(Effect.map(files.stat(path), ({ size }) => Number(size)), () => undefined)
  )

/**
 * The metadata of a safetensors file, of which no more is read than what stands before its data.
 *
 * Fails with a `CheckpointError` when the file cannot be read, is no safetensors file, or, on a file system that knows
 * sizes, is cut short.
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
  Effect.gen(function*() {
    const { length, metadata } = yield* Effect.flatMap(readHead(path), (head) => parseHead(head, path))
    const size = yield* sizeOf(path)
    if (size === undefined || size === length) return metadata
    // Cut short, or another file since: as a whole it says which.
    return (yield* Effect.flatMap(readFile(path), (bytes) => parse(bytes, path))).metadata
  })

/**
 * Reads a checkpoint into a tree of the same structure as `like`: an effect that makes such a tree, to be compared and
 * disposed with all that it made, or a trainer, whose state stays as it is. The caller owns the tensors of the result:
 * `Train.make(Checkpoint.load(path, Train.init(...)), step)` goes on from a checkpoint, and {@link loadScoped} is for
 * weights to be used.
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
export const load = <T extends Tree.Tree, E = never, R = never>(
  path: string,
  like: Like<T, E, R>,
  options: LoadOptions = {}
): Effect.Effect<T, E | CheckpointError | TensorError, R | Backend | FileSystem.FileSystem> =>
  Effect.flatMap(readFile(path), (bytes) => decode(bytes, like, { ...options, name: path }))

/**
 * {@link load} for as long as a Scope is open, which frees the tensors at its end: for weights to predict with, to
 * evaluate or to compare.
 *
 * @example
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect, FileSystem, Layer, Stream } from "effect"
 * import { Backend, Checkpoint, Initializers, Key, Layers, Losses, NdArray, Optimizers, Train } from "effect-neuron"
 *
 * const model = Layers.dense(1, { kernelInitializer: Initializers.ones }), optimizer = Optimizers.adam(1e-3)
 * const init = Train.init({ model, optimizer, input: [2], key: Key.make(1) })
 * const program = Effect.gen(function*() {
 *   const file = `${yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()}/model.safetensors`
 *   const trainer = yield* Train.make(init, Train.supervised({ model, optimizer, loss: Losses.meanSquaredError }))
 *   yield* Checkpoint.save(trainer, file)
 *   // A file of a whole training state, of which the weights are asked for.
 *   const weights = yield* Checkpoint.loadScoped(file, Train.weights(model, { input: [2] }), { subset: true })
 *   const batches = Stream.make({ x: NdArray.make([1, 2], [1, 2]) })
 *   return yield* batches.pipe(Train.predict(model, weights), Stream.runCollect)
 * })
 * const services = Layer.merge(Backend.layerWasm, NodeServices.layer)
 * await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(services)))
 * // => [{ data: Float32Array.of(3), shape: [1, 1] }]
 * ```
 */
export const loadScoped = <T extends Tree.Tree, E = never, R = never>(
  path: string,
  like: Like<T, E, R>,
  options: LoadOptions = {}
): Effect.Effect<T, E | CheckpointError | TensorError, R | Backend | FileSystem.FileSystem | Scope.Scope> =>
  Effect.acquireRelease(load(path, like, options), (tree) => Effect.sync(() => Tree.disposeExcept(tree)))
