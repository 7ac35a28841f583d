import { makeStore } from "../state/store.ts"
import type { Range } from "./ranges.ts"

/** The part of their common x axis that all charts show; all of it where there is none. */
export const zoom = makeStore<{ readonly x: Range | undefined }>({ x: undefined })
