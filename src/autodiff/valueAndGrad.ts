import { clone, engine } from "@tensorflow/tfjs-core"
import type { Scalar, Tensor } from "@tensorflow/tfjs-core"
import { scoped } from "../backend/scope.ts"
import * as Tree from "../core/Tree.ts"
import { differentiate, releaseTape } from "./differentiate.ts"
import { noGradient } from "./noGradient.ts"

/**
 * The value of a function of a tree of tensors, with its gradient: `grads` has the structure of the argument, and a
 * tensor that the value does not depend on has a gradient of zeros, of which {@link hasGradient} is false. `aux` passes
 * through whatever else the function computes (running state, predictions).
 *
 * Gradients can be nested: a function that calls `valueAndGrad` itself is differentiated through it, to second order.
 * Synchronous; call it inside `Backend.tensors`, which frees what is left over.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Autodiff, Backend } from "effect-neuron"
 *
 * const f = (p: { a: tf.Tensor; b: tf.Tensor }) => [tf.sum(tf.mul(p.a, p.b)), 0] as const
 * const { value, grads } = Autodiff.valueAndGrad(f)({ a: tf.tensor1d([1, 2]), b: tf.tensor1d([3, 4]) })
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
    try {
      let aux: A
      // Of the forward pass its value and what else it gives are kept, and what the tape has saved.
      const forward = () =>
        scoped(() => {
          const [value, rest] = f(params)
          if (value.rank !== 0) throw new Error(`the value to differentiate is a scalar, got [${value.shape}]`)
          const kept = new Set([value])
          aux = Tree.map(rest, (tensor) => {
            const own = made(tensor) && !kept.has(tensor) ? tensor : clone(tensor)
            kept.add(own)
            return own
          })
          return [...kept]
        })[0] as Scalar
      const { grads, value } = differentiate(forward, inputs)
      return { value, aux: aux!, grads: Tree.refill(params, inputs.map((input, i) => grads[i] ?? noGradient(input))) }
    } catch (cause) {
      releaseTape()
      throw cause
    }
  }

/** Whether a tensor was made in the scope that is open. */
const made = (tensor: Tensor): boolean => tensor.scopeId === engine().state.activeScope?.id && !tensor.kept
