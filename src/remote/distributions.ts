import { Effect } from "effect"
import type { Backend } from "../backend/Backend.ts"
import { copies } from "../backend/copies.ts"
import type { TensorError } from "../core/errors.ts"
import { isNdArray } from "../core/NdArray.ts"
import type { HostTree, NdArray } from "../core/NdArray.ts"
import * as Tree from "../core/Tree.ts"
import { weightsOf } from "./parts.ts"
import type { Distribution, Distributions } from "./wire.ts"

/** The number of ranges, all of one width, that values are counted in. */
const BINS = 30

/** How values are distributed; those that are not finite do not count. `undefined` where none is. */
export const distributionOf = (values: ArrayLike<number>): Distribution | undefined => {
  let min = Infinity, max = -Infinity, count = 0, sum = 0, zeros = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (!Number.isFinite(value)) continue
    min = Math.min(min, value)
    max = Math.max(max, value)
    sum += value
    count += 1
    if (value === 0) zeros += 1
  }
  if (count === 0) return undefined
  const counts = Array.from({ length: BINS }, () => 0), mean = sum / count, scale = max > min ? BINS / (max - min) : 0
  let square = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (!Number.isFinite(value)) continue
    square += (value - mean) ** 2
    counts[Math.min(BINS - 1, Math.floor((value - min) * scale))]! += 1
  }
  return { counts, min, max, mean, stddev: Math.sqrt(square / count), zeros: zeros / count }
}

/** The share of units, along the last axis, that are 0 for every example and at every place. */
export const deadOf = ({ data, shape }: NdArray): number => {
  const units = shape.at(-1) ?? 1, alive = new Uint8Array(units)
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) alive[i % units] = 1
  return units === 0 ? 0 : 1 - alive.reduce((sum, one) => sum + one, 0) / units
}

/** The norm of what has become of weights over the norm of these. */
export const changeOf = (now: ArrayLike<number>, before: ArrayLike<number>): number => {
  let difference = 0, square = 0
  for (let i = 0; i < now.length; i++) {
    difference += (now[i]! - before[i]!) ** 2
    square += now[i]! ** 2
  }
  return square === 0 ? 0 : Math.sqrt(difference / square)
}

type ByPath = ReadonlyArray<readonly [path: string, tree: HostTree]>

/** Arrays of some trees, below the paths of these. */
const arraysOf = (trees: ByPath): ReadonlyArray<readonly [path: string, array: NdArray]> =>
  trees.flatMap(([path, tree]) =>
    Tree.entries(tree as Tree.Tree, { isLeaf: isNdArray as never }).map(([below, array]) =>
      [[path, below].filter((part) => part !== "").join("."), array as unknown as NdArray] as const
    )
  )

const described = (
  arrays: ReadonlyArray<readonly [path: string, array: NdArray]>,
  more: (array: NdArray, path: string) => Partial<Distribution> = () => ({})
): { readonly [path: string]: Distribution } =>
  Object.fromEntries(arrays.flatMap(([path, array]) => {
    const found = distributionOf(array.data)
    return found === undefined ? [] : [[path, { ...found, ...more(array, path) }]]
  }))

/** A weight is at the path that its gradient is at. */
const withoutParams = (path: string): string => path.split(".").filter((part) => part !== "params").join(".")

/** What there is to look at beside weights. */
export interface Looks<T, B, E, R> {
  /** The gradients of a batch, by path. */
  readonly gradients?: ((state: T, batch: B) => Effect.Effect<ByPath, E, R>) | undefined
  /** What each layer gives for a batch, by path. */
  readonly observed?: ((state: T, batch: B) => Effect.Effect<ByPath, E, R>) | undefined
}

/**
 * Looks at the weights, gradients and activations of a training, one time after the other: what is told of weights is
 * how they have changed since the time before too.
 */
export const looking = <T extends Tree.Tree & { readonly step: number }, B, E, R>(
  { gradients, observed }: Looks<T, B, E, R>
): (state: T, batch: B) => Effect.Effect<Distributions, E | TensorError, R | Backend> => {
  let before: { readonly step: number; readonly arrays: { readonly [path: string]: NdArray } } | undefined
  return (state, batch) =>
    Effect.gen(function*() {
      const found = yield* copies("weights", weightsOf(state, undefined))
      const weights = Object.fromEntries(
        Object.entries(found as { readonly [path: string]: NdArray }).map((
          [path, array]
        ) => [withoutParams(path), array])
      )
      const last = before
      before = { step: state.step, arrays: weights }
      return {
        step: state.step,
        steps: last === undefined ? 0 : state.step - last.step,
        weights: described(
          Object.entries(weights),
          ({ data }, path) => {
            const old = last?.arrays[path]
            return old === undefined || state.step <= last!.step ? {} : { change: changeOf(data, old.data) }
          }
        ),
        gradients: gradients === undefined ? {} : described(arraysOf(yield* gradients(state, batch))),
        activations: observed === undefined
          ? {}
          : described(arraysOf(yield* observed(state, batch)), (array) => ({ dead: deadOf(array) }))
      }
    })
}
