import { Effect, Stream } from "effect"
import type { Backend } from "../backend/Backend.ts"
import { computedByPath, computedCopies } from "../backend/copies.ts"
import { toTensors } from "../backend/host.ts"
import type { DataError, TensorError } from "../core/errors.ts"
import * as NdArray from "../core/NdArray.ts"
import type * as Tree from "../core/Tree.ts"
import { activations, attentions } from "../layers/observe.ts"
import { confusionAs } from "../metrics/confusionMatrix.ts"
import type { ConfusionMatrix } from "../metrics/confusionMatrix.ts"
import { norms } from "../optimizers/globalNorm.ts"
import type { Inspections } from "../remote/training.ts"
import { evaluate } from "../train/evaluate.ts"
import type { Evaluated } from "../train/evaluate.ts"
import { gradients } from "../train/gradients.ts"
import { infer } from "../train/predict.ts"
import type { Weights } from "../train/predict.ts"
import type { AnyMetric, SupervisedBatch, Supervision } from "../train/supervision.ts"
import type { TrainState } from "../train/TrainState.ts"
import { readNorms } from "./gradientNorms.ts"
import { put } from "./put.ts"

// No name that a metric of a user has.
const MATRIX = "confusion matrix"

/** What is asked about a supervised training. */
export type Asked<
  P extends Tree.Tree,
  S extends Tree.Tree,
  X extends Tree.Tree,
  Y extends Tree.Tree,
  T extends Tree.Tree,
  M extends AnyMetric<Y, T>,
  State extends TrainState<P, S>,
  E,
  R
> = Supervision<P, S, X, Y, T, M> & {
  readonly test?: Stream.Stream<SupervisedBatch<Tree.HostOf<X>, Tree.HostOf<T>>, E, R>
  readonly confusion?: boolean
  readonly weights?: (state: NoInfer<State>) => Weights<NoInfer<P>, NoInfer<S>>
}

/** All that can be asked about a supervised training. */
export const supervisedInspections = <
  P extends Tree.Tree,
  S extends Tree.Tree,
  X extends Tree.Tree,
  Y extends Tree.Tree,
  T extends Tree.Tree,
  M extends AnyMetric<Y, T>,
  State extends TrainState<P, S>,
  E,
  R
>(
  options: Asked<P, S, X, Y, T, M, State, E, R>
): Inspections<
  State,
  SupervisedBatch<Tree.HostOf<X>, Tree.HostOf<T>>,
  E | TensorError | DataError,
  R | Backend,
  Tree.HostOf<X>,
  Tree.HostOf<Y>
> => {
  const { confusion = false, model, test, weights = (state: State) => state } = options

  const differentiate = gradients(options)

  // The predictions of what is asked for a confusion matrix are one tensor, and so are their targets.
  const matrix = confusionAs(MATRIX) as unknown as AnyMetric<Y, T>
  const tested = confusion ? { ...options, metrics: [...options.metrics ?? [], matrix] } : options

  return {
    predict: (state, x) => infer("predict", model, weights(state), x),
    activations: (current, x) => {
      const { params, state } = weights(current)
      return computedByPath("activations", () => activations(model, params, state, toTensors(x) as unknown as X))
    },
    attentions: (current, x) => {
      const { params, state } = weights(current)
      return computedCopies(
        "attentions",
        () => Object.fromEntries(attentions(model, params, state, toTensors(x) as unknown as X))
      )
    },
    gradients: (state, batch) => computedByPath("gradients", () => [["", differentiate(state, batch).grads]]),
    observed: (current, { x }) => {
      const { params, state } = weights(current)
      // The last one is what the model gives, which its last layer has given.
      const layers = () => activations(model, params, state, toTensors(x) as unknown as X)
      return computedByPath("activations", () => layers().filter(([path], _, all) => path !== "" || all.length === 1))
    },
    gradientNorms: (state, batch) => readNorms(() => norms(differentiate(state, batch).grads)),
    ...(test === undefined ? {} : {
      evaluate: (state: State) =>
        Effect.gen(function*() {
          const { [MATRIX]: found, size, ...metrics } = (yield* evaluate(test, tested, weights(state))) as
            & Evaluated<never>
            & { readonly [MATRIX]?: ConfusionMatrix }
          const numbers: { [name: string]: number } = {}
          for (const [name, value] of Object.entries(metrics)) put(numbers, name, value)
          return { size, metrics: numbers, ...(found && { confusion: NdArray.make(found.counts) }) }
        })
    })
  }
}
