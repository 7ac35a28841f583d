import { assert } from "@effect/vitest"
import { mul, sum } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Result, Struct } from "effect"
import { Autodiff, Key, Layers } from "effect-neuron"
import { assertClose, toTensor } from "./numbers.ts"
import type { Values } from "./numbers.ts"
import type { Case } from "./reference.ts"

const layers: { readonly [name: string]: (config: Case["config"]) => Layers.Any } = {
  dense: ({ units }) => Layers.dense(units),
  denseOnSequence: ({ units }) => Layers.dense(units),
  conv2d: (config) => Layers.conv2d(config),
  maxPool2d: (config) => Layers.maxPool2d(config),
  avgPool2d: (config) => Layers.avgPool2d(config),
  globalAvgPool2d: () => Layers.globalAvgPool2d,
  globalMaxPool2d: () => Layers.globalMaxPool2d,
  batchNorm: ({ epsilon, momentum }) => Layers.batchNorm({ epsilon, momentum }),
  // The layout says how the vectors hold their kernel.
  conv2dTranspose: (config) =>
    Layers.conv2dTranspose(Struct.omit(config as Record<string, unknown>, ["kernelLayout"]) as Case["config"]),
  upsample2d: (config) => Layers.upsample2d(config),
  layerNorm: (config) => Layers.layerNorm(config),
  rnn: ({ activation, units }) => Layers.rnn(units, { activation }),
  lstm: ({ units }) => Layers.lstm(units),
  gru: ({ units }) => Layers.gru(units),
  groupNorm: (config) => Layers.groupNorm(config),
  instanceNorm: (config) => Layers.instanceNorm(config)
}

const activations: { readonly [name: string]: Layers.Any } = {
  relu: Layers.relu,
  leakyRelu: Layers.leakyRelu(),
  "leakyRelu0.01": Layers.leakyRelu(0.01),
  elu: Layers.elu,
  selu: Layers.selu,
  sigmoid: Layers.sigmoid,
  tanh: Layers.tanh,
  softplus: Layers.softplus,
  gelu: Layers.gelu,
  geluTanh: Layers.geluTanh,
  swish: Layers.swish,
  softmax: Layers.softmax,
  logSoftmax: Layers.logSoftmax
}

/** The layer that a case of the reference vectors is of, if it is one of a layer. */
export const layerOf = (c: Case): Layers.Any | undefined => layers[c.name]?.(c.config) ?? activations[c.name]

/** Something that a case says of a layer: its name, the tensor, and what it should be. */
export type Claim = readonly [what: string, found: Tensor, expected: Values]

/** Output, gradients and new running state of one case, and what they should be. */
export const claims = (layer: Layers.Any, c: Case): ReadonlyArray<Claim> => {
  const training = c.config?.training ?? true
  const moments = c["runningMean"] && { mean: toTensor(c["runningMean"]), variance: toTensor(c["runningVariance"]) }
  const params: { readonly [name: string]: Tensor } = Object.fromEntries(
    Object.entries(c.params ?? {}).map(([name, values]) => [name, toTensor(values)])
  )
  const weights = toTensor(c.gradOutput)
  const { aux, grads } = Autodiff.valueAndGrad((p: { readonly params: typeof params; readonly x: Tensor }) => {
    const [y, state] = layer.apply(p.params, moments ?? {}, p.x, { training, key: Key.make(0) })
    return [sum(mul(y, weights)), { y, state }] as const
  })({ params, x: toTensor(c.input) })

  const found: Array<Claim> = [["output", aux.y, c.output], ["gradInput", grads.x, c.gradInput]]
  for (const [name, values] of Object.entries(c.gradParams ?? {})) {
    found.push([`gradient of ${name}`, grads.params[name]!, values])
  }
  if (moments !== undefined) {
    found.push(
      ["new running mean", aux.state.mean, training ? c["newRunningMean"] : c["runningMean"]],
      ["new running variance", aux.state.variance, training ? c["newRunningVariance"] : c["runningVariance"]]
    )
  }
  // What init says of the shapes is what apply gives.
  const initial = Result.getOrThrow(layer.init(Key.make(0), c.input.shape.slice(1)))
  assert.deepStrictEqual(initial.output, c.output.shape.slice(1))
  assert.deepStrictEqual(
    Object.entries(initial.params as typeof params).map(([name, { shape }]) => [name, shape]),
    Object.entries(c.params ?? {}).map(([name, { shape }]) => [name, [...shape]])
  )
  return found
}

/** Checks output, gradients and new running state of one case. */
export const checkLayer = (layer: Layers.Any, c: Case, tolerance = 2e-5): void => {
  for (const [what, found, expected] of claims(layer, c)) assertClose(found, expected, tolerance, what)
}
