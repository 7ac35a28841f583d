import { engine } from "@tensorflow/tfjs-core"
import type { GradConfig, NamedAttrMap, Tensor } from "@tensorflow/tfjs-core"

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
    ? engine().runKernel("ReluGradient", { dy, x: y })
    : engine().runKernel("LeakyReluGradient", { dy, x: y }, { alpha: slope! })

/** The gradients of dense layers, of operations that have gradients themselves. */
export const denseGradients: ReadonlyArray<GradConfig> = [
  {
    kernelName: "Dense",
    inputsToSave: ["x", "kernel"],
    gradFunc: (dy, saved) => gradients(dy as Tensor, saved[0]!, saved[1]!)
  },
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
]
