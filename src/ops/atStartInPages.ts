import type { KernelSet } from "../backend/registry.ts"
import { core } from "./core.ts"

/** What is installed when a backend starts in a bundled page; the functions of `Ops` install what else they need. */
export const atStart: ReadonlyArray<KernelSet> = core
