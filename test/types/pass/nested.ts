import type { Tensor } from "@tensorflow/tfjs-core"
import { Layers } from "effect-neuron"

// A graph is the same wherever it is written.
const { add, dense, each, frozen, graph, named, parallel, relu, residual, sequence, serial } = Layers

export const around = residual(graph({ inputs: "x" }, ["hidden", dense(2)], ["act", relu]))
export const kernel = (params: Layers.Params<typeof around>): Tensor => params.hidden.kernel
export const constant = frozen(graph({ inputs: "x" }, ["hidden", dense(2)]))
export const first = sequence(["body", graph({ inputs: "x" }, ["hidden", dense(2)])], ["head", dense(1)])
export const last = sequence(["stem", dense(2)], ["body", graph({ inputs: "x" }, ["hidden", dense(2)])])
export const listed = serial(graph({ inputs: "x" }, ["hidden", dense(2)]), dense(1))
export const keyed = named({ body: graph({ inputs: "x" }, ["hidden", dense(2)]), head: dense(1) })
export const branches = parallel({ a: graph({ inputs: "x" }, ["hidden", dense(2)]), b: dense(2) })
export const inner = graph({ inputs: "x" }, ["body", graph({ inputs: "x" }, ["hidden", dense(2)])])
export const deep = (params: Layers.Params<typeof inner>): Tensor => params.body.hidden.kernel

export const parts = each({
  pair: graph({ inputs: ["x", "mask"], outputs: { x: "hidden", mask: "mask" } }, ["hidden", dense(2), "x"]),
  sum: graph({ inputs: { a: "a", b: "b" } }, ["sum", add("0", "1"), ["a", "b"]])
})
export const given = (y: Layers.Output<typeof parts>): ReadonlyArray<Tensor> => [y.pair.x, y.pair.mask, y.sum]
export const taken: Layers.Input<typeof parts> = {} as {
  readonly pair: readonly [Tensor, Tensor]
  readonly sum: { readonly a: Tensor; readonly b: Tensor }
}

// oxlint-disable-next-line typescript/no-explicit-any -- as one writes it who does not name parameters
export const unnamed: Layers.Layer<any, any> = graph({ inputs: "x" }, ["hidden", dense(2)])
const itself = <P, S>(layer: Layers.Layer<P, S>): Layers.Layer<P, S> => layer
export const passed = itself(graph({ inputs: "x", outputs: "act" }, ["hidden", dense(2)], ["act", relu]))
