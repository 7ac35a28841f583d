import { clone, engine, keep, zerosLike } from "@tensorflow/tfjs-core"
import type { Scalar, Tensor } from "@tensorflow/tfjs-core"
import * as Tree from "../core/Tree.ts"

/**
 * The value of a function of a tree of tensors, with its gradient: `grads` has the structure of the argument, and a
 * tensor that the value does not depend on has a gradient of zeros. `aux` passes through whatever else the function
 * computes (running state, predictions).
 *
 * Gradients can be nested: a function that calls `valueAndGrad` itself is differentiated through it, to second order.
 * Synchronous; call it inside `Backend.tensors`, which frees what is left over.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Backend } from "effect-neuron"
 *
 * const f = (p: { a: tf.Tensor; b: tf.Tensor }) => [tf.sum(tf.mul(p.a, p.b)), 0] as const
 * const { value, grads } = Backend.valueAndGrad(f)({ a: tf.tensor1d([1, 2]), b: tf.tensor1d([3, 4]) })
 * value.arraySync() // => 11
 * grads.a.arraySync() // => [3, 4]
 * ```
 */
export const valueAndGrad =
  <P extends Tree.Tree, A extends Tree.Tree>(f: (params: P) => readonly [value: Tensor, aux: A]) =>
  (params: P): { readonly value: Scalar; readonly aux: A; readonly grads: P } => {
    const inputs = Tree.leaves(params)
    if (inputs.length === 0) {
      const [value, aux] = f(params)
      return { value: value as Scalar, aux, grads: params }
    }
    // The forward pass disposes all but its value, so what else it gives is kept until the gradients are there.
    const kept: Array<Tensor> = []
    let aux: A
    try {
      const { grads, value } = engine().gradients(
        () => {
          const [value, rest] = f(params)
          if (value.rank !== 0) throw new Error(`the value to differentiate is a scalar, got [${value.shape}]`)
          aux = Tree.map(rest, (tensor) => {
            const copy = keep(clone(tensor))
            kept.push(copy)
            return copy
          })
          return value as Scalar
        },
        [...inputs],
        undefined,
        true
      )
      return {
        value,
        aux: Tree.map(aux!, (tensor) => clone(tensor)),
        grads: Tree.refill(params, inputs.map((input, i) => grads[i] ?? zerosLike(input)))
      }
    } catch (cause) {
      releaseTape()
      throw cause
    } finally {
      for (const tensor of kept) tensor.dispose()
    }
  }

// After a throw the engine forgets the tensors that its tape had saved. Only the outermost tape may be released:
// an inner one is part of it.
const releaseTape = (): void => {
  const { state } = engine()
  if (state.gradientDepth > 0 || !state.activeTape) return
  for (const node of state.activeTape) for (const tensor of node.saved ?? []) tensor.dispose()
  state.activeTape = []
}
