import { engine } from "@tensorflow/tfjs-core"
import type { GradConfig, NamedAttrMap, Tensor } from "@tensorflow/tfjs-core"
import { dilationsOf, gather, spread } from "./dilation.ts"
import type { Pair, Shape4D } from "./dilation.ts"

const windowOf = ({ dataFormat, dilations, dimRoundingMode, pad, strides }: NamedAttrMap): NamedAttrMap =>
  ({ dataFormat: dataFormat ?? "NHWC", dilations: dilations ?? [1, 1], dimRoundingMode, pad, strides }) as NamedAttrMap

const convolve = (x: Tensor, filter: Tensor, attrs: NamedAttrMap): Tensor =>
  engine().runKernel("DepthwiseConv2dNative", { x, filter }, windowOf(attrs))

/** The stock kernels take the attribute `dilations` but compute without; those of this library are on wasm. */
const isDirect = ([dh, dw]: Pair): boolean => dh === 1 && dw === 1 || engine().backendName === "wasm"

const inputGradient = (dy: Tensor, filter: Tensor, inputShape: Array<number>, attrs: NamedAttrMap): Tensor => {
  const dilations = dilationsOf(attrs)
  if (!isDirect(dilations)) {
    return inputGradient(dy, spread(filter, dilations), inputShape, { ...attrs, dilations: [1, 1] })
  }
  return engine().runKernel("DepthwiseConv2dNativeBackpropInput", { dy, filter }, { ...windowOf(attrs), inputShape })
}

const filterGradient = (x: Tensor, dy: Tensor, filterShape: Array<number>, attrs: NamedAttrMap): Tensor => {
  const dilations = dilationsOf(attrs)
  if (isDirect(dilations)) {
    return engine().runKernel("DepthwiseConv2dNativeBackpropFilter", { x, dy }, { ...windowOf(attrs), filterShape })
  }
  const [kh, kw, channels, multiplier] = filterShape as Shape4D
  const spreadShape = [(kh - 1) * dilations[0] + 1, (kw - 1) * dilations[1] + 1, channels, multiplier]
  return gather(
    filterGradient(x, dy, spreadShape, { ...attrs, dilations: [1, 1] }),
    dilations,
    [...filterShape] as Shape4D
  )
}

/** Each of the three is the gradient of the other two, as with other convolutions. */
export const depthwiseGradients: ReadonlyArray<GradConfig> = [
  {
    kernelName: "DepthwiseConv2dNative",
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
    kernelName: "DepthwiseConv2dNativeBackpropInput",
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
    kernelName: "DepthwiseConv2dNativeBackpropFilter",
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
