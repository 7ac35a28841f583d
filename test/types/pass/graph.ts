import type { Tensor } from "@tensorflow/tfjs-core"
import { Layers } from "effect-neuron"

export const skip = Layers.graph(
  { inputs: "image" },
  ["fine", Layers.conv2d({ filters: 8, kernelSize: 3 })],
  ["coarse", Layers.maxPool2d(2)],
  ["up", Layers.upsample2d(2)],
  ["both", Layers.concatenate("0", "1"), ["up", "fine"]],
  ["head", Layers.conv2d({ filters: 1, kernelSize: 1 })]
)
export const image: Layers.Input<typeof skip> = {} as Tensor
export const kernel = (params: Layers.Params<typeof skip>): Tensor => params.head.kernel

export const two = Layers.graph(
  { inputs: { x: "image", y: "label" }, outputs: { mean: "mean", spread: "spread" } },
  ["embedded", Layers.embedding({ size: 10, features: 4 }), "label"],
  ["joined", Layers.concatenate("a", "b"), { a: "image", b: "embedded" }],
  ["mean", Layers.dense(1)],
  ["spread", Layers.dense(1), "joined"]
)
export const pair: Layers.Input<typeof two> = {} as { readonly x: Tensor; readonly y: Tensor }
export const both = (y: Layers.Output<typeof two>): readonly [Tensor, Tensor] => [y.mean, y.spread]

export const block = Layers.graph(
  { inputs: ["x", "mask"], outputs: { x: "relu", mask: "mask" } },
  ["hidden", Layers.dense(4), "x"],
  ["gate", Layers.sigmoid],
  ["gated", Layers.multiply("value", "gate"), { value: "hidden", gate: "gate" }],
  ["sum", Layers.add("0", "1"), ["gated", "x"]],
  ["relu", Layers.relu]
)
export const masked = (y: Layers.Output<typeof block>): Layers.Masked => y

// What it takes and gives is a record, and nothing beside it.
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
export const taken: Same<Layers.Input<typeof two>, { readonly x: Tensor; readonly y: Tensor }> = true
export const given: Same<Layers.Output<typeof two>, { readonly mean: Tensor; readonly spread: Tensor }> = true
