import { add, engine, getBackend, mul, neg, rsqrt, square, sub, sum } from "@tensorflow/tfjs-core"
import type { GradConfig, Tensor } from "@tensorflow/tfjs-core"
import { companion } from "../backend/companion/companion.ts"
import { batchNormTrainingGradWasm, batchNormTrainingWasm, fusedBatchNormWasm } from "../backend/kernels/batchNorm.ts"
import { sumTo } from "./broadcast.ts"
import type { KernelSet } from "./registry.ts"

type Three = [Tensor, Tensor, Tensor]

const leading = (x: Tensor): Array<number> => x.shape.slice(1).map((_, axis) => axis)

// Sums over leading axes run in the order of memory; a mean would transpose first.
const meanOverExamples = (x: Tensor): Tensor => mul(sum(x, leading(x)), x.shape.at(-1)! / x.size)

/** (x - mean) / √(variance + epsilon) scale + offset, with given moments, for each channel. */
export const batchNormInference = (
  x: Tensor,
  mean: Tensor,
  variance: Tensor,
  scale: Tensor,
  offset: Tensor,
  varianceEpsilon: number
): Tensor => engine().runKernel("FusedBatchNorm", { x, mean, variance, scale, offset }, { varianceEpsilon })

/** Batch normalisation with the moments of the batch, over all axes but the last: `[y, mean, variance]`. */
export const batchNormTraining = (x: Tensor, scale: Tensor, offset: Tensor, epsilon: number): Three => {
  if (
    getBackend() === "wasm" && companion() !== undefined && x.size > 0 &&
    [x, scale, offset].every(({ dtype }) => dtype === "float32")
  ) {
    return engine().runKernel("BatchNormTraining", { x, scale, offset }, { epsilon }) as Tensor[] as Three
  }
  const mean = meanOverExamples(x), centred = sub(x, mean), variance = meanOverExamples(square(centred))
  // What is per channel is combined first: one pass less over the batch.
  return [add(mul(centred, mul(scale, rsqrt(add(variance, epsilon)))), offset), mean, variance]
}

/** The gradients by x, scale and offset in closed form, of operations that can be differentiated again. */
const composedGradients = (
  [dy, dmean, dvariance]: Three,
  x: Tensor,
  scale: Tensor,
  epsilon: number
): Three => {
  const part = x.shape.at(-1)! / x.size
  const centred = sub(x, meanOverExamples(x)), inverse = rsqrt(add(meanOverExamples(square(centred)), epsilon))
  const normal = mul(centred, inverse)
  const doffset = sum(dy, leading(x)), dscale = sum(mul(dy, normal), leading(x))
  const within = sub(dy, mul(add(doffset, mul(normal, dscale)), part))
  const ofMoments = mul(add(dmean, mul(mul(dvariance, 2), centred)), part)
  return [add(mul(within, mul(scale, inverse)), ofMoments), dscale, doffset]
}

const gradient: GradConfig = {
  kernelName: "BatchNormTraining",
  inputsToSave: ["x", "scale"],
  outputsToSave: [false, true, true],
  gradFunc: (dys, saved, attrs) => {
    const [x, scale, mean, variance] = saved as [Tensor, Tensor, Tensor, Tensor]
    const epsilon = attrs["epsilon"] as number, given = dys as Three
    // The kernel has no gradient of its own: on a tape, for a gradient of this gradient, it is composed.
    const [dx, dscale, doffset] = engine().state.gradientDepth > 0 || companion() === undefined
      ? composedGradients(given, x, scale, epsilon)
      : engine().runKernel(
        "BatchNormTrainingGrad",
        { x, scale, mean, variance, dy: given[0], dmean: given[1], dvariance: given[2] },
        { epsilon }
      ) as Tensor[] as Three
    return { x: () => dx, scale: () => dscale, offset: () => doffset }
  }
}

// With given moments. Without a scale, TensorFlow.js fails before it gets here.
const inferenceGradient: GradConfig = {
  kernelName: "FusedBatchNorm",
  inputsToSave: ["x", "mean", "variance", "scale"],
  gradFunc: (dy, saved, attrs) => {
    const [x, mean, variance, scale] = saved as [Tensor, Tensor, Tensor, Tensor]
    const d = dy as Tensor, inverse = () => rsqrt(add(variance, attrs["varianceEpsilon"] as number))
    const factor = () => mul(inverse(), scale)
    return {
      x: () => mul(d, factor()),
      mean: () => neg(sumTo(mul(d, factor()), mean.shape)),
      variance: () => {
        const slope = mul(mul(factor(), square(inverse())), -0.5)
        return sumTo(mul(mul(d, sub(x, mean)), slope), variance.shape)
      },
      scale: () => sumTo(mul(mul(d, sub(x, mean)), inverse()), mean.shape),
      offset: () => sumTo(d, mean.shape)
    }
  }
}

/**
 * What batch normalisation is faster with, and the gradient of `tf.batchNorm`. Its layer installs it.
 *
 * @example
 * ```ts
 * import { Backend } from "effect-neuron"
 *
 * Backend.install(Backend.batchNormalisation)
 * ```
 */
export const batchNormalisation: KernelSet = {
  gradients: [gradient, inferenceGradient],
  kernels: [fusedBatchNormWasm, batchNormTrainingWasm, batchNormTrainingGradWasm]
}
