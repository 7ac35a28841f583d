import { avgPool, backend_util, div, engine, mul, tensor4d, zerosLike } from "@tensorflow/tfjs-core"
import type { GradConfig, NamedAttrMap, Tensor, Tensor4D } from "@tensorflow/tfjs-core"

const windowOf = ({ dimRoundingMode, filterSize, pad, strides }: NamedAttrMap): NamedAttrMap =>
  ({ dimRoundingMode, filterSize, pad, strides }) as NamedAttrMap

const average = (x: Tensor, { dimRoundingMode, filterSize, pad, strides }: NamedAttrMap): Tensor =>
  avgPool(
    x as Tensor4D,
    filterSize as [number, number],
    strides as [number, number],
    pad as "valid",
    dimRoundingMode as "floor"
  )

/**
 * The size of a whole window over that of its part inside the input, by output position. Average pooling leaves padding
 * out of its mean, but the stock kernels of its gradient divide by the whole window; this makes up for it.
 */
const padWeights = (input: Tensor, { dimRoundingMode, filterSize, pad, strides }: NamedAttrMap): Tensor => {
  const g = backend_util.computePool2DInfo(
    input.shape as [number, number, number, number],
    filterSize as [number, number],
    strides as [number, number],
    1,
    pad as "valid",
    dimRoundingMode as "floor"
  )
  const covered = (out: number, stride: number, size: number, before: number, length: number) =>
    Math.min(out * stride - before + size, length) - Math.max(out * stride - before, 0)
  const weights: Array<number> = []
  for (let row = 0; row < g.outHeight; row++) {
    const rows = covered(row, g.strideHeight, g.filterHeight, g.padInfo.top, g.inHeight)
    for (let column = 0; column < g.outWidth; column++) {
      const columns = covered(column, g.strideWidth, g.filterWidth, g.padInfo.left, g.inWidth)
      weights.push(g.filterHeight * g.filterWidth / (rows * columns))
    }
  }
  return tensor4d(weights, [1, g.outHeight, g.outWidth, 1])
}

const isPadded = ({ pad }: NamedAttrMap): boolean => pad !== "valid" && pad !== 0

/** Gradients of pooling. That of average pooling is linear, and so has one of its own; that of maximum has none yet. */
export const poolingGradients: ReadonlyArray<GradConfig> = [
  {
    kernelName: "MaxPool",
    inputsToSave: ["x"],
    outputsToSave: [true],
    gradFunc: (dy, saved, attrs) => ({
      x: () =>
        engine().runKernel(
          "MaxPoolGrad",
          { dy: dy as Tensor, input: saved[0]!, output: saved[1]! },
          windowOf(attrs)
        ) as Tensor
    })
  },
  {
    kernelName: "AvgPool",
    inputsToSave: ["x"],
    gradFunc: (dy, saved, attrs) => {
      const input = saved[0]!
      return {
        x: () => {
          const weighted = isPadded(attrs) ? mul(dy as Tensor, padWeights(input, attrs)) : dy as Tensor
          return engine().runKernel("AvgPoolGrad", { dy: weighted, input }, windowOf(attrs)) as Tensor
        }
      }
    }
  },
  {
    kernelName: "AvgPoolGrad",
    inputsToSave: ["input"],
    gradFunc: (ddx, saved, attrs) => {
      const input = saved[0]!
      return {
        dy: () => {
          const mean = average(ddx as Tensor, attrs)
          return isPadded(attrs) ? div(mean, padWeights(input, attrs)) : mean
        },
        input: () => zerosLike(input)
      }
    }
  }
]
