import { NodeServices } from "@effect/platform-node"
import { Layer } from "effect"
import type { Backend } from "./backend/Backend.ts"
import { layerWasm } from "./backend/wasm.ts"
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
