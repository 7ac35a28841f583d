import { norm, zerosLike } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import type { Backend } from "../backend/Backend.ts"
import { read } from "../backend/read.ts"
import type { TensorError } from "../core/errors.ts"
import * as Tree from "../core/Tree.ts"
import type { GradientTransformation, OptState } from "../optimizers/transformation.ts"
import { discard } from "../train/readMetrics.ts"
import type { Measured, Step } from "../train/Step.ts"

/** An optimizer that changes nothing, and whose state is the norms of the gradients that it was given last. */
export const measuring: GradientTransformation = {
  init: () => ({}),
  update: (
    gradients
  ) => [Tree.map(gradients, (gradient) => zerosLike(gradient)), Tree.map(gradients, (x): Tensor => norm(x))]
}

/**
 * The norm of the gradient of each parameter, by its path, in a step that is taken with {@link measuring} optimizers and
 * then forgotten. `statesOf` finds their states in the training state.
 */
export const gradientNorms = <T extends Tree.Tree, B, M extends Measured, E, R>(
  step: Step<T, B, M, E, R>,
  state: T,
  batch: B,
  statesOf: (next: T) => OptState
): Effect.Effect<{ readonly [path: string]: number }, E | TensorError, R | Backend> =>
  Effect.acquireUseRelease(
    step(state, batch),
    ([next]) => {
      const norms = Tree.entries(statesOf(next))
      return Effect.map(
        read("gradient norms", norms.map(([, tensor]) => tensor)),
        (values) => Object.fromEntries(norms.map(([path], i) => [path, values[i]!.data[0]!]))
      )
    },
    ([next, measured]) =>
      Effect.sync(() => {
        Tree.disposeExcept(next, state)
        discard([measured])
      })
  )
