import { clone } from "@tensorflow/tfjs-core"
import type { Effect } from "effect"
import type { Backend } from "../../backend/Backend.ts"
import { computed } from "../../backend/computed.ts"
import { toTensors } from "../../backend/host.ts"
import type { TensorError } from "../../core/errors.ts"
import * as Key from "../../core/Key.ts"
import type { NdArray } from "../../core/NdArray.ts"
import { equals, format, size } from "../../core/Shape.ts"
import type { Tree } from "../../core/Tree.ts"
import { noiseBatch } from "../../datasets/noise.ts"
import type { Latent } from "../../datasets/noise.ts"
import type { Layer } from "../../layers/Layer.ts"
import type { AdversarialState, Adversaries } from "./AdversarialState.ts"
import { between } from "./between.ts"
import type { Way } from "./between.ts"

// Layers that draw random numbers do so only in training.
const inference = { training: false, key: Key.make(0) }

/** The part of the state that a generator draws with. */
export type GeneratorWeights<P extends Tree, S extends Tree> = {
  readonly average: P
  readonly generator: { readonly state: S }
}

/** What is generated. */
export interface GenerateOptions {
  readonly count: number
  readonly latent: Latent
  /** The key of the noise. */
  readonly key: Key.Key
  /** One label for each example, for conditional networks. */
  readonly y?: NdArray
}

/** The generator of two networks, whatever the critic is. */
export type Generates<PG extends Tree, SG extends Tree> =
  | { readonly generator: Layer<PG, SG>; readonly conditional?: false }
  // oxlint-disable-next-line typescript/no-explicit-any -- a layer over a tree of two: invariant, see Layer.Any
  | { readonly generator: Layer<PG, SG, any>; readonly conditional: true }

/** What a generator makes of noise that is given, `[count, ...]`, by the moving average of its parameters. */
export const draw = <PG extends Tree, SG extends Tree>(
  { conditional, generator }: Generates<PG, SG>,
  { average, generator: { state } }: GeneratorWeights<PG, SG>,
  noise: NdArray,
  y: NdArray | undefined
): Effect.Effect<NdArray, TensorError, Backend> =>
  computed(`generate from noise ${format(noise.shape)}`, () => {
    if (conditional === true && y === undefined) throw new Error("a conditional generator takes labels y")
    const x = toTensors(noise)
    const input = conditional === true ? { x, y: toTensors(y!) } : x
    // A generator may give a tensor that is not its own.
    return { y: clone((generator as Layer<PG, SG, Tree>).apply(average, state, input, inference)[0]) }
  }, ({ y }) => y)

/**
 * Examples from a trained generator, `[count, ...]`, with the moving average of its parameters where there is one. The
 * same key gives the same examples. The layers run in their inference form. Throws a `RangeError` unless `count` is a
 * positive integer.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Adversarial, Backend, Key, Layers, Optimizers } from "effect-neuron"
 *
 * const adam = Optimizers.adam(1e-3)
 * const networks = {
 *   generator: Layers.dense(2),
 *   critic: Layers.dense(1),
 *   optimizers: { generator: adam, critic: adam }
 * }
 * const program = Effect.gen(function*() {
 *   const state = yield* Adversarial.init({ ...networks, latent: { shape: [4] }, input: [2], key: Key.make(1) })
 *   return yield* Adversarial.generate(networks, state, { count: 3, latent: { shape: [4] }, key: Key.make(7) })
 * })
 * const { shape } = await Effect.runPromise(Effect.provide(program, Backend.layerWasm))
 * shape // => [3, 2]
 * ```
 */
export const generate = <PG extends Tree, SG extends Tree>(
  networks: Generates<PG, SG>,
  state: GeneratorWeights<PG, SG>,
  { count, key, latent, y }: GenerateOptions
): Effect.Effect<NdArray, TensorError, Backend> => {
  if (!(Number.isSafeInteger(count) && count >= 1)) {
    throw new RangeError(`generate: count is a positive integer, got ${count}`)
  }
  return draw(networks, state, noiseBatch(latent, count, key), y)
}

