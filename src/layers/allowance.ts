import { fill } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { size } from "../core/Shape.ts"
import type { Known } from "../core/Shape.ts"

/** What is left to be made where the weights of a model that a file describes are made; `init` is synchronous. */
let allowance: { left: number; readonly exceeded: () => Error } | undefined

/** Runs `f`, in which no more than `count` values of weights are made; the next one throws what `exceeded` gives. */
export const allowing = <A>(count: number, exceeded: () => Error, f: () => A): A => {
  const before = allowance
  allowance = { left: count, exceeded }
  try {
    return f()
  } finally {
    allowance = before
  }
}

/** Says that so many values are about to be made. */
export const spend = (count: number): void => {
  // Written so that NaN is too much.
  if (allowance !== undefined && !((allowance.left -= count) >= 0)) throw allowance.exceeded()
}

/** Weights that no initializer makes: one value everywhere. */
export const constant = <S extends Known>(shape: S, value: number): Tensor => {
  spend(size(shape))
  return fill([...shape], value)
}
