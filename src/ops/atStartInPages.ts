import { core } from "./core.ts"
import type { KernelSet } from "./registry.ts"

/** What is installed when a backend starts in a bundled page; the functions of `Ops` install what else they need. */
export const atStart: ReadonlyArray<KernelSet> = core
