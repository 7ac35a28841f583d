import * as tf from "@tensorflow/tfjs-core"
import type { GradConfig, GradSaveFunc, NamedAttrMap, Tensor, Tensor4D } from "@tensorflow/tfjs-core"

const windowOf = ({ dimRoundingMode, filterSize, pad, strides }: NamedAttrMap): NamedAttrMap =>
  ({ dimRoundingMode, filterSize, pad, strides }) as NamedAttrMap

const average = (x: Tensor, { dimRoundingMode, filterSize, pad, strides }: NamedAttrMap): Tensor =>
  tf.avgPool(
    x as Tensor4D,
    filterSize as [number, number],
    strides as [number, number],
    pad as "valid",
    dimRoundingMode as "floor"
  )

const geometry = (input: Tensor, { dimRoundingMode, filterSize, pad, strides }: NamedAttrMap) =>
  tf.backend_util.computePool2DInfo(
    input.shape as [number, number, number, number],
    filterSize as [number, number],
    strides as [number, number],
    1,
    pad as "valid",
    dimRoundingMode as "floor"
  )

/**
 * The size of a whole window over that of its part inside the input, by output position. Average pooling leaves padding
 * out of its mean, but the stock kernels of its gradient divide by the whole window; this makes up for it.
 */
const padWeights = (input: Tensor, attrs: NamedAttrMap): Tensor => {
  const g = geometry(input, attrs)
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
  return tf.tensor4d(weights, [1, g.outHeight, g.outWidth, 1])
}

const isPadded = ({ pad }: NamedAttrMap): boolean => pad !== "valid" && pad !== 0

const scatterToMaxima = (dy: Tensor, input: Tensor, output: Tensor, attrs: NamedAttrMap): Tensor =>
  tf.engine().runKernel("MaxPoolGrad", { dy, input, output } as never, windowOf(attrs)) as Tensor

/** Takes from `values` what lies in the places of the maxima of `input`, which is linear and has the scatter as gradient. */
const gatherFromMaxima = (values: Tensor, input: Tensor, output: Tensor, attrs: NamedAttrMap): Tensor =>
  tf.customGrad((...args) => {
    const [v, save] = args as [Tensor, GradSaveFunc]
    save([input, output])
    return {
      value: tf.getKernel("MaxPoolGather", tf.getBackend())
        ? tf.engine().runKernel("MaxPoolGather", { values: v, input }, windowOf(attrs)) as Tensor
        : gatherByTaps(v, input, output, attrs),
      gradFunc: (dy: Tensor, saved: Array<Tensor>) => scatterToMaxima(dy, saved[0]!, saved[1]!, attrs)
    }
  })(values)

/** The same of operations that every backend has: for each tap of the window, where its values are the first maxima. */
const gatherByTaps = (values: Tensor, input: Tensor, output: Tensor, attrs: NamedAttrMap): Tensor => {
  const g = geometry(input, attrs)
  const after = (out: number, stride: number, size: number, before: number, length: number) =>
    Math.max(0, (out - 1) * stride + size - before - length)
  const margins: Array<[number, number]> = [
    [0, 0],
    [g.padInfo.top, after(g.outHeight, g.strideHeight, g.filterHeight, g.padInfo.top, g.inHeight)],
    [g.padInfo.left, after(g.outWidth, g.strideWidth, g.filterWidth, g.padInfo.left, g.inWidth)],
    [0, 0]
  ]
  // What lies outside is larger than no maximum, and equal to none of a number.
  const under = (x: Tensor, row: number, column: number) =>
    tf.stridedSlice(
      x,
      [0, row, column, 0],
      [
        g.batchSize,
        row + (g.outHeight - 1) * g.strideHeight + 1,
        column + (g.outWidth - 1) * g.strideWidth + 1,
        g.inChannels
      ],
      [1, g.strideHeight, g.strideWidth, 1]
    )
  const padded = tf.pad(input, margins, -Infinity), paddedValues = tf.pad(values, margins)
  let gathered = tf.zerosLike(output), open = tf.onesLike(output)
  for (let row = 0; row < g.filterHeight; row++) {
    for (let column = 0; column < g.filterWidth; column++) {
      const hit = tf.mul(open, tf.cast(tf.equal(under(padded, row, column), output), "float32"))
      gathered = tf.add(gathered, tf.mul(hit, under(paddedValues, row, column)))
      open = tf.sub(open, hit)
    }
  }
  return gathered
}

/** Gradients of pooling. Those of its gradients are linear, and so have gradients themselves, to every order. */
export const poolingGradients: ReadonlyArray<GradConfig> = [
  {
    kernelName: "MaxPool",
    inputsToSave: ["x"],
    outputsToSave: [true],
    gradFunc: (dy, saved, attrs) => ({
      x: () => scatterToMaxima(dy as Tensor, saved[0]!, saved[1]!, attrs)
    })
  },
  {
    kernelName: "MaxPoolGrad",
    inputsToSave: ["input", "output"],
    gradFunc: (ddx, saved, attrs) => {
      const input = saved[0]!, output = saved[1]!
      return {
        dy: () => gatherFromMaxima(ddx as Tensor, input, output, attrs),
        input: () => tf.zerosLike(input),
        output: () => tf.zerosLike(output)
      }
    }
  },
  {
    kernelName: "AvgPool",
    inputsToSave: ["x"],
    gradFunc: (dy, saved, attrs) => {
      const input = saved[0]!
      return {
        x: () => {
          const weighted = isPadded(attrs) ? tf.mul(dy as Tensor, padWeights(input, attrs)) : dy as Tensor
          return tf.engine().runKernel("AvgPoolGrad", { dy: weighted, input }, windowOf(attrs)) as Tensor
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
          return isPadded(attrs) ? tf.div(mean, padWeights(input, attrs)) : mean
        },
        input: () => tf.zerosLike(input)
      }
    }
  }
]
