import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { readNow } from "../backend/read.ts"
import { NonFiniteError } from "../core/errors.ts"
import type { TensorError } from "../core/errors.ts"
import * as Tree from "../core/Tree.ts"
import { learningRate } from "../optimizers/learningRate.ts"
import type { Measured } from "./Step.ts"

/** What was measured, as numbers. */
export type Values = { readonly [name: string]: number | boolean }

const dispose = (measured: Measured): void => {
  for (const value of Object.values(measured)) if (Tree.isTensor(value) && !value.isDisposed) value.dispose()
}

/** Reads the scalar tensors of what was measured where they are, and disposes them. */
export const readSync = (measured: Measured): Values => {
  const out: { [name: string]: number | boolean } = {}
  for (const [name, value] of Object.entries(measured)) {
    out[name] = Tree.isTensor(value) ? (value as Tensor).dataSync()[0]! : value
  }
  dispose(measured)
  return out
}

/** Reads the scalar tensors of what several steps measured, all at once, and disposes them. */
export const readAll = (steps: ReadonlyArray<Measured>): Effect.Effect<ReadonlyArray<Values>, TensorError> => {
  const tensors = steps.flatMap((measured) => Object.values(measured).filter(Tree.isTensor))
  return readNow("read metrics", tensors).pipe(
    Effect.map((arrays) => {
      let next = 0
      return steps.map((measured) =>
        Object.fromEntries(
          Object.entries(measured).map(([name, value]) => [
            name,
            Tree.isTensor(value) ? arrays[next++]!.data[0]! : value
          ])
        )
      )
    }),
    Effect.ensuring(Effect.sync(() => steps.forEach(dispose)))
  )
}

/** Disposes what was measured and is not asked for any more. */
export const discard = (steps: ReadonlyArray<Measured>): void => steps.forEach(dispose)

const isLoss = (name: string): boolean => name === "loss" || name.endsWith("Loss")

/** The error of a loss that is not finite, measured by the step to `step`, of which `before` is the state before it. */
export const nonFinite = (values: Values, step: number, before: Tree.Tree): NonFiniteError | undefined => {
  for (const [metric, value] of Object.entries(values)) {
    if (!isLoss(metric) || Number.isFinite(value)) continue
    const rate = learningRate(before)
    return new NonFiniteError({
      metric,
      value: Number(value),
      step,
      ...(rate === undefined ? {} : { learningRate: rate })
    })
  }
  return undefined
}
