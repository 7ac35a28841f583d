import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Layer } from "effect"
import { Backend, Experiment } from "../../../src/index.ts"
import * as Remote from "../../../src/remote/index.ts"
import * as RemoteNode from "../../../src/remote/node.ts"

Remote.experiment(Experiment.gpt).pipe(
  Layer.provide([RemoteNode.layerRunner, Backend.layerWasm, NodeServices.layer]),
  Layer.launch,
  Effect.runFork
)
