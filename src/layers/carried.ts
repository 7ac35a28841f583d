import { fail } from "../backend/checks.ts"
import { leaves } from "../core/Tree.ts"
import type { Tree } from "../core/Tree.ts"

/**
 * What a stateful layer has carried for a batch of this size, if there is anything yet: the running state of a model
 * that carries nothing has none, and one for a batch of any size has no example at first.
 */
export const carriedFor = <T extends Tree>(name: string, carried: T | undefined, batch: number): T | undefined => {
  const size = carried === undefined ? 0 : leaves(carried)[0]?.shape[0] ?? 0
  if (size === 0) return undefined
  return size === batch
    ? carried
    : fail(name, `a batch of ${size}, as those whose state it goes on from`, `one of ${batch}`)
}
