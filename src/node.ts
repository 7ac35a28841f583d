import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Layer } from "effect"
import type { Effect } from "effect"
import type { Backend } from "./backend/Backend.ts"
import { layerWasm } from "./backend/wasm.ts"
import { endingAtHangup } from "./cli/hangup.ts"
import type { BackendError } from "./core/errors.ts"

export * as Cli from "./cli/command.ts"

/**
 * All that training in Node asks for: the WebAssembly backend, and the services for files, paths, the terminal and
 * child processes.
 *
 * @example
 * ```ts
 * import { Effect, FileSystem } from "effect"
 * import { Backend } from "effect-neuron"
 * import * as Node from "effect-neuron/node"
 *
 * const program = Effect.gen(function*() {
 *   const { name } = yield* Backend.Backend
 *   const fs = yield* FileSystem.FileSystem
 *   return [name, yield* fs.exists("no-such-checkpoint.safetensors")] as const
 * })
 * await Effect.runPromise(Effect.provide(program, Node.layer)) // => ["wasm", false]
 * ```
 */
export const layer: Layer.Layer<Backend | NodeServices.NodeServices, BackendError> = Layer.merge(
  layerWasm,
  NodeServices.layer
)

/**
 * Runs the program of a process, as `NodeRuntime.runMain` of `@effect/platform-node` does. It is `Effect.runPromise`
 * with what a training needs: Ctrl-C, SIGTERM, a terminal that is closed (SIGHUP) and output that nobody reads any more
 * (`| head -1`) interrupt the program, so that `Checkpoint.every` and `Run.record` save its last step and scopes are
 * closed, and the process exits with 130; a failure is logged, and the process exits with 1.
 *
 * @example
 * ```ts no-run
 * import { Effect, Stream } from "effect"
 * import { Checkpoint, Datasets, Key, Layers, Losses, Optimizers, Pipeline, Train } from "effect-neuron"
 * import * as Node from "effect-neuron/node"
 *
 * const dataset = Datasets.digits(), folder = "runs/digits"
 * const model = Layers.named({ flat: Layers.flatten, head: Layers.dense(10) }), optimizer = Optimizers.adam(1e-3)
 * const init = Train.init({ model, optimizer, input: dataset.shapes.x, key: Key.make(1) })
 * const program = Effect.gen(function*() {
 *   const trainer = yield* Train.make(
 *     Checkpoint.resume(folder, init),
 *     Train.supervised({ model, optimizer, loss: Losses.softmaxCrossEntropy })
 *   )
 *   yield* dataset.train.pipe(
 *     Pipeline.batch(64),
 *     Pipeline.epochs(100, { skip: (yield* trainer.state).step }),
 *     trainer.run,
 *     Checkpoint.every(500, { folder, trainer }),
 *     Stream.runDrain
 *   )
 * })
 * Node.runMain(program.pipe(Effect.scoped, Effect.provide(Node.layer)))
 * ```
 */
export const runMain = <A, E>(effect: Effect.Effect<A, E>): void => NodeRuntime.runMain(endingAtHangup(effect))
