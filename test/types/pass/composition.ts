import type { Tensor } from "@tensorflow/tfjs-core"
import { Layers, Losses, Optimizers, Train } from "effect-neuron"

// A model of two inputs.
export const two = Layers.sequence(
  ["inputs", Layers.each({ x: Layers.identity, y: Layers.embedding({ size: 10, features: 8 }) })],
  ["joined", Layers.concatenate("x", "y")],
  ["head", Layers.dense(1)]
)
export const step = Train.supervised({
  model: two,
  loss: Losses.meanSquaredError,
  optimizer: Optimizers.sgd(0.1)
})
export const input: Layers.Input<typeof two> = {} as { readonly x: Tensor; readonly y: Tensor }
export const kernel = (params: Layers.Params<typeof two>): Tensor => params.head.kernel

// Declarations of inferred types can be written.
export const chain = Layers.named({ a: Layers.dense(1), b: Layers.relu })
export const branches = Layers.parallel({ a: Layers.dense(1), b: Layers.dense(2) })
export const records = Layers.each({ a: Layers.dense(1), b: Layers.relu })
export const positions = Layers.serial(Layers.concatenate("x", "y"), Layers.dense(1), Layers.relu)

// Layers of unknown parameters, and as many as there are.
export const around = <P, S>(inner: Layers.Layer<P, S>) => Layers.named({ inner, head: Layers.dense(1) })
export const deep = (depth: number) =>
  Layers.sequence(...Array.from({ length: depth }, (_, i) => [`block${i}`, Layers.dense(8)] as const))

// Sixty layers.
const d = Layers.dense(8)
export const sixty = Layers.sequence(
  ...[["a0", d], ["a1", d], ["a2", d], ["a3", d], ["a4", d], ["a5", d], ["a6", d], ["a7", d], ["a8", d], [
    "a9",
    d
  ]] as const,
  ...[["b0", d], ["b1", d], ["b2", d], ["b3", d], ["b4", d], ["b5", d], ["b6", d], ["b7", d], ["b8", d], [
    "b9",
    d
  ]] as const,
  ...[["c0", d], ["c1", d], ["c2", d], ["c3", d], ["c4", d], ["c5", d], ["c6", d], ["c7", d], ["c8", d], [
    "c9",
    d
  ]] as const,
  ...[["d0", d], ["d1", d], ["d2", d], ["d3", d], ["d4", d], ["d5", d], ["d6", d], ["d7", d], ["d8", d], [
    "d9",
    d
  ]] as const,
  ...[["e0", d], ["e1", d], ["e2", d], ["e3", d], ["e4", d], ["e5", d], ["e6", d], ["e7", d], ["e8", d], [
    "e9",
    d
  ]] as const,
  ...[["f0", d], ["f1", d], ["f2", d], ["f3", d], ["f4", d], ["f5", d], ["f6", d], ["f7", d], ["f8", d], [
    "f9",
    d
  ]] as const
)
export const last = (params: Layers.Params<typeof sixty>): Tensor => params.f9.kernel
