import { Effect, Stream } from "effect"
import type { Backend } from "../../backend/Backend.ts"
import { positiveInteger } from "../../core/check.ts"
import { crossing } from "../../core/crossing.ts"
import type { TensorError } from "../../core/errors.ts"
import * as Key from "../../core/Key.ts"
import type { Lender } from "../../core/lender.ts"
import type { NdArray } from "../../core/NdArray.ts"
import { operator } from "../../core/operator.ts"
import type { Tree } from "../../core/Tree.ts"
import { generate } from "./sample.ts"
import type { GenerateOptions, Generates, GeneratorWeights } from "./sample.ts"

/** What is generated, by whom and when, and who judges it. */
export type ValidateGeneratorOptions<PG extends Tree, SG extends Tree, E, R> = GenerateOptions & {
  readonly networks: Generates<PG, SG>
  /** Whose generator it is: a trainer, or another lender of its weights. */
  readonly trainer: Lender<GeneratorWeights<PG, SG>>
  readonly every: number
  /** Whether the examples are good enough. */
  readonly accept: (examples: NdArray) => boolean | Effect.Effect<boolean, E, R>
}

/**
 * Ends training when generated examples are good enough: after every `every`-th step, `accept` is given `count` fresh
 * ones and says whether to stop. The metrics of that step are the last. The noise is a function of the key and of the
 * step.
 *
 * Throws a `RangeError` unless `every` is a positive integer.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Adversarial, Backend, Datasets, Key, Layers, NdArray, Optimizers, Pipeline, Train } from "effect-neuron"
 *
 * const adam = Optimizers.adam(0.1), latent = { shape: [2] }
 * const networks = { generator: Layers.dense(1), critic: Layers.dense(1), optimizers: { generator: adam, critic: adam } }
 * const threes = Stream.make({ x: NdArray.make([3], [1]) }).pipe(Stream.forever, Pipeline.batch(16))
 * const program = Effect.gen(function*() {
 *   const trainer = yield* Train.make(
 *     Adversarial.init({ ...networks, latent, input: [1], key: Key.make(1) }),
 *     Adversarial.gan(networks)
 *   )
 *   return yield* threes.pipe(
 *     Pipeline.withNoise(Datasets.noise({ ...latent, seed: 2 })),
 *     trainer.run,
 *     Adversarial.validateGenerator({
 *       networks,
 *       trainer,
 *       every: 5,
 *       count: 100,
 *       latent,
 *       key: Key.make(3),
 *       accept: ({ data }) => data[0]! > 1
 *     }),
 *     Stream.runCollect
 *   )
 * })
 * const metrics = await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(Backend.layerWasm)))
 * metrics.length % 5 // => 0
 * ```
 */
export const validateGenerator: {
  <PG extends Tree, SG extends Tree, E2 = never, R2 = never>(
    options: ValidateGeneratorOptions<PG, SG, E2, R2>
  ): <A extends { readonly step: number }, E, R>(
    self: Stream.Stream<A, E, R>
  ) => Stream.Stream<A, E | E2 | TensorError, R | R2 | Backend>
  <A extends { readonly step: number }, E, R, PG extends Tree, SG extends Tree, E2 = never, R2 = never>(
    self: Stream.Stream<A, E, R>,
    options: ValidateGeneratorOptions<PG, SG, E2, R2>
  ): Stream.Stream<A, E | E2 | TensorError, R | R2 | Backend>
} = /* @__PURE__ */ operator(<PG extends Tree, SG extends Tree, E2, R2>(
  { accept, count, every, key, latent, networks, trainer, y }: ValidateGeneratorOptions<PG, SG, E2, R2>
) => {
  positiveInteger("validateGenerator", "every", every)
  const judge = (step: number) =>
    Effect.gen(function*() {
      const request = { count, latent, key: Key.fold(key, step), ...(y === undefined ? {} : { y }) }
      const verdict = accept(yield* generate(networks, trainer, request))
      return typeof verdict === "boolean" ? verdict : yield* verdict
    })
  return <A extends { readonly step: number }, E, R>(self: Stream.Stream<A, E, R>) =>
    Stream.suspend(() => {
      const isDue = crossing(every)
      return Stream.takeUntilEffect(self, ({ step }) => isDue(step) ? judge(step) : Effect.succeed(false))
    })
})
