import { Effect } from "effect"
import type { FileSystem } from "effect"
import type { Backend } from "../backend/Backend.ts"
import type { CheckpointError, TensorError } from "../core/errors.ts"
import type { Tree } from "../core/Tree.ts"
import { list, orMissing } from "./folder.ts"
import { load, metadata } from "./load.ts"

/**
 * The state to begin with: that of the newest checkpoint in a folder (see {@link list}), or of the file that is named,
 * one that ends in `.safetensors`; where there is none yet, that of `init`. So one program begins a training and goes
 * on with it: `Train.make(Checkpoint.resume("runs/mnist", Train.init(...)), step)`.
 *
 * A checkpoint that is broken or of another model is a `CheckpointError`, as of {@link load}, and never a new
 * beginning.
 *
 * @example
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect, FileSystem, Layer, Stream } from "effect"
 * import { Backend, Checkpoint, Key, Layers, Losses, NdArray, Optimizers, Train } from "effect-neuron"
 *
 * const model = Layers.dense(1), optimizer = Optimizers.sgd(0.1)
 * const init = Train.init({ model, optimizer, input: [1], key: Key.make(1) })
 * const batch = { x: NdArray.make([1, 2], [2, 1]), y: NdArray.make([2, 4], [2, 1]), size: 2 }
 * const train = (folder: string, steps: number) =>
 *   Effect.scoped(Effect.gen(function*() {
 *     const trainer = yield* Train.make(
 *       Checkpoint.resume(folder, init),
 *       Train.supervised({ model, optimizer, loss: Losses.meanSquaredError })
 *     )
 *     yield* Stream.forever(Stream.make(batch)).pipe(
 *       Stream.take(steps),
 *       trainer.run,
 *       Checkpoint.every(100, { folder, trainer }),
 *       Stream.runDrain
 *     )
 *     return (yield* trainer.state).step
 *   }))
 * const program = Effect.gen(function*() {
 *   const folder = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
 *   return [yield* train(folder, 10), yield* train(folder, 10)]
 * })
 * const services = Layer.merge(Backend.layerWasm, NodeServices.layer)
 * await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(services))) // => [10, 20]
 * ```
 */
export const resume = <T extends Tree, E, R>(
  path: string,
  init: Effect.Effect<T, E, R>
): Effect.Effect<T, E | CheckpointError | TensorError, R | Backend | FileSystem.FileSystem> =>
  Effect.flatMap(
    path.endsWith(".safetensors")
      ? Effect.map(orMissing(metadata(path)), (found) => found === undefined ? undefined : path)
      : Effect.map(list(path), ([newest]) => newest?.path),
    (file): Effect.Effect<T, E | CheckpointError | TensorError, R | Backend | FileSystem.FileSystem> =>
      file === undefined ? init : load(file, init)
  )
