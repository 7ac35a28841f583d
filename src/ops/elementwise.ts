import * as tf from "@tensorflow/tfjs-core"
import type { GradConfig, NamedAttrMap, Tensor } from "@tensorflow/tfjs-core"
import { sumTo } from "./broadcast.ts"

// How gradients of operations are made that work value by value. They save inputs, never outputs: an output that is
// saved is put on the tape before the operation that makes it, and the second-order gradient through it is silently
// lost.

/** The same numbers as floats. */
export const floats = (x: Tensor): Tensor => x.dtype === "float32" ? x : tf.cast(x, "float32")

/** The gradient of a function of each value: of the incoming gradient and the input, as floats. */
export const unary = (
  kernelName: string,
  gradient: (dy: Tensor, x: Tensor, attrs: NamedAttrMap) => Tensor
): GradConfig => ({
  kernelName,
  inputsToSave: ["x"],
  gradFunc: (dy, saved, attrs) => ({ x: () => gradient(dy as Tensor, floats(saved[0]!), attrs) })
})

/** What an operand gets of the incoming gradient, before what it was broadcast to is added up. */
export type ByOperand = (dy: Tensor, a: Tensor, b: Tensor) => Tensor

/** The gradient of a function of two operands, which may be broadcast. */
export const binary = (kernelName: string, byA: ByOperand, byB: ByOperand): GradConfig => ({
  kernelName,
  inputsToSave: ["a", "b"],
  gradFunc: (dy, saved) => {
    const a = saved[0]!, b = saved[1]!
    return {
      a: () => sumTo(byA(dy as Tensor, a, b), a.shape),
      b: () => sumTo(byB(dy as Tensor, a, b), b.shape)
    }
  }
})

/** The gradient of a function that is flat wherever it has a slope, by the inputs of these names. */
export const flat = (kernelName: string, ...inputs: ReadonlyArray<string>): GradConfig => ({
  kernelName,
  inputsToSave: [...inputs],
  gradFunc: (_, saved) =>
    Object.fromEntries(inputs.map((name, i) => [name, () => tf.zeros(saved[i]!.shape, "float32")]))
})
