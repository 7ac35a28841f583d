import * as Key from "../core/Key.ts"
import type { Mode } from "./Layer.ts"

/** How layers run when nothing is trained; those that draw random numbers do so only in training. */
export const inference: Mode = { training: false, key: Key.make(0) }
