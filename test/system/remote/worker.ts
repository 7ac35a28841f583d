import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Layer } from "effect"
import { Backend } from "../../../src/index.ts"
import * as Remote from "../../../src/remote/index.ts"
import * as RemoteNode from "../../../src/remote/node.ts"
import { Bands, make } from "./program.ts"

Remote.layer(Bands, make).pipe(
  Layer.provide([RemoteNode.layerRunner, Backend.layerWasm]),
  Layer.launch,
  NodeRuntime.runMain
)
