import { Effect } from "effect"
import { Command } from "effect/cli"
export const dashboardCommand = Command.make("dashboard", {}, () => Effect.void)
