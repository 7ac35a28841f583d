import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { tensorsNow } from "../backend/Backend.ts"
import { currentDevice } from "../backend/device.ts"
import { firstNonFinite, markFinite, nonFiniteOf, sumsOf, suspectsOf } from "../backend/finite.ts"
import { readNow } from "../backend/read.ts"
import { NonFiniteError } from "../core/errors.ts"
import type { TensorError } from "../core/errors.ts"
import * as Tree from "../core/Tree.ts"
import { learningRate } from "../optimizers/learningRate.ts"

/** The error of a value that is not finite after a step, of which `before` is the state before it. */
export const nonFiniteError = (metric: string, value: number, step: number, before: Tree.Tree): NonFiniteError => {
  const rate = learningRate(before)
  return new NonFiniteError({ metric, value, step, ...(rate === undefined ? {} : { learningRate: rate }) })
}

const hasOnlyFiniteNumbers = (node: Tree.Tree): boolean => {
  if (typeof node === "number") return Number.isFinite(node)
  if (Tree.isTensor(node)) return true
  for (const key in node) if (!hasOnlyFiniteNumbers((node as { readonly [k: string]: Tree.Tree })[key]!)) return false
  return true
}

type State = Tree.Tree & { readonly step: number }

/** The first number of a state that is not finite. */
const badNumber = (next: State, before: State): NonFiniteError | undefined => {
  if (hasOnlyFiniteNumbers(next)) return undefined
  const [path, value] = Object.entries(Tree.numbers(next)).find(([, value]) => !Number.isFinite(value))!
  return nonFiniteError(path, value, next.step, before)
}

const pathOf = (state: Tree.Tree, tensor: Tensor): string => Tree.entries(state).find(([, x]) => x === tensor)![0]

/**
 * The error of a state with a value that is not finite, parameter, moment or running statistic, where values lie in the
 * memory of this thread. It looks at those only that nothing is known of.
 */
export const nonFiniteState = (next: State, before: State): NonFiniteError | undefined => {
  for (const x of suspectsOf(Tree.leaves(next))) {
    const value = nonFiniteOf(x)
    if (value !== undefined) return nonFiniteError(pathOf(next, x), value, next.step, before)
    markFinite([x])
  }
  return badNumber(next, before)
}

/** What tells whether a state on a device is finite: numbers to be read with others, and what they say. */
export const finiteCheck = (next: State) => {
  const suspects = suspectsOf(Tree.leaves(next))
  return {
    sums: suspects.length === 0 ? Effect.succeed([]) : tensorsNow("finite state", () => [sumsOf(suspects)]),
    conclude: (sums: ArrayLike<number>, before: State): Effect.Effect<NonFiniteError | undefined, TensorError> => {
      markFinite(suspects.filter((_, i) => Number.isFinite(sums[i])))
      const doubtful = suspects.filter((_, i) => !Number.isFinite(sums[i]))
      return Effect.map(doubtful.length === 0 ? Effect.succeed([]) : readNow("finite state", doubtful), (arrays) => {
        for (const [i, { data }] of arrays.entries()) {
          const value = firstNonFinite(data)
          if (value !== undefined) return nonFiniteError(pathOf(next, doubtful[i]!), value, next.step, before)
        }
        return badNumber(next, before)
      })
    }
  }
}

/** {@link nonFiniteState}, wherever values lie. */
export const checkState = (next: State, before: State): Effect.Effect<NonFiniteError | undefined, TensorError> =>
  Effect.suspend(() => {
    if (currentDevice() === undefined) return Effect.succeed(nonFiniteState(next, before))
    const { conclude, sums } = finiteCheck(next)
    return Effect.flatMap(
      Effect.acquireUseRelease(
        sums,
        (sums) => readNow("finite state", sums),
        (sums) => Effect.sync(() => Tree.disposeExcept(sums))
      ),
      ([sums]) => conclude(sums?.data ?? [], before)
    )
  })
