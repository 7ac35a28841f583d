#!/usr/bin/env node
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Effect } from "effect"
import { runCommand } from "./command.ts"
import { endingAtHangup } from "./hangup.ts"
import { render } from "./runFolder.ts"

// What the file of an experiment throws beside everything else ends the program too, in one line.
process.on("uncaughtException", (thrown) => {
  process.stderr.write(`${render(Cause.die(thrown), process.argv.includes("--verbose"))}\n`)
  process.exit(1)
})

NodeRuntime.runMain(endingAtHangup(Effect.provide(runCommand(process.argv.slice(2)), NodeServices.layer)), {
  disableErrorReporting: true
})
