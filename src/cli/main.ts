#!/usr/bin/env node
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect } from "effect"
import { runCommand } from "./command.ts"
import { endingAtHangup } from "./hangup.ts"
import { thrownLater } from "./thrownLater.ts"

const { ending, teardown } = thrownLater(process.argv.includes("--verbose"))
const program = Effect.provide(runCommand(process.argv.slice(2)), NodeServices.layer)

NodeRuntime.runMain(ending(endingAtHangup(program)), { disableErrorReporting: true, teardown })
