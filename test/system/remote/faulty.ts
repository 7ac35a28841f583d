import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect, Layer } from "effect"
import { workerData } from "node:worker_threads"
import { Backend } from "../../../src/index.ts"
import * as Remote from "../../../src/remote/index.ts"
import * as RemoteNode from "../../../src/remote/node.ts"
import { Bands, make } from "./program.ts"

// A worker that does not start, or does not end.
if (workerData === "module") throw new Error("the module is broken")

const backend = workerData === "defect" ?
  Layer.effect(Backend.Backend, Effect.die(new Error("the layer is broken"))) :
  workerData === "deaf" ?
  Layer.merge(Backend.layerWasm, Layer.effectDiscard(Effect.addFinalizer(() => Effect.never))) :
  Backend.layerWasmWith({ paths: "/nowhere" })

Remote.layer(Bands, make).pipe(Layer.provide([RemoteNode.layerRunner, backend]), Layer.launch, NodeRuntime.runMain)
