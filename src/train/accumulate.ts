import { add, div, maximum, mul } from "@tensorflow/tfjs-core"
import type { Scalar } from "@tensorflow/tfjs-core"
import { hasGradient, noGradient } from "../autodiff/noGradient.ts"
import { scoped } from "../backend/scope.ts"
import { positiveInteger } from "../core/check.ts"
import * as Key from "../core/Key.ts"
import type { NdArray } from "../core/NdArray.ts"
import * as Tree from "../core/Tree.ts"
import type { Measurement } from "../metrics/parts.ts"
import type { ComputeGradients } from "./gradients.ts"
import type { Measured } from "./Step.ts"

type Sized = { readonly size: number }

const isMeasurement = (u: Measured[string]): u is Measurement<unknown> => typeof u === "object" && "finish" in u

/** Examples `from` to `to` of a batch: of every array that has a row for each; others go with every part. */
const part = <B extends Sized>(batch: B, from: number, to: number): B => {
  const cut = (array: NdArray): NdArray => {
    const { data, shape } = array, row = data.length / batch.size
    if (shape[0] !== batch.size) return array
    return { data: data.subarray(from * row, to * row) as NdArray["data"], shape: [to - from, ...shape.slice(1)] }
  }
  return {
    ...Object.fromEntries(
      Object.entries(batch).map(([key, value]) => [
        key,
        typeof value === "object" && value !== null ? Tree.map(value as NdArray, cut as never) : value
      ])
    ),
    size: to - from
  } as B
}

const scaled = <P extends Tree.Tree>(tree: P, factor: Scalar | number): P =>
  Tree.map(tree as Tree.Tree, (leaf) => hasGradient(leaf) ? mul(leaf, factor) : leaf) as P

/** The sum of two trees of gradients; where neither is one there is none. */
const sumOf = <P extends Tree.Tree>(a: P, b: P): P =>
  Tree.zipWith(
    a as Tree.Tree,
    b,
    (x, y) => hasGradient(x) || hasGradient(y) ? add(x, y) : noGradient(x)
  ) as P

/**
 * Cuts every batch into `n` parts, one after the other in memory, and gives the gradients of the whole: for batches
 * that do not fit at once. Within rounding what it makes of gradients is what they are of the whole batch, with weights
 * too. What is cut are arrays with a row for each example; others are given to every part.
 *
 * Two things differ by their nature. Randomness: part `i` has `Key.fold(key, i)` of the step's key, if there is more
 * than one. Layers that mix examples: batch normalization sees each part alone, and its running statistics move once
 * for each part. A batch of less than `n` examples makes as many parts as it has. Throws a `RangeError` unless `n` is a
 * positive integer.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Backend, Initializers, Key, Layers, Losses, NdArray, Optimizers, Train } from "effect-neuron"
 *
 * const model = Layers.dense(1, { kernelInitializer: Initializers.zeros }), optimizer = Optimizers.sgd(1)
 * const gradients = Train.accumulate(Train.gradients({ model, loss: Losses.meanSquaredError }), 2)
 * const batch = { x: NdArray.make([1, 2], [2, 1]), y: NdArray.make([2, 4], [2, 1]), size: 2 }
 * const program = Effect.gen(function*() {
 *   const state = yield* Train.init({ model, optimizer, input: [1], key: Key.make(1) })
 *   return yield* Backend.tensors("gradient", () => gradients(state, batch).grads.kernel.arraySync())
 * })
 * await Effect.runPromise(Effect.provide(program, Backend.layerWasm)) // => [[-10]]
 * ```
 */
export const accumulate: {
  (n: number): <P extends Tree.Tree, S extends Tree.Tree, B extends Sized, M extends Measured>(
    gradients: ComputeGradients<P, S, B, M>
  ) => ComputeGradients<P, S, B, M>
  <P extends Tree.Tree, S extends Tree.Tree, B extends Sized, M extends Measured>(
    gradients: ComputeGradients<P, S, B, M>,
    n: number
  ): ComputeGradients<P, S, B, M>
} =
  ((first: number | ComputeGradients<Tree.Tree, Tree.Tree, Sized, Measured>, n: number) =>
    typeof first === "number" ? inParts(first) : inParts(n)(first)) as never

const inParts = (n: number) => {
  positiveInteger("accumulate", "n", n)
  return <P extends Tree.Tree, S extends Tree.Tree, B extends Sized, M extends Measured>(
    gradients: ComputeGradients<P, S, B, M>
  ): ComputeGradients<P, S, B, M> =>
  (current, batch, key = Key.fold(current.key, current.step)) => {
    const parts = Math.min(n, batch.size)
    if (parts <= 1) return gradients(current, batch, key)
    const ends = Array.from({ length: parts + 1 }, (_, i) => Math.floor(i * batch.size / parts))
    const first = part(batch, 0, ends[1]!)
    let sum = scoped(() => {
      const found = gradients(current, first, Key.fold(key, 0))
      return { ...found, grads: scaled(found.grads, found.weight) }
    })
    for (let i = 1; i < parts; i++) {
      const before = sum
      sum = scoped(() => {
        const found = gradients(
          { ...current, state: before.state },
          part(batch, ends[i]!, ends[i + 1]!),
          Key.fold(key, i)
        )
        return {
          grads: sumOf(before.grads, scaled(found.grads, found.weight)),
          state: found.state,
          measured: together(before.measured, found.measured),
          weight: typeof before.weight === "number" && typeof found.weight === "number"
            ? before.weight + found.weight
            : add(before.weight, found.weight) as Scalar,
          still: (before.still ?? []).filter((path) => found.still?.includes(path))
        }
      })
      Tree.disposeExcept(before.grads)
    }
    const { weight } = sum
    const grads = typeof weight === "number"
      ? scaled(sum.grads, 1 / weight)
      : Tree.map(sum.grads as Tree.Tree, (leaf) => hasGradient(leaf) ? div(leaf, maximum(weight, 1e-30)) : leaf) as P
    return { ...sum, grads, measured: { ...sum.measured, size: batch.size } }
  }
}

/** What two parts of a batch measured, put together by name; of plain values those of the later one. */
const together = <M extends Measured>(a: M, b: M): M =>
  Object.fromEntries(
    Object.entries(b).map(([name, value]) => {
      const before = a[name]
      return isMeasurement(value) && before !== undefined && isMeasurement(before)
        ? [name, { ...value, parts: [...before.parts, ...value.parts] }]
        : [name, value]
    })
  ) as M
