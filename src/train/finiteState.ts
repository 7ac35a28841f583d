import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { tensorsNow } from "../backend/Backend.ts"
import { currentDevice } from "../backend/device.ts"
import { firstNonFinite, isSuspect, markFinite, nonFiniteOf, sumsOf } from "../backend/finite.ts"
import { readNow } from "../backend/read.ts"
import { NonFiniteError } from "../core/errors.ts"
import type { TensorError } from "../core/errors.ts"
import { eachLeaf } from "../core/structure.ts"
import * as Tree from "../core/Tree.ts"
import { learningRate } from "../optimizers/learningRate.ts"

/** The error of a value that is not finite after a step, of which `before` is the state before it. */
export const nonFiniteError = (metric: string, value: number, step: number, before: Tree.Tree): NonFiniteError => {
  const rate = learningRate(before)
  return new NonFiniteError({ metric, value, step, ...(rate === undefined ? {} : { learningRate: rate }) })
}

const isLeaf = (node: unknown): boolean => typeof node === "number" || Tree.isTensor(node)

/** The tensors of a state that nothing is known of, and whether its numbers are finite. */
const lookAt = (state: Tree.Tree): { readonly suspects: ReadonlyArray<Tensor>; readonly hasFiniteNumbers: boolean } => {
  const suspects: Array<Tensor> = []
  let hasFiniteNumbers = true
  eachLeaf(state, isLeaf, (leaf: Tensor | number) => {
    if (typeof leaf === "number") hasFiniteNumbers &&= Number.isFinite(leaf)
    else if (isSuspect(leaf)) suspects.push(leaf)
  })
  return { suspects, hasFiniteNumbers }
}

type State = Tree.Tree & { readonly step: number }

/** The first number of a state that is not finite. */
const badNumber = (next: State, before: State): NonFiniteError => {
  const [path, value] = Object.entries(Tree.numbers(next)).find(([, value]) => !Number.isFinite(value))!
  return nonFiniteError(path, value, next.step, before)
}

const pathOf = (state: Tree.Tree, tensor: Tensor): string => Tree.entries(state).find(([, x]) => x === tensor)![0]

/**
 * The error of a state with a value that is not finite, parameter, moment or running statistic, where values lie in the
 * memory of this thread. It looks at those only that nothing is known of.
 */
export const nonFiniteState = (next: State, before: State): NonFiniteError | undefined => {
  const { hasFiniteNumbers, suspects } = lookAt(next)
  for (const x of suspects) {
    const value = nonFiniteOf(x)
    if (value !== undefined) return nonFiniteError(pathOf(next, x), value, next.step, before)
    markFinite([x])
  }
  return hasFiniteNumbers ? undefined : badNumber(next, before)
}

/** What tells whether a state on a device is finite: numbers to be read with others, and what they say. */
export const finiteCheck = (next: State) => {
  const { hasFiniteNumbers, suspects } = lookAt(next)
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
        return hasFiniteNumbers ? undefined : badNumber(next, before)
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
