import { NodeWorker, NodeWorkerRunner } from "@effect/platform-node"
import type { Layer } from "effect"
import type { Spawner, WorkerPlatform } from "effect/workers/Worker"
import type { WorkerRunnerPlatform } from "effect/workers/WorkerRunner"
import { Worker } from "node:worker_threads"

/**
 * What `Remote.connect` asks for in Node: a worker thread that runs the module at an address.
 *
 * @example
 * ```ts
 * import * as RemoteNode from "effect-neuron/remote/node"
 *
 * const layer = RemoteNode.layerWorker(new URL("./worker.ts", import.meta.url))
 * ```
 */
export const layerWorker = (module: URL): Layer.Layer<WorkerPlatform | Spawner> =>
  NodeWorker.layer(() => new Worker(module))

/**
 * What `Remote.layer` asks for in a worker thread of Node.
 *
 * @example
 * ```ts
 * import { Layer } from "effect"
 * import * as RemoteNode from "effect-neuron/remote/node"
 *
 * Layer.isLayer(RemoteNode.layerRunner) // => true
 * ```
 */
export const layerRunner: Layer.Layer<WorkerRunnerPlatform> = NodeWorkerRunner.layer
