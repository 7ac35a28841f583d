import { Effect, Result } from "effect"
import { Backend, Key, Layers, NdArray, Random, Tree } from "effect-neuron"
import { columnsOf, nameOf } from "../../dashboard/app/network/graph.ts"
import type { Column } from "../../dashboard/app/network/graph.ts"
import { graphStages } from "../../dashboard/app/network/wiring.ts"
import { toHost, toTensors } from "../../src/backend/host.ts"

type Shape = ReadonlyArray<number>

const numbers = (shape: Shape): NdArray.NdArray =>
  NdArray.make(Random.uniform(Key.make(7), shape.reduce((a, b) => a * b, 1)), [1, ...shape])

/** What a worker tells of a model that has not been trained: its weights, and what it makes of a batch of one. */
export const toldOf = (model: Layers.Any, input: Shape | { readonly [name: string]: Shape }) => {
  const x: NdArray.HostTree = Array.isArray(input)
    ? numbers(input)
    : Object.fromEntries(Object.entries(input).map(([name, shape]) => [name, numbers(shape)]))
  return Backend.tensors("a model", () => {
    const { params, state } = Result.getOrThrow(model.init(Key.make(1), input))
    const hosted = (tree: Tree.Tree) => Tree.map(tree, (tensor) => toHost(tensor)) as NdArray.HostTree
    return {
      x,
      outputs: Layers.activations(model, params, state, toTensors(x)).map(([path, y]) => [path, hosted(y)] as const),
      weights: Object.fromEntries(
        Tree.entries({ params } as Tree.Tree).map(([path, tensor]) => [path, toHost(tensor)] as const)
      )
    }
  })
}

const most = { units: 32, maps: 12 }

/** The columns of the picture of a model that has not been trained. */
export const pictureOf = (
  model: Layers.Any,
  input: Shape | { readonly [name: string]: Shape }
): Effect.Effect<ReadonlyArray<Column>, unknown, Backend.Backend> =>
  Effect.map(
    toldOf(model, input),
    ({ outputs, weights, x }) => columnsOf(graphStages(Layers.outline(model), x, outputs, weights), most)
  )

/** Each column by its name, with the names of what it takes. */
export const wiresOf = (columns: ReadonlyArray<Column>) =>
  columns.map((column) => [nameOf(column), column.level, ...column.takes.map((source) => nameOf(columns[source]!))])

/** The column of a name. */
export const named = (columns: ReadonlyArray<Column>, name: string): Column =>
  columns.find((column) => nameOf(column) === name)!
