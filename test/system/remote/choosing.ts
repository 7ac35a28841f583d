import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Layer } from "effect"
import { Backend } from "../../../src/index.ts"
import * as Remote from "../../../src/remote/index.ts"
import * as RemoteNode from "../../../src/remote/node.ts"
import { Chosen, make } from "./program.ts"

// A worker whose trainings choose their backends.
const backends = {
  wasm: (threads: number) => Backend.layerWasmWith({ threads }),
  cpu: () => Backend.layerCpu,
  webgl: () => Backend.layerWebgl
}

Remote.layer(Chosen, make, { backend: ({ backend, threads = 1 }) => backends[backend](threads) }).pipe(
  Layer.provide(RemoteNode.layerRunner),
  Layer.launch,
  NodeRuntime.runMain
)
