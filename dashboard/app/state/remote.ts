import type { Client } from "effect-neuron/remote"
import type { dashboard } from "../training/definition.ts"

/** The training in the worker, as the page asks about it. */
export type Remote = Client<typeof dashboard.config.Type>
