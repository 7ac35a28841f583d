import type { ClientOf } from "effect-neuron/remote"
import type { dashboard } from "../training/definition.ts"

/** The training in the worker, as the page asks about it. */
export type Remote = ClientOf<typeof dashboard>
