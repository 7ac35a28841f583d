import { concat, slice, zeros } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { fail, shapeOf } from "../backend/checks.ts"
import type { ShapeTree } from "../core/Shape.ts"
import { constant } from "./allowance.ts"
import { carriedFor } from "./carried.ts"

/**
 * The running state of attention that is stateful: keys and values of the steps before, `[batch, time, keyHeads, size]`,
 * which of them count, `[batch, time]`, and how many steps there were.
 */
export type AttentionState = {
  readonly keys: Tensor
  readonly values: Tensor
  readonly mask?: Tensor
  readonly position: number
}

/** The keys and values of some steps. */
export type Keys = Omit<AttentionState, "position">

/** How a layer carries keys and values: for a batch of any size (0) or of this one, and how many steps a step sees. */
export interface Carrying {
  readonly batch: number
  readonly window: number | undefined
}

// What a window has left behind is dropped so many steps at once, twice the keys that the kernel of attention goes
// through together: then what is left is gone through as it was, and gives the same bits.
const DROPPED = 192

/** How many of so many steps are still needed. */
const needed = (position: number, window: number | undefined): number =>
  window === undefined ? position : position - Math.floor(Math.max(0, position - window + 1) / DROPPED) * DROPPED

/** How many steps the state of a batch of known size has room for: so its shape stays. */
const room = ({ batch, window }: Carrying): number => batch === 0 ? 0 : window! - 2 + DROPPED

/** The state at first: of no step, and with a mask where the input has one. */
export const noKeys = (carrying: Carrying, head: ReadonlyArray<number>, input: ShapeTree): AttentionState => {
  const { batch } = carrying, steps = room(carrying), none = () => constant([batch, steps, ...head], 0)
  return { keys: none(), values: none(), ..."mask" in input && { mask: constant([batch, steps], 0) }, position: 0 }
}

/** A part of keys, values and mask alike. */
const each = ({ keys, mask, values }: Keys, f: (x: Tensor) => Tensor): Keys => ({
  keys: f(keys),
  values: f(values),
  ...(mask && { mask: f(mask) })
})

/** The last steps. */
const last = (steps: number) => (x: Tensor): Tensor =>
  x.shape[1] === steps ? x : slice(x, [0, x.shape[1]! - steps], [x.shape[0]!, steps])

/** How many steps were carried here for this batch, and what is needed of them. */
export const carriedKeys = (
  { keys, mask, position = 0, values }: Partial<AttentionState>,
  { x, mask: given }: { readonly x: Tensor; readonly mask?: Tensor },
  { window }: Carrying
): { readonly position: number; readonly before?: Keys } => {
  const all = keys && values && { keys, values, ...(mask && { mask }) }
  const carried = carriedFor("attention", all, x.shape[0]!)
  if (carried === undefined || position === 0) return { position: 0 }
  if ((mask === undefined) !== (given === undefined)) {
    fail("attention", `a sequence ${mask ? "with" : "without"} a mask, as what stands before it`, shapeOf(x))
  }
  const steps = needed(position, window)
  return steps === 0 ? { position } : { position, before: each(carried, last(steps)) }
}

/** Keys and values behind those before. */
export const following = (before: Keys | undefined, next: Keys): Keys =>
  before === undefined ? next : {
    keys: concat([before.keys, next.keys], 1),
    values: concat([before.values, next.values], 1),
    ...(next.mask && { mask: concat([before.mask!, next.mask], 1) })
  }

/** What is carried on of all keys and values, after so many steps. */
export const carriedOn = (seen: Keys, position: number, carrying: Carrying): AttentionState => {
  const steps = needed(position, carrying.window), lacking = room(carrying) - steps
  const filled = (x: Tensor) => {
    const kept = last(steps)(x)
    return lacking <= 0 ? kept : concat([zeros([x.shape[0]!, lacking, ...x.shape.slice(2)]), kept], 1)
  }
  return { ...each(seen, filled), position }
}
