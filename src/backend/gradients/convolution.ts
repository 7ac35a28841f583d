import { conv2d, engine, pad as padTensor, reshape, slice } from "@tensorflow/tfjs-core"
import type { GradConfig, NamedAttrMap, Tensor, Tensor4D } from "@tensorflow/tfjs-core"

type Pair = readonly [number, number]
type Shape4D = [number, number, number, number]

const pair = (value: unknown): Pair => Array.isArray(value) ? [value[0], value[1]] : [value as number, value as number]

// A kernel whose taps stand `dilation` apart convolves like the kernel with zeros written between its taps; the
// backpropagation kernels know no dilation, so they get that one.
const spread = (filter: Tensor, [dh, dw]: Pair): Tensor => {
  const [kh, kw, inputs, outputs] = filter.shape as Shape4D
  const rows = padTensor(reshape(filter, [kh, 1, kw, inputs * outputs]), [[0, 0], [0, dh - 1], [0, 0], [0, 0]])
  const taps = padTensor(reshape(rows, [kh * dh, kw, 1, inputs * outputs]), [[0, 0], [0, 0], [0, dw - 1], [0, 0]])
  const all = reshape(taps, [kh * dh, kw * dw, inputs, outputs])
  return slice(all, [0, 0, 0, 0], [(kh - 1) * dh + 1, (kw - 1) * dw + 1, inputs, outputs])
}

const gather = (spreadFilter: Tensor, [dh, dw]: Pair, [kh, kw, inputs, outputs]: Shape4D): Tensor => {
  const padded = padTensor(spreadFilter, [[0, dh - 1], [0, dw - 1], [0, 0], [0, 0]])
  const rows = slice(reshape(padded, [kh, dh, kw * dw, inputs * outputs]), [0, 0, 0, 0], [kh, 1, -1, -1])
  const taps = slice(reshape(rows, [kh, kw, dw, inputs * outputs]), [0, 0, 0, 0], [kh, kw, 1, -1])
  return reshape(taps, [kh, kw, inputs, outputs])
}

const windowOf = ({ dataFormat, dimRoundingMode, pad, strides }: NamedAttrMap): NamedAttrMap =>
  ({ dataFormat, dimRoundingMode, pad, strides }) as NamedAttrMap

const inputGradient = (dy: Tensor, filter: Tensor, inputShape: Array<number>, attrs: NamedAttrMap): Tensor =>
  engine().runKernel("Conv2DBackpropInput", { dy, filter }, { ...windowOf(attrs), inputShape })

const filterGradient = (x: Tensor, dy: Tensor, filterShape: Array<number>, attrs: NamedAttrMap): Tensor =>
  engine().runKernel("Conv2DBackpropFilter", { x, dy }, { ...windowOf(attrs), filterShape })

const convolve = (x: Tensor, filter: Tensor, { dataFormat, dimRoundingMode, pad, strides }: NamedAttrMap): Tensor =>
  conv2d(
    x as Tensor4D,
    filter as Tensor4D,
    strides as [number, number],
    pad as "same",
    dataFormat as "NHWC",
    [1, 1],
    dimRoundingMode as "floor"
  )

/**
 * A convolution is bilinear in its input and its filter, and so are its two gradients: each of the three is the
 * gradient of the other two. This closes the gradients at every order.
 */
export const convolutionGradients: ReadonlyArray<GradConfig> = [
  {
    kernelName: "Conv2D",
    inputsToSave: ["x", "filter"],
    gradFunc: (dy, saved, attrs) => {
      const x = saved[0]!, filter = saved[1]!, dilations = pair(attrs["dilations"] ?? 1)
      if (dilations[0] === 1 && dilations[1] === 1) {
        return {
          x: () => inputGradient(dy as Tensor, filter, x.shape, attrs),
          filter: () => filterGradient(x, dy as Tensor, filter.shape, attrs)
        }
      }
      const [kh, kw, inputs, outputs] = filter.shape as Shape4D
      const spreadShape = [(kh - 1) * dilations[0] + 1, (kw - 1) * dilations[1] + 1, inputs, outputs]
      return {
        x: () => inputGradient(dy as Tensor, spread(filter, dilations), x.shape, attrs),
        filter: () => gather(filterGradient(x, dy as Tensor, spreadShape, attrs), dilations, filter.shape as Shape4D)
      }
    }
  },
  {
    kernelName: "Conv2DBackpropInput",
    inputsToSave: ["dy", "filter"],
    gradFunc: (ddx, saved, attrs) => {
      const dy = saved[0]!, filter = saved[1]!
      return {
        dy: () => convolve(ddx as Tensor, filter, attrs),
        filter: () => filterGradient(ddx as Tensor, dy, filter.shape, attrs)
      }
    }
  },
  {
    kernelName: "Conv2DBackpropFilter",
    inputsToSave: ["x", "dy"],
    gradFunc: (ddw, saved, attrs) => {
      const x = saved[0]!, dy = saved[1]!
      return {
        x: () => inputGradient(dy, ddw as Tensor, x.shape, attrs),
        dy: () => convolve(x, ddw as Tensor, attrs)
      }
    }
  }
]
