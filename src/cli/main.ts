#!/usr/bin/env node
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { runCommand } from "./command.ts"

NodeRuntime.runMain(Effect.provide(runCommand(process.argv.slice(2)), NodeServices.layer), {
  disableErrorReporting: true
})
