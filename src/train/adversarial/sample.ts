import { Effect } from "effect"
import type { Backend } from "../../backend/Backend.ts"
import { positiveInteger } from "../../core/check.ts"
import { TensorError } from "../../core/errors.ts"
import type * as Key from "../../core/Key.ts"
import { using } from "../../core/lender.ts"
import type { Lent } from "../../core/lender.ts"
import type { HostTree, NdArray } from "../../core/NdArray.ts"
import { equals, format, size } from "../../core/Shape.ts"
import type { Tree } from "../../core/Tree.ts"
import { noiseBatch } from "../../datasets/noise.ts"
import type { Latent } from "../../datasets/noise.ts"
import type { Layer } from "../../layers/Layer.ts"
import { infer } from "../predict.ts"
import type { AdversarialState, Adversaries } from "./AdversarialState.ts"
import { between } from "./between.ts"
import type { Way } from "./between.ts"

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

/** What a network is given, with labels beside it where it is conditional. */
const given = (
  operation: string,
  conditional: boolean | undefined,
  x: NdArray,
  y: NdArray | undefined
): Effect.Effect<HostTree, TensorError> =>
  conditional !== true
    ? Effect.succeed(x)
    : y !== undefined
    ? Effect.succeed({ x, y })
    : Effect.fail(new TensorError({ operation, cause: new Error("a conditional network takes labels y") }))

/** What a generator makes of noise that is given, `[count, ...]`, by the moving average of its parameters. */
export const draw = <PG extends Tree, SG extends Tree>(
  { conditional, generator }: Generates<PG, SG>,
  { average, generator: { state } }: GeneratorWeights<PG, SG>,
  noise: NdArray,
  y: NdArray | undefined
): Effect.Effect<NdArray, TensorError, Backend> => {
  const operation = `generate from noise ${format(noise.shape)}`
  return Effect.flatMap(
    given(operation, conditional, noise, y),
    (input) => infer(operation, generator as Layer<PG, SG, Tree>, { params: average, state }, input)
  )
}

/**
 * Examples from a trained generator, `[count, ...]`, with the moving average of its parameters where there is one. The
 * same key gives the same examples. The layers run in their inference form. `weights` are those of a state, or a
 * trainer, whose state they are of as it is when this begins. Throws a `RangeError` unless `count` is a positive
 * integer.
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
  weights: Lent<GeneratorWeights<PG, SG>>,
  { count, key, latent, y }: GenerateOptions
): Effect.Effect<NdArray, TensorError, Backend> => {
  positiveInteger("generate", "count", count)
  return using(weights, (weights) => draw(networks, weights, noiseBatch(latent, count, key), y))
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
  weights: Lent<Pick<AdversarialState<PG, SG, PC, SC>, "critic">>,
  examples: NdArray,
  y?: NdArray
): Effect.Effect<NdArray, TensorError, Backend> => {
  const operation = `discriminate ${format(examples.shape)}`
  return using(weights, ({ critic }) =>
    given(operation, networks.conditional, examples, y).pipe(
      Effect.flatMap((input) => infer(operation, networks.critic as Layer<PC, SC, Tree>, critic, input)),
      Effect.map(({ data }) => ({ data, shape: [data.length] }))
    ))
}

/** The two ends of an interpolation, and how many examples it has, both ends included. */
export interface InterpolateOptions {
  /** Noise for one example each, of the same shape. */
  readonly from: NdArray
  readonly to: NdArray
  readonly steps: number
  /**
   * `"spherical"` (the default) keeps to the lengths that normal noise of many dimensions has (White: "Sampling
   * generative networks", 2016); `"linear"` is for noise of one or two dimensions, and for uniform noise.
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
  weights: Lent<GeneratorWeights<PG, SG>>,
  { from, method = "spherical", steps, to, y }: InterpolateOptions
): Effect.Effect<NdArray, TensorError, Backend> => {
  if (!(Number.isSafeInteger(steps) && steps >= 2)) throw new RangeError(`interpolate: at least 2 steps, got ${steps}`)
  if (!equals(from.shape, to.shape)) {
    throw new RangeError(`interpolate: two points of one shape, got ${format(from.shape)} and ${format(to.shape)}`)
  }
  const n = size(from.shape), data = new Float32Array(steps * n), at = between(from.data, to.data, method)
  for (let i = 0; i < steps; i++) data.set(at(i / (steps - 1)), i * n)
  const noise = { data, shape: [steps, ...from.shape] }
  return using(weights, (weights) => draw(networks, weights, noise, y))
}
