import { conv2d, engine, sum } from "@tensorflow/tfjs-core"
import type { GradConfig, NamedAttrMap, Tensor, Tensor4D } from "@tensorflow/tfjs-core"
import { companion } from "../companion/companion.ts"
import { rectifiedGradient } from "./dense.ts"
import { dilationsOf, gather, spread } from "./dilation.ts"
import type { Pair, Shape4D } from "./dilation.ts"

const windowOf = ({ dataFormat, dilations, dimRoundingMode, pad, strides }: NamedAttrMap): NamedAttrMap =>
  ({ dataFormat, dilations: dilations ?? 1, dimRoundingMode, pad, strides }) as NamedAttrMap

/** Kernels of this library that are in force take an attribute `dilations`, which the stock ones have not. */
const isDirect = ([dh, dw]: Pair, { dataFormat }: NamedAttrMap): boolean =>
  dh === 1 && dw === 1 ||
  engine().backendName === "wasm" && dataFormat === "NHWC" && companion() !== undefined

const inputGradient = (dy: Tensor, filter: Tensor, inputShape: Array<number>, attrs: NamedAttrMap): Tensor => {
  const dilations = dilationsOf(attrs)
  if (!isDirect(dilations, attrs)) {
    return inputGradient(dy, spread(filter, dilations), inputShape, { ...attrs, dilations: 1 })
  }
  return engine().runKernel("Conv2DBackpropInput", { dy, filter }, { ...windowOf(attrs), inputShape })
}

const filterGradient = (x: Tensor, dy: Tensor, filterShape: Array<number>, attrs: NamedAttrMap): Tensor => {
  const dilations = dilationsOf(attrs)
  if (isDirect(dilations, attrs)) {
    return engine().runKernel("Conv2DBackpropFilter", { x, dy }, { ...windowOf(attrs), filterShape })
  }
  const [kh, kw, inputs, outputs] = filterShape as Shape4D
  const spreadShape = [(kh - 1) * dilations[0] + 1, (kw - 1) * dilations[1] + 1, inputs, outputs]
  return gather(filterGradient(x, dy, spreadShape, { ...attrs, dilations: 1 }), dilations, filterShape as Shape4D)
}

const convolve = (x: Tensor, filter: Tensor, attrs: NamedAttrMap): Tensor =>
  conv2d(
    x as Tensor4D,
    filter as Tensor4D,
    attrs["strides"] as [number, number],
    attrs["pad"] as "same",
    attrs["dataFormat"] as "NHWC",
    dilationsOf(attrs) as [number, number],
    attrs["dimRoundingMode"] as "floor"
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
      const x = saved[0]!, filter = saved[1]!
      return {
        x: () => inputGradient(dy as Tensor, filter, x.shape, attrs),
        filter: () => filterGradient(x, dy as Tensor, filter.shape, attrs)
      }
    }
  },
  {
    kernelName: "Conv2DWithBias",
    inputsToSave: ["x", "filter"],
    gradFunc: (dy, saved, attrs) => {
      const x = saved[0]!, filter = saved[1]!
      return {
        x: () => inputGradient(dy as Tensor, filter, x.shape, attrs),
        filter: () => filterGradient(x, dy as Tensor, filter.shape, attrs),
        bias: () => sum(dy as Tensor, [0, 1, 2])
      }
    }
  },
  {
    // The output is saved for its sign alone, which has no gradient: none is lost.
    kernelName: "RectifiedConv2D",
    inputsToSave: ["x", "filter"],
    outputsToSave: [true],
    gradFunc: (dys, saved, attrs) => {
      const [x, filter, y] = saved as [Tensor, Tensor, Tensor], dy = rectifiedGradient(dys as Tensor, y, attrs)
      return {
        x: () => inputGradient(dy, filter, x.shape, attrs),
        filter: () => filterGradient(x, dy, filter.shape, attrs),
        bias: () => sum(dy, [0, 1, 2])
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
