import { add, leakyRelu, matMul, relu } from "@tensorflow/tfjs-core"
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core"
import { runFused } from "./fused.ts"

/** x for x > 0, `slope` times x else; nothing is done without a slope. */
export const rectify = (x: Tensor, slope: number | undefined): Tensor =>
  slope === undefined ? x : slope === 0 ? relu(x) : leakyRelu(x, slope)

/**
 * x kernel + bias of two matrices and a vector, rectified if there is a slope, which is at least 0: in one pass on the
 * WebAssembly backend, composed on others.
 */
export const dense = (x: Tensor, kernel: Tensor, bias: Tensor, slope: number | undefined): Tensor =>
  (x.size > 0 && x.shape[1] === kernel.shape[0]
    ? runFused(
      slope === undefined ? "Dense" : "RectifiedDense",
      { x, kernel, bias },
      slope === undefined ? {} : { slope }
    )
    : undefined) ?? rectify(add(matMul(x as Tensor2D, kernel as Tensor2D), bias), slope)
