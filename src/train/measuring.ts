import { cast } from "@tensorflow/tfjs-core"
import type { Scalar, Tensor } from "@tensorflow/tfjs-core"
import { toTensors } from "../backend/host.ts"
import type { HostTree, NdArray } from "../core/NdArray.ts"
import { format } from "../core/Shape.ts"
import * as Tree from "../core/Tree.ts"
import { checkName } from "../metrics/names.ts"
import { numberOf } from "../metrics/parts.ts"
import type { Measurement, Parts } from "../metrics/parts.ts"
import type { AnyMetric } from "./supervision.ts"

/** What metrics measure, by name. */
export type Measurements<M> = {
  readonly [K in M as K extends { readonly name: infer Name extends string } ? Name : never]: K extends
    { readonly finish: (parts: Parts) => infer A } ? Measurement<A> : never
}

/** Throws a `RangeError` for metrics of one name, and for names that are a step's own. */
export const checkNames = (metrics: ReadonlyArray<{ readonly name: string }>): void => {
  const names = new Set<string>()
  for (const { name } of metrics) {
    checkName(name)
    if (names.has(name)) throw new RangeError(`two metrics are named ${name}`)
    names.add(name)
  }
}

/** The weights of the examples of a batch, if it has any. Throws for what are none. */
export const sampleWeight = (
  { size, weight }: { readonly size: number; readonly weight?: NdArray }
): Tensor | undefined => {
  if (weight === undefined) return undefined
  if (weight.shape.length !== 1 || weight.shape[0] !== size) {
    throw new RangeError(`weight: expected [${size}], one number for each example, got ${format(weight.shape)}`)
  }
  for (const value of weight.data as Iterable<number>) {
    if (!(value >= 0 && value < Infinity)) throw new RangeError(`weight: expected numbers of 0 or more, got ${value}`)
  }
  const tensor = toTensors(weight) as Tensor
  return tensor.dtype === "float32" ? tensor : cast(tensor, "float32")
}

/**
 * Targets in which an example of weight 0 has that of the first one that counts, or zeros where none does: its own may
 * be anything, no number or no class, and 0 times its gradient is to be 0.
 */
export const countedTargets = (
  { size, weight, y }: { readonly size: number; readonly weight?: NdArray; readonly y: HostTree }
): HostTree => {
  if (weight === undefined || !weight.data.includes(0)) return y
  const first = weight.data.findIndex((w: number) => w > 0)
  return Tree.map(y, ({ data, shape }: NdArray): NdArray => {
    if (shape[0] !== size) return { data, shape }
    const width = data.length / size, counted = data.slice()
    for (let i = 0; i < size; i++) {
      if (weight.data[i] !== 0) continue
      if (first < 0) counted.fill(0, i * width, (i + 1) * width)
      else counted.copyWithin(i * width, first * width, (first + 1) * width)
    }
    return { data: counted, shape }
  })
}

type LossParts = { readonly mean: Parts; readonly weight: Parts }

// The same for every loss, so that metrics of equal steps are equal.
const mergeLosses = (a: Parts, b: Parts): Parts => {
  const [x, y] = [a as LossParts, b as LossParts], wx = numberOf(x.weight), wy = numberOf(y.weight)
  const total = numberOf(x.mean) * wx + numberOf(y.mean) * wy
  return { mean: wx + wy === 0 ? 0 : total / (wx + wy), weight: wx + wy }
}

const finishLoss = (parts: Parts): number => numberOf((parts as LossParts).mean)

/** A mean loss and the weight that it is of. */
export const lossOf = (mean: Scalar, weight: Scalar | number): Measurement => ({
  parts: [{ mean, weight }],
  merge: mergeLosses,
  finish: finishLoss
})

/** What metrics measure of a batch. */
export const measureAll = <Y, T, M extends AnyMetric<Y, T>>(
  metrics: ReadonlyArray<M>,
  prediction: Y,
  target: T,
  weight: Tensor | undefined
): Measurements<M> => {
  const out: { [name: string]: Measurement<unknown> } = {}
  for (const metric of metrics) {
    const { finish, measure, merge, name } = metric as AnyMetric<Y, T>
    out[name] = { parts: [measure(prediction, target, weight)], merge, finish }
  }
  return out as Measurements<M>
}
