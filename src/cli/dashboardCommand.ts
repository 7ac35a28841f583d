import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { called } from "./called.ts"
import { dataDir } from "./flags.ts"

/** The arguments and options of the page's server. */
export const dashboardOptions = {
  experiments: Argument.String("experiment.ts").pipe(
    Argument.withDescription(
      "Files that export experiments of your own, which the page trains too; my.ts#name is one of several"
    ),
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
  dataDir,
  open: Flag.Boolean("open").pipe(Flag.withDescription("Open the page in a browser"), Flag.withDefault(true))
}

export const dashboardCommand = Command.make("dashboard", dashboardOptions, (options) =>
  // Others of the command line serve nothing, and need not load it.
  Effect.flatMap(
    Effect.promise(() => import("./dashboard/serveDashboard.ts")),
    ({ serveDashboard }) => serveDashboard(options)
  )).pipe(
    Command.withDescription(
      "Serve a page, to this machine alone, in which networks are trained and runs are looked at"
    ),
    Command.withExamples([
      { command: called("effect-neuron dashboard"), description: "The page, which trains from the first second" },
      {
        command: called("effect-neuron dashboard experiment.ts"),
        description: "With an experiment of your own, which Vite bundles for it"
      }
    ])
  )
