import * as NodeWorkerRunner from "@effect/platform-node/NodeWorkerRunner"
import { Layer } from "effect"
import * as WorkerClient from "effect/workers/Worker"
import type { WorkerRunnerPlatform } from "effect/workers/WorkerRunner"
import { parentPort, Worker } from "node:worker_threads"
import { messageOf } from "../core/messageOf.ts"
import { makePlatform, tellEnd } from "./platform.ts"
import type { WorkerOptions } from "./platform.ts"

export type { WorkerOptions }

const platform = /* @__PURE__ */ makePlatform<Worker>((worker, { lost, message }) => {
  const listeners = {
    message,
    messageerror: (cause: Error) => lost(`a message could not be read: ${cause.message}`, cause),
    error: (cause: unknown) => lost(messageOf(cause), cause),
    exit: (code: number) => lost(`it has exited with code ${code}`, code)
  }
  for (const [event, listener] of Object.entries(listeners)) worker.on(event, listener)
  return () => {
    for (const [event, listener] of Object.entries(listeners)) worker.off(event, listener)
  }
})

/**
 * What `Remote.connect` asks for in Node: a worker thread that runs the module at an address, or one that a function
 * makes. `grace` is how long it has to end when it is asked to.
 *
 * @example
 * ```ts
 * import * as RemoteNode from "effect-neuron/remote/node"
 *
 * const layer = RemoteNode.layerWorker(new URL("./worker.ts", import.meta.url))
 * ```
 */
export const layerWorker = (
  module: URL | (() => Worker),
  options?: WorkerOptions
): Layer.Layer<WorkerClient.WorkerPlatform | WorkerClient.Spawner> =>
  Layer.merge(
    WorkerClient.layerSpawner(typeof module === "function" ? module : () => new Worker(module)),
    Layer.succeed(WorkerClient.WorkerPlatform, platform(options))
  )

/**
 * What `Remote.layer` asks for in a worker thread of Node. Give it first in one list with the backend and other layers:
 * a client hears why they fail.
 *
 * @example
 * ```ts
 * import { Layer } from "effect"
 * import * as RemoteNode from "effect-neuron/remote/node"
 *
 * Layer.isLayer(RemoteNode.layerRunner) // => true
 * ```
 */
export const layerRunner: Layer.Layer<WorkerRunnerPlatform> = /* @__PURE__ */ Layer.merge(
  NodeWorkerRunner.layer,
  /* @__PURE__ */ Layer.effectDiscard(/* @__PURE__ */ tellEnd((message) => parentPort?.postMessage(message)))
)
