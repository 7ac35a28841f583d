import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Layer } from "effect"
import { Backend } from "../../../src/index.ts"
import * as Remote from "../../../src/remote/index.ts"
import * as RemoteNode from "../../../src/remote/node.ts"
import { plane } from "./plane.ts"

Remote.experiment(plane, { folder: process.env["RUN"]! }).pipe(
  Layer.provide([RemoteNode.layerRunner, Backend.layerWasm, NodeServices.layer]),
  Layer.launch,
  NodeRuntime.runMain
)
