import { add, engine, leakyRelu, matMul, relu, reshape } from "@tensorflow/tfjs-core"
import type { NamedAttrMap, Tensor, Tensor2D } from "@tensorflow/tfjs-core"
import { asFloat, fail, shapeOf } from "../backend/checks.ts"
import { denseWasm, rectifiedDenseWasm } from "../backend/kernels/dense.ts"
import { run } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import { gradientOf } from "./gradientOf.ts"

/** x for x > 0, `slope` times x else; nothing is done without a slope. */
export const rectify = (x: Tensor, slope: number | undefined): Tensor =>
  slope === undefined ? x : slope === 0 ? relu(x) : leakyRelu(x, slope)

/**
 * x kernel + bias along the last axis, from `[..., features]` to `[..., units]`, with a kernel of `[features, units]`
 * and a bias of `[units]`, if there is one. With a `slope`, which is at least 0, what is negative in it is multiplied
 * by the slope: 0 is a rectifier. One pass over memory on the WebAssembly backend. Throws for other shapes.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * const x = tf.tensor2d([[2, 3]]), kernel = tf.tensor2d([[1, -1], [10, -10]])
 * Ops.dense(x, kernel, tf.tensor1d([100, 0]), 0).arraySync() // => [[132, 0]]
 * ```
 */
export const dense = (x: Tensor, kernel: Tensor, bias?: Tensor, slope?: number): Tensor => {
  const [features, units] = kernel.shape as [number, number]
  if (kernel.rank !== 2 || x.rank === 0 || x.shape[x.rank - 1] !== features) {
    fail("dense", `x [..., features] and a kernel [features, units]`, `${shapeOf(x)} and ${shapeOf(kernel)}`)
  }
  if (bias !== undefined && (bias.rank !== 1 || bias.shape[0] !== units)) {
    fail("dense", `a bias [${units}] for its kernel ${shapeOf(kernel)}`, shapeOf(bias))
  }
  const given = asFloat("dense", "x", x), weights = asFloat("dense", "a kernel", kernel)
  // One tall matrix, so that the gradient of the kernel is one product too, and not a sum over a batch of them.
  const outer = x.shape.slice(0, -1)
  const rows = x.rank === 2 ? given : reshape(given, [outer.reduce((a, b) => a * b, 1), features])
  const y = bias === undefined
    ? rectify(matMul(rows as Tensor2D, weights as Tensor2D), slope)
    : run(
      set,
      slope === undefined ? "Dense" : "RectifiedDense",
      { x: rows, kernel: weights, bias: asFloat("dense", "a bias", bias) },
      slope === undefined ? {} : { slope }
    )
  return x.rank === 2 ? y : reshape(y, [...outer, units])
}

interface Inputs {
  readonly x: Tensor
  readonly kernel: Tensor
  readonly bias: Tensor
}

const composition = ({ bias, kernel, x }: Inputs, { slope }: { readonly slope?: number }): Tensor =>
  rectify(add(matMul(x as Tensor2D, kernel as Tensor2D), bias), slope)

const product = (a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor =>
  engine().runKernel("BatchMatMul", { a, b }, { transposeA, transposeB })

const gradients = (dy: Tensor, x: Tensor, kernel: Tensor) => ({
  x: () => product(dy, kernel, false, true),
  kernel: () => product(x, dy, true, false),
  bias: () => engine().runKernel("Sum", { x: dy }, { axis: [0], keepDims: false }) as Tensor
})

/** The gradient before a rectifier whose output is y, and whose slope is at least 0. */
export const rectifiedGradient = (dy: Tensor, y: Tensor, { slope }: NamedAttrMap): Tensor =>
  slope === 0
    ? engine().runKernel("ReluGradient", { dy, x: y }, {})
    : engine().runKernel("LeakyReluGradient", { dy, x: y }, { alpha: slope! })

const set: KernelSet = {
  gradients: [
    gradientOf("Dense", ["x", "kernel"], (dy, { kernel, x }) => gradients(dy, x, kernel)),
    {
      // The output is saved for its sign alone, which has no gradient: none is lost.
      kernelName: "RectifiedDense",
      inputsToSave: ["x", "kernel"],
      outputsToSave: [true],
      gradFunc: (dy, saved, attrs) => {
        const [x, kernel, y] = saved as [Tensor, Tensor, Tensor]
        return gradients(rectifiedGradient(dy as Tensor, y, attrs), x, kernel)
      }
    }
  ],
  kernels: [denseWasm, rectifiedDenseWasm],
  compositions: { Dense: composition, RectifiedDense: composition }
}
