import { mergeable } from "./parts.ts"
import type { Mergeable, WithMergeable } from "./parts.ts"

/** Metrics so far: those of the last element, the sum of the weights of all, and what they are made of. */
export type Merging<M> = {
  readonly last: M
  readonly size: number
  readonly means: ReadonlyMap<string, { readonly total: number; readonly weight: number }>
  readonly exact: { readonly [name: string]: Mergeable }
}

const bookkeeping: ReadonlySet<string> = new Set(["step", "steps", "epoch", "size", "endOfEpoch"])

const NONE: { readonly [name: string]: Mergeable } = {}

/**
 * Takes one more element in. What the element holds the parts of is merged by them, every other number is averaged by
 * `size`.
 */
export const mergeIn = <M extends WithMergeable>(
  before: Merging<M> | undefined,
  element: M,
  size: number
): Merging<M> => {
  const parts = element[mergeable] ?? NONE, exact: { [name: string]: Mergeable } = { ...before?.exact }
  for (const name of Object.keys(parts)) {
    const now = parts[name]!, old = before?.exact[name]
    exact[name] = old === undefined ? now : { ...now, parts: now.merge(old.parts, now.parts) }
  }
  const means = new Map(before?.means)
  for (const [name, value] of Object.entries(element)) {
    if (typeof value !== "number" || bookkeeping.has(name) || name in exact) continue
    const { total, weight } = means.get(name) ?? { total: 0, weight: 0 }
    // A mean over no examples is NaN, and says nothing about the others.
    if (size > 0) means.set(name, { total: total + value * size, weight: weight + size })
  }
  return { last: element, size: (before?.size ?? 0) + size, means, exact }
}

/** The metrics of all elements that were taken in, beside what the last of them says. */
export const merged = <M extends WithMergeable>({ exact, last, means }: Merging<M>): M => {
  const out: { [name: string | symbol]: unknown } = { ...last }
  for (const [name, { total, weight }] of means) out[name] = total / weight
  for (const name of Object.keys(exact)) out[name] = exact[name]!.finish(exact[name]!.parts)
  if (Object.keys(exact).length > 0) out[mergeable] = exact
  return out as M
}

/**
 * The metrics of several sets of examples as those of one: shards of a test set that several machines have evaluated.
 * Exact for what a trainer emits and `Train.evaluate` gives; other numbers are averaged by `size`. Throws a
 * `RangeError` for none.
 *
 * @example
 * ```ts
 * import { Metrics } from "effect-neuron"
 *
 * Metrics.merge([{ size: 3, loss: 4 }, { size: 1, loss: 8 }]) // => { size: 4, loss: 5 }
 * ```
 */
export const merge = <M extends { readonly size: number } & WithMergeable>(elements: ReadonlyArray<M>): M => {
  if (elements.length === 0) throw new RangeError("merge expects at least one element, got none")
  const all = elements.reduce<Merging<M> | undefined>(
    (before, element) => mergeIn(before, element, element.size),
    undefined
  )!
  return { ...merged(all), size: all.size }
}
