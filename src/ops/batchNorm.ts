import { add, engine, mul, neg, rsqrt, square, sub, sum } from "@tensorflow/tfjs-core"
import type { GradConfig, Tensor } from "@tensorflow/tfjs-core"
import { asFloat, fail, shapeOf } from "../backend/checks.ts"
import { batchNormTrainingGradWasm, batchNormTrainingWasm, fusedBatchNormWasm } from "../backend/kernels/batchNorm.ts"
import { run } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import { sumTo } from "./broadcast.ts"
import { gradientOf } from "./gradientOf.ts"

type Three = [Tensor, Tensor, Tensor]

/** The tensors by channel that an operation takes beside x, as floats. */
const byChannel = (x: Tensor, tensors: { readonly [name: string]: Tensor }): { readonly [name: string]: Tensor } => {
  const channels = x.shape.at(-1)
  if (channels === undefined) fail("batchNorm", "x [..., channels]", shapeOf(x))
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) =>
      tensor.rank === 1 && tensor.shape[0] === channels
        ? [name, asFloat("batchNorm", name, tensor)]
        : fail("batchNorm", `${name} [${channels}] for x ${shapeOf(x)}`, shapeOf(tensor))
    )
  )
}

/**
 * (x - mean) / √(variance + epsilon) scale + offset for each channel, with moments that are given: x is of
 * `[..., channels]`, all else of `[channels]`. Throws for other shapes.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * const [mean, variance, scale, offset] = [1, 4, 10, 100].map((value) => tf.tensor1d([value]))
 * Ops.batchNorm(tf.tensor2d([[3], [1]]), mean!, variance!, scale!, offset!, 0).arraySync() // => [[110], [100]]
 * ```
 */
export const batchNorm = (
  x: Tensor,
  mean: Tensor,
  variance: Tensor,
  scale: Tensor,
  offset: Tensor,
  varianceEpsilon: number
): Tensor => {
  const inputs = { ...byChannel(x, { mean, variance, scale, offset }), x: asFloat("batchNorm", "x", x) }
  return run(batchNormalization, "FusedBatchNorm", inputs, { varianceEpsilon })
}

/**
 * Batch normalization with the moments of the batch, over all axes but the last: `[y, mean, variance]`, the variance
 * divided by the number of values. x is of `[..., channels]`, all else of `[channels]`; throws for other shapes.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * const [, mean, variance] = Ops.batchNormTraining(tf.tensor2d([[1], [3]]), tf.ones([1]), tf.zeros([1]), 1e-5)
 * mean.arraySync() // => [2]
 * variance.arraySync() // => [1]
 * ```
 */
export const batchNormTraining = (
  x: Tensor,
  scale: Tensor,
  offset: Tensor,
  epsilon: number
): [y: Tensor, mean: Tensor, variance: Tensor] => {
  const inputs = { ...byChannel(x, { scale, offset }), x: asFloat("batchNorm", "x", x) }
  return run<Three>(batchNormalization, "BatchNormTraining", inputs, { epsilon })
}

const leading = (x: Tensor): Array<number> => x.shape.slice(1).map((_, axis) => axis)

// Sums over leading axes run in the order of memory; a mean would transpose first.
const meanOverExamples = (x: Tensor): Tensor => mul(sum(x, leading(x)), x.shape.at(-1)! / x.size)

interface Affine {
  readonly x: Tensor
  readonly scale: Tensor
  readonly offset: Tensor
}

const composition = ({ offset, scale, x }: Affine, { epsilon }: { readonly epsilon: number }): Three => {
  const mean = meanOverExamples(x), centered = sub(x, mean), variance = meanOverExamples(square(centered))
  // What is per channel is combined first: one pass less over the batch.
  return [add(mul(centered, mul(scale, rsqrt(add(variance, epsilon)))), offset), mean, variance]
}

