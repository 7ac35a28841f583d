import type { Tensor } from "@tensorflow/tfjs-core"
import * as Tree from "../core/Tree.ts"

/** What was measured, in host memory: numbers, and the values of tensors. */
export type Parts = Tree.Tree<Float64Array | number>

/** The tree `P` of tensors as it is merged. */
export type Read<P> = Tree.Tree extends P ? Parts
  : P extends Tensor ? Float64Array
  : P extends number ? number
  : { readonly [K in keyof P]: Read<P[K]> }

/** What one or several batches measured, and how it becomes one value. */
export interface Measurement<out A = number> {
  /** For each of the batches, or parts of one, a tree of tensors and numbers. */
  readonly parts: ReadonlyArray<Tree.Tree>
  readonly merge: (a: Parts, b: Parts) => Parts
  readonly finish: (parts: Parts) => A
}

/** A value with what it was made of, so that it can be merged with others. */
export interface Mergeable<out A = unknown> {
  readonly parts: Parts
  readonly merge: (a: Parts, b: Parts) => Parts
  readonly finish: (parts: Parts) => A
}

/**
 * The key under which metrics that a trainer emits, or that `Train.evaluate` gives, hold what they were made of: what
 * merges several of them (`Metrics.running`, `Metrics.perEpoch`, `Metrics.merge`) is exact by it. Operators that copy
 * metrics, `{ ...metrics, more }`, keep it.
 *
 * @example
 * ```ts
 * import { Metrics } from "effect-neuron"
 *
 * String(Metrics.mergeable) // => "Symbol(effect-neuron/mergeable)"
 * ```
 */
export const mergeable: unique symbol = Symbol.for("effect-neuron/mergeable")

/** Metrics with what they were made of. */
export type WithMergeable = { readonly [mergeable]?: { readonly [name: string]: Mergeable } }

/** The number that a part of one value is. */
export const numberOf = (part: Parts): number => typeof part === "number" ? part : (part as Float64Array)[0]!

/** The sums of two trees of parts, number by number. */
export const addParts = (a: Parts, b: Parts): Parts => {
  if (typeof a === "number") return typeof b === "number" ? a + b : a + numberOf(b)
  if (a instanceof Float64Array) {
    return b instanceof Float64Array ? a.map((x, i) => x + b[i]!) : numberOf(a) + (b as number)
  }
  const out: { [key: string]: Parts } = {}
  for (const [key, part] of Object.entries(a)) out[key] = addParts(part as Parts, (b as typeof out)[key]!)
  return Array.isArray(a) ? Object.values(out) : out
}

/** The parts of one batch, with `next` giving the values of its tensors in their order. */
const readParts = (parts: Tree.Tree, valuesOf: (tensor: Tensor) => ArrayLike<number>): Parts => {
  if (Tree.isTensor(parts)) return new Float64Array(valuesOf(parts))
  if (typeof parts === "number") return parts
  if (Array.isArray(parts)) return parts.map((part: Tree.Tree) => readParts(part, valuesOf))
  const out: { [key: string]: Parts } = {}
  for (const [key, part] of Object.entries(parts)) out[key] = readParts(part as Tree.Tree, valuesOf)
  return out
}

/** Reads what a measurement holds, as one. */
export const readMeasurement = <A>(
  { finish, merge, parts }: Measurement<A>,
  valuesOf: (tensor: Tensor) => ArrayLike<number>
): Mergeable<A> => ({
  parts: parts.map((part) => readParts(part, valuesOf)).reduce(merge),
  merge,
  finish
})

/**
 * What a metric says of batches, given what it measured of each; reads the tensors at once, which WebGPU cannot.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Metrics } from "effect-neuron"
 *
 * const { measure } = Metrics.accuracy
 * const right = measure(tf.tensor2d([[1, 0]]), tf.tensor1d([0])), wrong = measure(tf.tensor2d([[1, 0]]), tf.tensor1d([1]))
 * Metrics.compute(Metrics.accuracy, [right, wrong]) // => 0.5
 * ```
 */
export const compute = <A>(
  { finish, merge }: Pick<Mergeable<A>, "merge" | "finish">,
  measured: ReadonlyArray<Tree.Tree>
): A => finish(readMeasurement({ parts: measured, merge, finish }, (tensor) => tensor.dataSync()).parts)
