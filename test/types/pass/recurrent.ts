import type { Tensor } from "@tensorflow/tfjs-core"
import { Layers } from "effect-neuron"

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false

const plain = Layers.sequence(["a", Layers.lstm(4)], ["b", Layers.gru(4, { returns: "last" })])
export const taken: Same<Layers.Input<typeof plain>, Tensor> = true
export const given: Same<Layers.Output<typeof plain>, Tensor> = true

const masked = Layers.sequence(
  ["both", Layers.bidirectional(Layers.gru<Layers.Masked>(4))],
  ["top", Layers.lstm<Layers.Masked>(4, { returns: "state" })]
)
export const mask = (y: Layers.Output<typeof masked>): readonly [Tensor, Tensor, Tensor] => [
  y.mask,
  y.state.hidden,
  y.state.cells
]

export const translation = Layers.graph(
  { inputs: { source: "source", target: "target" }, outputs: { words: "head", cells: "decoder.state.cells" } },
  ["encoder", Layers.lstm(4, { returns: "state" }), "source"],
  ["decoder", Layers.lstm<Layers.Resumed>(4, { returns: "state" }), { x: "target", state: "encoder.state" }],
  ["head", Layers.dense(2), "decoder.x"]
)
export const parts: Same<Layers.Output<typeof translation>, { readonly words: Tensor; readonly cells: Tensor }> = true
export const goesOn: Same<typeof translation, ReturnType<typeof going>> = true
const going = () => Layers.stateful(translation)
