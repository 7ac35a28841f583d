import { hasGradient } from "../autodiff/noGradient.ts"
import { scoped } from "../backend/scope.ts"
import * as Tree from "../core/Tree.ts"
import { axpy as axpyAll } from "../ops/optimizers.ts"

/** What a transformation remembers from one step to the next: tensors shaped like the parameters, and counters. */
export type OptState = Tree.Tree

/**
 * One stage on the way from gradients to what is added to the parameters: a pair of pure functions, as in optax.
 * Nothing is privileged: momentum, clipping, weight decay and the learning rate are all transformations, put together
 * with {@link chain}.
 *
 * `update` takes gradients (or the updates of the stage before), its state and the parameters, three trees of one
 * structure; it disposes none of them. What it returns is fresh or the same as what it was given, and a tensor may
 * stand in the updates and in the state at once: let `tidy` free what is not needed, never dispose updates by hand.
 */
export interface GradientTransformation {
  readonly init: <P extends Tree.Tree>(params: P) => OptState
  readonly update: <P extends Tree.Tree>(
    updates: P,
    state: OptState,
    params: P
  ) => readonly [updates: P, state: OptState]
  /**
   * How next parameters are made of gradients in fewer passes over memory than by `update` and {@link applyUpdates}. It
   * is said of one `update`: a copy with another does as that says.
   */
  readonly atOnce?: { readonly of: unknown; readonly apply: GradientTransformation["update"] } | undefined
}

/** `factor · x + y`, for two trees of one structure and one set of shapes. */
export const axpy = <P extends Tree.Tree>(factor: number, x: Tree.Tree, y: P): P => {
  return Tree.refill(y, axpyAll(factor, Tree.leaves(x), Tree.leaves(y)))
}

/** Gives a transformation a way to make next parameters, and its next state, of gradients at once. */
export const applying = (
  transformation: GradientTransformation,
  apply: GradientTransformation["update"]
): GradientTransformation => ({ ...transformation, atOnce: { of: transformation.update, apply } })

/**
 * The parameters after a step of an optimizer, and its next state: `update` and {@link applyUpdates}, in fewer passes
 * over memory where the optimizer can. A parameter that has no gradient (`Autodiff.hasGradient`: one of
 * `Layers.frozen`, or one that the loss does not depend on) stays as it is: weight decay and momentum do not move it.
 * Disposes nothing.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers } from "effect-neuron"
 *
 * const optimizer = Optimizers.sgd(0.5), params = tf.tensor1d([1])
 * const [next] = Optimizers.applyGradients(optimizer, tf.tensor1d([4]), optimizer.init(params), params)
 * next.arraySync() // => [-1]
 * ```
 */
export const applyGradients = <P extends Tree.Tree>(
  optimizer: GradientTransformation,
  gradients: P,
  state: OptState,
  params: P
): readonly [params: P, state: OptState] => {
  const moving = Tree.leaves(gradients).every(hasGradient)
  if (moving) return applyAll(optimizer, gradients, state, params)
  return scoped(() => {
    const [next, nextState] = applyAll(optimizer, gradients, state, params)
    const given = Tree.leaves(gradients), made = Tree.leaves(next)
    const kept = Tree.leaves(params).map((param, i) => hasGradient(given[i]!) ? made[i]! : param)
    return [Tree.refill(params, kept), nextState]
  })
}

const applyAll: typeof applyGradients = (optimizer, gradients, state, params) => {
  const { atOnce } = optimizer
  if (atOnce?.of === optimizer.update) return atOnce.apply(gradients, state, params)
  const [updates, next] = optimizer.update(gradients, state, params)
  return [applyUpdates(params, updates), next]
}

/**
 * Makes a transformation of one's own with a state of its own type.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers, Tree } from "effect-neuron"
 *
 * // Steps against the gradient that become smaller as 1 / n.
 * const fading = Optimizers.make<{ readonly steps: number }>({
 *   init: () => ({ steps: 0 }),
 *   update: (updates, { steps }) => [Tree.map(updates, (g) => tf.mul(g, -1 / (steps + 1))), { steps: steps + 1 }]
 * })
 * const params = { w: tf.scalar(0) }
 * fading.update({ w: tf.scalar(4) }, { steps: 1 }, params)[0].w.arraySync() // => -2
 * ```
 */
export const make = <S extends OptState>({ init, update }: {
  readonly init: <P extends Tree.Tree>(params: P) => S
  readonly update: <P extends Tree.Tree>(updates: P, state: S, params: P) => readonly [updates: P, state: S]
}): GradientTransformation => ({
  init,
  // A state comes from `init` or from `update` of the same transformation.
  update: (updates, state, params) => update(updates, state as S, params)
})

/** A transformation without a state. */
export const stateless = (
  transform: <P extends Tree.Tree>(updates: P, params: P) => P
): GradientTransformation => ({
  init: () => [],
  update: (updates, state, params) => [scoped(() => transform(updates, params)), state]
})

/**
 * Applies transformations one after the other, each to the updates of the one before; the state is the array of
 * theirs. A chain is a transformation itself, so chains nest; the empty one leaves gradients as they are.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers } from "effect-neuron"
 *
 * const optimizer = Optimizers.chain(Optimizers.clipByGlobalNorm(1), Optimizers.scale(-0.1))
 * const params = { w: tf.tensor1d([0, 0]) }
 * const [updates] = optimizer.update({ w: tf.tensor1d([0, 5]) }, optimizer.init(params), params)
 * updates.w.arraySync().map((x) => x.toFixed(3)) // => ["0.000", "-0.100"]
 * ```
 */
export const chain = (...stages: ReadonlyArray<GradientTransformation>): GradientTransformation => {
  const run = (runLast: typeof applyGradients): GradientTransformation["update"] => (gradients, state, params) =>
    scoped(() => {
      const states = state as ReadonlyArray<OptState>
      let updates = gradients
      const next = stages.map((stage, i) => {
        const isLast = i === stages.length - 1
        const [out, stageState] = isLast
          ? runLast(stage, updates, states[i]!, params)
          : stage.update(updates, states[i]!, params)
        updates = out
        return stageState
      })
      return [updates, next]
    })
  const transformation = {
    init: <P extends Tree.Tree>(params: P) => stages.map((stage) => stage.init(params)),
    update: run((last, updates, state, params) => last.update(updates, state, params))
  }
  return stages.length === 0 ? transformation : applying(transformation, run(applyGradients))
}

/**
 * The parameters after a step: `params + updates`, leaf by leaf. The parameters that were given stay alive.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers } from "effect-neuron"
 *
 * Optimizers.applyUpdates({ w: tf.tensor1d([1, 2]) }, { w: tf.tensor1d([3, 4]) }).w.arraySync() // => [4, 6]
 * ```
 */
export const applyUpdates = <P extends Tree.Tree>(params: P, updates: P): P => axpy(1, updates, params)
