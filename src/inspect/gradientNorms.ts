import { zerosLike } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import type { Backend } from "../backend/Backend.ts"
import { computedCopies } from "../backend/copies.ts"
import type { TensorError } from "../core/errors.ts"
import type { HostTree } from "../core/NdArray.ts"
import * as Tree from "../core/Tree.ts"
import { norms } from "../optimizers/globalNorm.ts"
import { make } from "../optimizers/transformation.ts"
import { discard } from "../train/readMetrics.ts"
import type { Measured, Step } from "../train/Step.ts"

/** Norms by path, in host memory. */
export const readNorms = (
  program: () => Tree.Tree
): Effect.Effect<{ readonly [path: string]: number }, TensorError, Backend> =>
  Effect.map(
    computedCopies("gradient norms", program),
    (arrays) => Object.fromEntries(Tree.entries(arrays as HostTree).map(([path, { data }]) => [path, data[0]!]))
  )

/** An optimizer that changes nothing, and whose state is the norms of the gradients that it was given last. */
export const measuring = make<Tree.Tree>({
  init: () => ({}),
  update: (gradients) => [Tree.map(gradients, (gradient) => zerosLike(gradient)) as typeof gradients, norms(gradients)]
})

/** An optimizer that changes nothing, and whose state is the gradients that it was given last. */
export const keeping = make<Tree.Tree>({
  init: () => ({}),
  update: (gradients) => [Tree.map(gradients, (gradient) => zerosLike(gradient)) as typeof gradients, gradients]
})

/** What `read` finds in the state after a step, which is then forgotten. */
export const afterStep = <T extends Tree.Tree, B, M extends Measured, E, R, A, E2, R2>(
  step: Step<T, B, M, E, R>,
  state: T,
  batch: B,
  read: (next: T) => Effect.Effect<A, E2, R2>
): Effect.Effect<A, E | E2, R | R2> =>
  Effect.acquireUseRelease(
    step(state, batch),
    ([next]) => read(next),
    ([next, measured]) =>
      Effect.sync(() => {
        Tree.disposeExcept(next, state)
        discard([measured])
      })
  )
