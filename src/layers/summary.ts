import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { tensors } from "../backend/Backend.ts"
import type { Backend } from "../backend/Backend.ts"
import { printed } from "../core/configuration.ts"
import type { ShapeError, TensorError } from "../core/errors.ts"
import * as Key from "../core/Key.ts"
import type { ShapeTree } from "../core/Shape.ts"
import { join } from "../core/structure.ts"
import { leaves } from "../core/Tree.ts"
import type { ShapeOf, Tree } from "../core/Tree.ts"
import { configurationOf } from "./kind.ts"
import type { Any, Initial, Layer } from "./Layer.ts"

/** What a model has at one path: a layer, or several of them. */
export interface SummaryRow {
  /** The keys of the layer and of all that it is in, joined by dots; empty for the model itself. */
  readonly path: string
  /** In how many others it is: 0 for the layers of the model. */
  readonly depth: number
  /** Its kind and configuration, without the layers in it. */
  readonly name: string
  /** Whether the rows of the layers in it follow; its numbers are their sums. */
  readonly isGroup: boolean
  /** The shapes of what it takes and gives for one example. */
  readonly input: ShapeTree
  readonly output: ShapeTree
  /** How many numbers its parameters hold. */
  readonly parameters: number
  /** How much memory its parameters and its running state take. */
  readonly bytes: number
  /** Products with its parameters that are added up for one example; `null` where that is not known. */
  readonly multiplyAdds: number | null
}

/** The layers of a model in the order in which they run, and what all of them have together. */
export interface Summary extends Pick<SummaryRow, "parameters" | "bytes" | "multiplyAdds"> {
  readonly rows: ReadonlyArray<SummaryRow>
}

/**
 * What a model is made of, for the shape of one example: its layers at every depth with their shapes, parameters, bytes
 * and multiply-adds. {@link formatSummary} shows it as a table. The layers in one that is of no kind, as `Layers.make`
 * makes them, are not seen; it is a row by itself.
 *
 * Multiply-adds are the products of values and parameters for one example, as a processor does them without skipping
 * the zeros of a padding: of a dense layer its kernel at each position, of a convolution its kernel at each position of
 * the output (of a transposed one, of the input), of a layer that scales each value one per value. What has no
 * parameters counts none. They are `null` where a dimension that they depend on is not known, and for a layer with
 * parameters that does not say (`multiplyAdds` of `Layers.make`). The parameters are made, once, to see what they are,
 * and freed.
 *
 * Fails with a `ShapeError` where a layer cannot take what it is given.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Backend, Layers } from "effect-neuron"
 *
 * const model = Layers.named({ hidden: Layers.dense(16), relu: Layers.relu, head: Layers.dense(1) })
 * const summary = await Effect.runPromise(Effect.provide(Layers.summary(model, [2]), Backend.layerWasm))
 * summary.parameters // => 65
 * summary.rows.map(({ multiplyAdds, path }) => [path, multiplyAdds]) // => [["hidden", 32], ["relu", 0], ["head", 16]]
 * ```
 */
export const summary = <P, S, X extends Tree, Y extends Tree>(
  model: Layer<P, S, X, Y>,
  input: ShapeOf<X>
): Effect.Effect<Summary, ShapeError | TensorError, Backend> =>
  Effect.map(summaryWithOutput(model, input), ([summary]) => summary)

/** What a model is made of, and the shape of what it gives for one example. */
export const summaryWithOutput = <P, S, X extends Tree, Y extends Tree>(
  model: Layer<P, S, X, Y>,
  input: ShapeOf<X>
): Effect.Effect<readonly [summary: Summary, output: ShapeTree], ShapeError | TensorError, Backend> =>
  Effect.flatMap(
    tensors("summary", () => {
      const rows: Array<SummaryRow> = []
      const result = watched(model, { path: "", depth: -1, rows }).init(Key.make(0), input as ShapeTree)
      // What is given back holds no tensors.
      return Result.map(result, (): readonly [Summary, ShapeTree] => {
        const [whole, ...inside] = rows as [SummaryRow, ...Array<SummaryRow>]
        const { bytes, multiplyAdds, parameters } = whole
        const below = inside.filter(({ depth }) => depth === 0).reduce((sum, row) => sum + row.parameters, 0)
        // The model itself is there where it has parameters of its own.
        const shown = below === parameters && inside.length > 0
          ? inside
          : [{ ...whole, depth: 0 }, ...inside.map(deeper)]
        return [{ rows: shown, parameters, bytes, multiplyAdds }, whole.output]
      })
    }),
    Effect.fromResult
  )

const deeper = (row: SummaryRow): SummaryRow => ({ ...row, depth: row.depth + 1 })

interface Place {
  readonly path: string
  readonly depth: number
  readonly rows: Array<SummaryRow>
}

type Count = SummaryRow["multiplyAdds"]

/** A layer that leaves a row when its `init` runs, before those of the layers in it, and tells its multiply-adds. */
const watched = (layer: Any, place: Place, tell: (count: Count) => void = () => {}, isShown = true): Any => {
  const { depth, path, rows } = place, own = configurationOf(layer), counts: Array<Count> = []
  const children = own?.children.map(([key, child]) => {
    // A child without a name has the path of its parent, and no row of its own.
    const below = key === "" ? place : { rows, path: join(path, key), depth: depth + 1 }
    return [key, watched(child, below, (count) => counts.push(count), key !== "")] as const
  })
  const inner = children === undefined || children.length === 0
    ? layer
    : own!.kind.make(own!.options, children as ReadonlyArray<unknown> as ReadonlyArray<never>) as Any
  const init = (key: Key.Key, input: ShapeTree) => {
    const at = rows.length, row = { path, depth, name: labelOf(layer), input }
    if (isShown) rows.push({ ...row, isGroup: false, output: [], parameters: 0, bytes: 0, multiplyAdds: 0 })
    return Result.map(inner.init(key, input), (initial: Initial<Tree, Tree, Tree>) => {
      const { output, params, state } = initial, parameters = total(params, ({ size }) => size)
      const inside = counts.reduce((sum, count) => sum === null || count === null ? null : sum + count, 0)
      const multiplyAdds = inner.multiplyAdds !== undefined
        ? inner.multiplyAdds(params, input, output, inside)
        : counts.length > 0
        ? inside
        : parameters === 0
        ? 0
        : null
      const bytes = total({ params, state }, ({ dtype, size }) => dtype === "bool" ? size : 4 * size)
      if (isShown) rows[at] = { ...row, isGroup: rows.length > at + 1, output, parameters, bytes, multiplyAdds }
      tell(multiplyAdds)
      return initial
    })
  }
  return { ...inner, init }
}

const total = (tree: Tree, f: (leaf: Tensor) => number): number => leaves(tree).reduce((sum, leaf) => sum + f(leaf), 0)

/** The name of a layer; of one with other layers in it, which have rows of their own, without theirs. */
const labelOf = (layer: Any): string => {
  const own = configurationOf(layer)
  if (own === undefined || own.children.length === 0) return layer.name
  const wrapped = own.children.filter(([key]) => key === "").map(([key, child]) =>
    [key, { name: labelOf(child) }] as const
  )
  return printed(own.kind.name, own.kind.options, own.options, wrapped)
}
