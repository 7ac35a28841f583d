import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect, Stream } from "effect"
import type { Backend } from "../backend/Backend.ts"
import { DataError } from "../core/errors.ts"
import type { TensorError } from "../core/errors.ts"
import { using } from "../core/lender.ts"
import type { Lent } from "../core/lender.ts"
import { operator } from "../core/operator.ts"
import type { HostOf, Tree } from "../core/Tree.ts"
import { inference } from "../layers/inference.ts"
import { merged, mergeIn } from "../metrics/merge.ts"
import type { Merging } from "../metrics/merge.ts"
import type { Parts, WithMergeable } from "../metrics/parts.ts"
import { comparing } from "./comparing.ts"
import { checkNames } from "./measuring.ts"
import type { Weights } from "./predict.ts"
import { discard, readAll } from "./readMetrics.ts"
import { apart, step } from "./Step.ts"
import type { AnyMetric, SupervisedBatch, Supervision } from "./supervision.ts"

/** The number of examples, the loss and the metrics; under `Metrics.mergeable` what they were made of. */
export type Evaluated<M> =
  & { readonly size: number; readonly loss: number }
  & {
    readonly [K in M as K extends { readonly name: infer Name extends string } ? Name : never]: K extends
      { readonly finish: (parts: Parts) => infer A } ? A : never
  }
  & WithMergeable

/**
 * The loss and metrics of a model over a whole stream of batches, as of all examples at once, whatever the sizes and
 * weights of the batches; those of several streams are put together by {@link Metrics.merge}. The layers run in their
 * inference form, and nothing is changed. In place of weights it takes a trainer too, whose state of the beginning it
 * uses to the end, whatever steps are taken meanwhile.
 *
 * Fails with a `DataError` when the stream holds no example, with a `TensorError` when a batch does not fit. Throws a
 * `RangeError` for metrics of one name, and for names that are a step's own.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Backend, Initializers, Layers, Losses, NdArray, Train } from "effect-neuron"
 *
 * const model = Layers.dense(1, { kernelInitializer: Initializers.ones })
 * const batch = { x: NdArray.make([1, 2], [2, 1]), y: NdArray.make([2, 3], [2, 1]), size: 2 }
 * const program = Effect.gen(function*() {
 *   const weights = yield* Train.weights(model, { input: [1] })
 *   return yield* Train.evaluate(Stream.make(batch), { model, loss: Losses.meanSquaredError }, weights)
 * })
 * const { loss, size } = await Effect.runPromise(Effect.provide(program, Backend.layerWasm))
 * loss // => 1
 * size // => 2
 * ```
 */
export const evaluate: {
  <
    P extends Tree,
    S extends Tree,
    X extends Tree,
    Y extends Tree,
    T extends Tree = Tensor,
    M extends AnyMetric<Y, T> = never
  >(
    supervision: Supervision<P, S, X, Y, T, M>,
    weights: Lent<Weights<P, S>>
  ): <E, R>(
    batches: Stream.Stream<SupervisedBatch<HostOf<X>, HostOf<T>>, E, R>
  ) => Effect.Effect<Evaluated<M>, E | TensorError | DataError, R | Backend>
  <
    P extends Tree,
    S extends Tree,
    X extends Tree,
    Y extends Tree,
    E,
    R,
    T extends Tree = Tensor,
    M extends AnyMetric<Y, T> = never
  >(
    batches: Stream.Stream<SupervisedBatch<HostOf<X>, HostOf<T>>, E, R>,
    supervision: Supervision<P, S, X, Y, T, M>,
    weights: Lent<Weights<P, S>>
  ): Effect.Effect<Evaluated<M>, E | TensorError | DataError, R | Backend>
} = /* @__PURE__ */ operator(
  <P extends Tree, S extends Tree, X extends Tree, Y extends Tree, T extends Tree, M extends AnyMetric<Y, T>>(
    supervision: Supervision<P, S, X, Y, T, M>,
    weights: Lent<Weights<P, S>>
  ) => {
    checkNames(supervision.metrics ?? [])
    const compare = ({ params, state }: Weights<P, S>) =>
      step(() => "evaluate", (_: null, batch: SupervisedBatch<HostOf<X>, HostOf<T>>) => {
        const { compare, measure } = comparing(supervision, batch)
        return [null, apart(measure(compare(params, state, inference)), params, state)]
      })
    const over = <E, R>(
      batches: Stream.Stream<SupervisedBatch<HostOf<X>, HostOf<T>>, E, R>,
      compared: ReturnType<typeof compare>
    ) =>
      batches.pipe(
        Stream.mapEffect((batch) =>
          Effect.acquireUseRelease(
            compared(null, batch),
            ([, measured]) => Effect.map(readAll([measured]), ([values]) => values),
            ([, measured]) => Effect.sync(() => discard([measured]))
          ).pipe(Effect.tap(() => Effect.yieldNow))
        ),
        Stream.runFold(
          (): Merging<Evaluated<M>> | undefined => undefined,
          (before, [measured]) => mergeIn(before, measured as unknown as Evaluated<M>, Number(measured!["size"]))
        ),
        Effect.flatMap((all) =>
          all === undefined
            ? Effect.fail(new DataError({ source: "evaluate", expected: "at least one example", actual: "none" }))
            : Effect.succeed({ ...merged(all), size: all.size })
        )
      )
    return <E, R>(batches: Stream.Stream<SupervisedBatch<HostOf<X>, HostOf<T>>, E, R>) =>
      using(weights, (weights) => over(batches, compare(weights)))
  }
)
