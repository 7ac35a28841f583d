import { concat } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { fail, shapeOf } from "../backend/checks.ts"
import { constant } from "./allowance.ts"
import { carriedFor } from "./carried.ts"

/** The running state of attention that is stateful: `[batch, time, keyHeads, size]`, and which of them count. */
export type AttentionState = { readonly keys: Tensor; readonly values: Tensor; readonly mask?: Tensor }

/** The state at first: of no step, and with a mask where the input has one. */
export const noKeys = (batch: number, head: ReadonlyArray<number>, input: object): AttentionState => {
  const none = () => constant([batch, 0, ...head], 0)
  return { keys: none(), values: none(), ..."mask" in input && { mask: constant([batch, 0], 0) } }
}

/** What was carried here for this batch, if there is anything yet. */
export const carriedKeys = (
  { keys, mask, values }: Partial<AttentionState>,
  x: Tensor,
  given: Tensor | undefined
): AttentionState | undefined => {
  const all = keys && values && { keys, values, ...(mask && { mask }) }
  const carried = carriedFor("attention", all, x.shape[0]!)
  if (carried === undefined || carried.keys.shape[1] === 0) return undefined
  if ((mask === undefined) !== (given === undefined)) {
    fail("attention", `a sequence ${mask ? "with" : "without"} a mask, as what stands before it`, shapeOf(x))
  }
  return carried
}

/** Keys and values behind those that were carried. */
export const following = (carried: AttentionState | undefined, next: AttentionState): AttentionState =>
  carried === undefined ? next : {
    keys: concat([carried.keys, next.keys], 1),
    values: concat([carried.values, next.values], 1),
    ...(next.mask && { mask: concat([carried.mask!, next.mask], 1) })
  }
