import { hasGradient, noGradient } from "../autodiff/noGradient.ts"
import { scoped } from "../backend/scope.ts"
import * as Tree from "../core/Tree.ts"
import { applyGradients } from "../optimizers/transformation.ts"
import type { GradientTransformation, OptState } from "../optimizers/transformation.ts"

/** What an update changes: a training state, or one of two networks that are trained together. */
export type Updatable<P extends Tree.Tree = Tree.Tree, S extends Tree.Tree = Tree.Tree> = {
  readonly params: P
  readonly state: S
  readonly opt: OptState
  readonly step?: number
}

const pathsOf = (tree: Tree.Tree): ReadonlySet<string> =>
  new Set([...Tree.entries(tree).map(([path]) => path), ...Object.keys(Tree.numbers(tree))])

/** Throws for a state that another optimizer has made, as far as what it holds tells. */
const checkOwn = (optimizer: GradientTransformation, { opt, params }: Updatable): void => {
  const expected = pathsOf(scoped(() => optimizer.init(params))), found = pathsOf(opt)
  const missing = [...expected].find((path) => !found.has(path))
  const other = missing ?? [...found].find((path) => !expected.has(path))
  if (other === undefined) return
  throw new RangeError(
    `the state is of another optimizer than the step's, which ${missing === undefined ? "has no" : "has"} ${other}`
  )
}

/** The gradients, none for what is to stay where it is. */
const withStill = <P extends Tree.Tree>(grads: P, still: ReadonlyArray<string>): P =>
  Tree.map(
    grads as Tree.Tree,
    (gradient, path) => hasGradient(gradient) && still.includes(path) ? noGradient(gradient) : gradient
  ) as P

/**
 * The second half of a step: the parameters a step of the optimizer further, with the state of the optimizer and the
 * running state that came with the gradients; `step`, where there is one, counts one more. All else of the state stays,
 * and so do parameters whose paths are in `still`. A synchronous tensor program that disposes nothing; see {@link
 * gradients} for the first half. Its first call throws a `RangeError` for a state that does not hold what the state of
 * the optimizer does.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers, Train } from "effect-neuron"
 *
 * const optimizer = Optimizers.sgd(0.1), params = { w: tf.tensor1d([1]) }
 * const current = { step: 7, params, state: {}, opt: optimizer.init(params) }
 * const next = Train.update(optimizer)(current, { grads: { w: tf.tensor1d([5]) }, state: {} })
 * next.step // => 8
 * next.params.w.arraySync() // => [0.5]
 * ```
 */
export const update = (optimizer: GradientTransformation) => {
  let isChecked = false
  return <T extends Updatable>(
    current: T,
    { grads, state, still = [] }: {
      readonly grads: T["params"]
      readonly state: T["state"]
      readonly still?: ReadonlyArray<string>
    }
  ): T => {
    if (!isChecked) checkOwn(optimizer, current)
    isChecked = true
    const { opt: before, params: from } = current
    const [params, opt] = still.length === 0
      ? applyGradients(optimizer, grads, before, from)
      : scoped(() => applyGradients(optimizer, withStill(grads, still), before, from))
    return { ...current, ...(current.step === undefined ? {} : { step: current.step + 1 }), params, state, opt }
  }
}
