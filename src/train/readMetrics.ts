import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { readNow } from "../backend/read.ts"
import { TensorError } from "../core/errors.ts"
import type { NonFiniteError } from "../core/errors.ts"
import type { NdArray } from "../core/NdArray.ts"
import * as Tree from "../core/Tree.ts"
import { mergeable, readMeasurement } from "../metrics/parts.ts"
import type { Measurement, Mergeable, WithMergeable } from "../metrics/parts.ts"
import { nonFiniteError } from "./finiteState.ts"
import type { Measured, Metrics } from "./Step.ts"

/** What was measured, as numbers. */
export type Values = WithMergeable & { readonly [name: string]: unknown }

const tensorsOf = (measured: Measured): ReadonlyArray<Tensor> => {
  const out: Array<Tensor> = []
  for (const value of Object.values(measured)) {
    if (Tree.isTensor(value)) out.push(value)
    else if (typeof value === "object") { for (const part of value.parts) out.push(...Tree.leaves(part)) }
  }
  return out
}

const dispose = (measured: Measured): void => {
  for (const tensor of tensorsOf(measured)) if (!tensor.isDisposed) tensor.dispose()
}

/**
 * What is read of a measurement. Functions of a user compute it: what they throw is a `TensorError` that names the
 * metric.
 */
const finished = (name: string, measurement: Measurement<unknown>, read: (tensor: Tensor) => ArrayLike<number>) => {
  try {
    const merged = readMeasurement(measurement, read)
    return { merged, value: merged.finish(merged.parts) }
  } catch (cause) {
    throw new TensorError({ operation: `metric ${name}`, cause })
  }
}

const errorOf = (cause: unknown): TensorError =>
  cause instanceof TensorError ? cause : new TensorError({ operation: "read metrics", cause })

const valuesOf = (measured: Measured, read: (tensor: Tensor) => ArrayLike<number>): Values => {
  const out: { [name: string | symbol]: unknown } = {}
  let parts: { [name: string]: Mergeable } | undefined
  for (const [name, value] of Object.entries(measured)) {
    if (Tree.isTensor(value)) out[name] = read(value)[0]!
    else if (typeof value === "object") {
      const { merged, value: whole } = finished(name, value, read)
      out[name] = whole
      parts ??= {}
      parts[name] = merged
    } else out[name] = value
  }
  if (parts !== undefined) out[mergeable] = parts
  return out as Values
}

/** Reads the tensors of what was measured where they are, and disposes them, also when it throws: a `TensorError`. */
export const readSync = (measured: Measured): Values => {
  try {
    return valuesOf(measured, (tensor) => tensor.dataSync())
  } catch (cause) {
    throw errorOf(cause)
  } finally {
    dispose(measured)
  }
}

/** Reads the tensors of what several steps measured, and others, all at once, and disposes them all. */
export const readAll = (
  steps: ReadonlyArray<Measured>,
  others: ReadonlyArray<Tensor> = []
): Effect.Effect<readonly [steps: ReadonlyArray<Values>, others: ReadonlyArray<NdArray>], TensorError> => {
  const tensors = steps.flatMap(tensorsOf)
  return readNow("read metrics", [...tensors, ...others]).pipe(
    Effect.flatMap((arrays) =>
      Effect.try({
        try: () => {
          const known = new Map(tensors.map((tensor, i) => [tensor, arrays[i]!.data]))
          const values = steps.map((measured) => valuesOf(measured, (tensor) => known.get(tensor)!))
          return [values, arrays.slice(tensors.length)] as const
        },
        catch: errorOf
      })
    ),
    Effect.ensuring(Effect.sync(() => {
      steps.forEach(dispose)
      Tree.disposeExcept(others)
    }))
  )
}

/**
 * What a step measured, as a trainer emits it, for those who take steps without one. Disposes the tensors.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Effect } from "effect"
 * import { Train } from "effect-neuron"
 *
 * Effect.runSync(Train.read({ loss: tf.scalar(0.5), size: 3 })) // => { loss: 0.5, size: 3 }
 * ```
 */
export const read = <M extends Measured>(measured: M): Effect.Effect<Omit<Metrics<M>, "step">, TensorError> =>
  Effect.map(readAll([measured]), ([[values]]) => values as unknown as Omit<Metrics<M>, "step">)

/** Disposes what was measured and is not asked for any more. */
export const discard = (steps: ReadonlyArray<Measured>): void => steps.forEach(dispose)

// A metric is for who reads it, whatever its name, and may well be NaN, of no examples say.
const isLoss = (name: string, values: Values): boolean =>
  name === "loss" || (name.endsWith("Loss") && values[mergeable]?.[name] === undefined)

/** The error of a loss that is not finite, measured by the step to `step`, of which `before` is the state before it. */
export const nonFiniteLoss = (values: Values, step: number, before: Tree.Tree): NonFiniteError | undefined => {
  for (const [metric, value] of Object.entries(values)) {
    if (typeof value !== "number" || Number.isFinite(value) || !isLoss(metric, values)) continue
    return nonFiniteError(metric, value, step, before)
  }
  return undefined
}
