import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Cause, Console, Effect } from "effect"
import { CliError, Command, Flag } from "effect/cli"
import { serveDashboard } from "../src/cli/dashboard/serveDashboard.ts"
import { dashboardOptions } from "../src/cli/dashboardCommand.ts"
import { UsageError } from "../src/cli/UsageError.ts"
import { version } from "../src/core/version.ts"
import { buildPage } from "./build.ts"

const command = Command.make("dashboard", {
  ...dashboardOptions,
  build: Flag.Boolean("build").pipe(
    Flag.withDescription("Build the page again, and do no more"),
    Flag.withDefault(false)
  )
}, ({ build, ...options }) =>
  Effect.gen(function*() {
    if (yield* Effect.promise(() => buildPage({ force: build }))) yield* Console.log("built the page")
    if (!build) yield* serveDashboard(options)
  })).pipe(
    Command.withDescription("Serve a page, to this machine alone, in which networks are trained and runs are looked at")
  )

const program = Command.runWith(command, { version })(process.argv.slice(2)).pipe(
  Effect.tapCause((cause) => {
    const error = Cause.squash(cause)
    if (Cause.hasInterruptsOnly(cause) || CliError.isCliError(error)) return Effect.void
    return Console.error(error instanceof UsageError ? error.message : Cause.pretty(cause))
  }),
  Effect.provide(NodeServices.layer)
)

NodeRuntime.runMain(Effect.asVoid(program), { disableErrorReporting: true })
