#!/usr/bin/env node
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect } from "effect"
import { runCommand } from "./command.ts"
import { endingAtHangup } from "./hangup.ts"

NodeRuntime.runMain(endingAtHangup(Effect.provide(runCommand(process.argv.slice(2)), NodeServices.layer)), {
  disableErrorReporting: true
})
