import type { GradConfig, NamedAttrMap, Tensor } from "@tensorflow/tfjs-core"

/**
 * The gradient of a kernel by its inputs: functions of the gradient by its output, of the inputs that it saves, by
 * name, and of its attributes.
 *
 * It saves inputs, never outputs: an output that is saved is put on the tape before the operation that makes it, and
 * the second-order gradient through it is silently lost. What it gives is made of operations that have gradients
 * themselves.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * const gradient = Ops.gradientOf("Cube", ["x"], (dy, { x }) => ({ x: () => tf.mul(dy, tf.mul(3, tf.square(x))) }))
 * gradient.kernelName // => "Cube"
 * gradient.inputsToSave // => ["x"]
 * ```
 */
export const gradientOf = <const Saved extends string = never, Attrs = NamedAttrMap>(
  kernelName: string,
  saved: ReadonlyArray<Saved>,
  gradient: (
    dy: Tensor,
    inputs: { readonly [name in Saved]: Tensor },
    attrs: Attrs
  ) => { readonly [input: string]: () => Tensor }
): GradConfig => ({
  kernelName,
  inputsToSave: [...saved],
  gradFunc: (dy, tensors, attrs) => {
    const inputs: { [name: string]: Tensor } = {}
    saved.forEach((name, i) => {
      inputs[name] = tensors[i]!
    })
    return gradient(dy as Tensor, inputs as { readonly [name in Saved]: Tensor }, attrs as Attrs)
  }
})