/** The gradients by x, scale and offset in closed form, of operations that can be differentiated again. */
const composedGradients = (
  [dy, dmean, dvariance]: Three,
  x: Tensor,
  scale: Tensor,
  epsilon: number
): Three => {
  const part = x.shape.at(-1)! / x.size
  const centered = sub(x, meanOverExamples(x)), inverse = rsqrt(add(meanOverExamples(square(centered)), epsilon))
  const normal = mul(centered, inverse)
  const doffset = sum(dy, leading(x)), dscale = sum(mul(dy, normal), leading(x))
  const within = sub(dy, mul(add(doffset, mul(normal, dscale)), part))
  const ofMoments = mul(add(dmean, mul(mul(dvariance, 2), centered)), part)
  return [add(mul(within, mul(scale, inverse)), ofMoments), dscale, doffset]
}

const trainingGradient: GradConfig = {
  kernelName: "BatchNormTraining",
  inputsToSave: ["x", "scale"],
  outputsToSave: [false, true, true],
  gradFunc: (dys, saved, attrs) => {
    const [x, scale, mean, variance] = saved as [Tensor, Tensor, Tensor, Tensor]
    const epsilon = attrs["epsilon"] as number, [dy, dmean, dvariance] = dys as Three
    // The kernel has no gradient of its own: on a tape, for a gradient of this gradient, it is composed.
    const [dx, dscale, doffset] = engine().state.gradientDepth > 0
      ? composedGradients([dy, dmean, dvariance], x, scale, epsilon)
      : engine().runKernel(GRADIENT, { x, scale, mean, variance, dy, dmean, dvariance }, {
        epsilon
      }) as Tensor[] as Three
    return { x: () => dx, scale: () => dscale, offset: () => doffset }
  }
}

const GRADIENT = "BatchNormTrainingGrad"

// With given moments. Without a scale, TensorFlow.js fails before it gets here.
const inferenceGradient = gradientOf(
  "FusedBatchNorm",
  ["x", "mean", "variance", "scale"],
  (dy, { mean, scale, variance, x }, { varianceEpsilon }) => {
    const inverse = () => rsqrt(add(variance, varianceEpsilon as number)), factor = () => mul(inverse(), scale)
    return {
      x: () => mul(dy, factor()),
      mean: () => neg(sumTo(mul(dy, factor()), mean.shape)),
      variance: () => {
        const slope = mul(mul(factor(), square(inverse())), -0.5)
        return sumTo(mul(mul(dy, sub(x, mean)), slope), variance.shape)
      },
      scale: () => sumTo(mul(mul(dy, sub(x, mean)), inverse()), mean.shape),
      offset: () => sumTo(dy, mean.shape)
    }
  }
)

interface Incoming {
  readonly dy: Tensor
  readonly dmean: Tensor
  readonly dvariance: Tensor
  readonly x: Tensor
  readonly scale: Tensor
}

/**
 * What batch normalization is faster with, and the gradient of `tf.batchNorm`. {@link batchNorm} and
 * {@link batchNormTraining} install it themselves; in a bundled page a layer that calls `tf.batchNorm` installs it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Autodiff, Ops } from "effect-neuron"
 *
 * Ops.install(Ops.batchNormalization)
 * const [zero, one] = [tf.zeros<tf.Rank.R1>([1]), tf.ones<tf.Rank.R1>([1])]
 * const total = (x: tf.Tensor2D) => [tf.sum(tf.batchNorm(x, zero, one, zero, one, 0)), 0] as const
 * Autodiff.valueAndGrad(total)(tf.tensor2d([[5]])).grads.arraySync() // => [[1]]
 * ```
 */
export const batchNormalization: KernelSet = {
  gradients: [trainingGradient, inferenceGradient],
  kernels: [fusedBatchNormWasm, batchNormTrainingWasm, batchNormTrainingGradWasm],
  compositions: {
    BatchNormTraining: composition,
    [GRADIENT]: ({ dmean, dvariance, dy, scale, x }: Incoming, { epsilon }: { readonly epsilon: number }): Three =>
      composedGradients([dy, dmean, dvariance], x, scale, epsilon)
  }
}
