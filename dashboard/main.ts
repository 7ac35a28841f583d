import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Cause, Console, Effect } from "effect"
import { Argument, CliError, Command, Flag } from "effect/cli"
import { HttpServer } from "effect/http"
import { resolve } from "node:path"
import { version } from "../src/core/version.ts"
import { buildPage, page } from "./build.ts"
import { openBrowser } from "./openBrowser.ts"
import { buildWorker, removeWorker } from "./ownWorker.ts"
import { layer } from "./server.ts"

const command = Command.make("dashboard", {
  experiments: Argument.String("experiment.ts").pipe(
    Argument.withDescription("Files that export experiments of your own, which the page trains too"),
    Argument.variadic()
  ),
  port: Flag.Int("port").pipe(
    Flag.filter((n) => n >= 0 && n < 65536, () => "a port from 0 (any that is free) to 65535"),
    Flag.withDescription("The port on this machine"),
    Flag.withDefault(4280)
  ),
  runs: Flag.String("runs").pipe(
    Flag.withMetavar("DIR"),
    Flag.withDescription("The folder that holds run folders"),
    Flag.withDefault("runs")
  ),
  open: Flag.Boolean("open").pipe(Flag.withDescription("Open the page in a browser"), Flag.withDefault(true)),
  build: Flag.Boolean("build").pipe(
    Flag.withDescription("Build the page again, and do no more"),
    Flag.withDefault(false)
  )
}, ({ build, experiments, open, port, runs }) =>
  Effect.gen(function*() {
    if (yield* Effect.promise(() => buildPage({ force: build }))) yield* Console.log("built the page")
    if (build) return
    const worker = experiments.length === 0 ? undefined : yield* Effect.acquireRelease(
      Effect.promise(() => buildWorker(experiments)),
      () => Effect.promise(removeWorker)
    )
    if (worker !== undefined && "problem" in worker) yield* Console.error(worker.problem)
    const serve = Effect.gen(function*() {
      const { address } = yield* HttpServer.HttpServer
      const url = `${HttpServer.formatAddress(address)}/`
      yield* Console.log(`dashboard: ${url}\nruns: ${resolve(runs)}\nCtrl-C stops it`)
      if (open) openBrowser(url)
      return yield* Effect.never
    })
    yield* Effect.provide(serve, layer({ port, page, runs: resolve(runs), mnist: process.env["MNIST_DIR"], worker }))
  }).pipe(Effect.scoped)).pipe(
    Command.withDescription("Serve a page, to this machine alone, in which networks are trained and runs are looked at")
  )

const program = Command.runWith(command, { version })(process.argv.slice(2)).pipe(
  Effect.tapCause((cause) => {
    const error = Cause.squash(cause)
    if (Cause.hasInterruptsOnly(cause) || CliError.isCliError(error)) return Effect.void
    const inUse = String(Cause.pretty(cause)).includes("EADDRINUSE")
    return Console.error(
      inUse ? "the port is in use: choose another by --port, or any by --port 0" : Cause.pretty(cause)
    )
  }),
  Effect.provide(NodeServices.layer)
)

NodeRuntime.runMain(Effect.asVoid(program), { disableErrorReporting: true })