/**
 * The critic's scores of examples `[batch, ...]`, as an array of `[batch]`: logits of being real, or what a Wasserstein
 * critic gives. The layers run in their inference form.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Adversarial, Backend, Initializers, Key, Layers, NdArray, Optimizers } from "effect-neuron"
 *
 * const adam = Optimizers.adam(1e-3)
 * const networks = {
 *   generator: Layers.dense(2),
 *   critic: Layers.dense(1, { kernelInitializer: Initializers.ones }),
 *   optimizers: { generator: adam, critic: adam }
 * }
 * const program = Effect.gen(function*() {
 *   const state = yield* Adversarial.init({ ...networks, latent: { shape: [4] }, input: [2], key: Key.make(1) })
 *   return yield* Adversarial.discriminate(networks, state, NdArray.make([1, 2, 3, 4], [2, 2]))
 * })
 * await Effect.runPromise(Effect.provide(program, Backend.layerWasm)) // => NdArray.make([3, 7], [2])
 * ```
 */
export const discriminate = <PG extends Tree, SG extends Tree, PC extends Tree, SC extends Tree>(
  networks: Adversaries<PG, SG, PC, SC>,
  { critic: { params, state } }: Pick<AdversarialState<PG, SG, PC, SC>, "critic">,
  examples: NdArray,
  y?: NdArray
): Effect.Effect<NdArray, TensorError, Backend> =>
  computed(`discriminate ${format(examples.shape)}`, () => {
    const { conditional = false } = networks
    if (conditional && y === undefined) throw new Error("a conditional critic takes labels y")
    const x = toTensors(examples)
    const input = conditional ? { x, y: toTensors(y!) } : x
    return { scores: clone((networks.critic as Layer<PC, SC, Tree>).apply(params, state, input, inference)[0]) }
  }, ({ scores: { data } }) => ({ data, shape: [data.length] }))

/** The two ends of an interpolation, and how many examples it has, both ends included. */
export interface InterpolateOptions {
  /** Noise for one example each, of the same shape. */
  readonly from: NdArray
  readonly to: NdArray
  readonly steps: number
  /**
   * `"spherical"` (the default) keeps to the lengths that normal noise of many dimensions has (White: "Sampling generative
   * networks", 2016); `"linear"` is for noise of one or two dimensions, and for uniform noise.
   */
  readonly method?: Way
  /** One label for each example, for conditional networks. */
  readonly y?: NdArray
}

/**
 * Examples on the way from one point of the noise to another, `[steps, ...]`. Throws a `RangeError` unless there are at
 * least two steps and both ends have one shape.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Adversarial, Backend, Initializers, Key, Layers, NdArray, Optimizers } from "effect-neuron"
 *
 * const adam = Optimizers.adam(1e-3)
 * const networks = {
 *   generator: Layers.dense(1, { kernelInitializer: Initializers.ones }),
 *   critic: Layers.dense(1),
 *   optimizers: { generator: adam, critic: adam }
 * }
 * const program = Effect.gen(function*() {
 *   const state = yield* Adversarial.init({ ...networks, latent: { shape: [2] }, input: [1], key: Key.make(1) })
 *   const from = NdArray.make([1, 0], [2]), to = NdArray.make([0, 3], [2])
 *   return yield* Adversarial.interpolate(networks, state, { from, to, steps: 3, method: "linear" })
 * })
 * await Effect.runPromise(Effect.provide(program, Backend.layerWasm)) // => NdArray.make([1, 2, 3], [3, 1])
 * ```
 */
export const interpolate = <PG extends Tree, SG extends Tree>(
  networks: Generates<PG, SG>,
  state: GeneratorWeights<PG, SG>,
  { from, method = "spherical", steps, to, y }: InterpolateOptions
): Effect.Effect<NdArray, TensorError, Backend> => {
  if (!(Number.isSafeInteger(steps) && steps >= 2)) throw new RangeError(`interpolate: at least 2 steps, got ${steps}`)
  if (!equals(from.shape, to.shape)) {
    throw new RangeError(`interpolate: two points of one shape, got ${format(from.shape)} and ${format(to.shape)}`)
  }
  const n = size(from.shape), data = new Float32Array(steps * n), at = between(from.data, to.data, method)
  for (let i = 0; i < steps; i++) data.set(at(i / (steps - 1)), i * n)
  return draw(networks, state, { data, shape: [steps, ...from.shape] }, y)
}
