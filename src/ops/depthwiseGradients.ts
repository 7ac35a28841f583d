import { engine } from "@tensorflow/tfjs-core"
import type { GradConfig, NamedAttrMap } from "@tensorflow/tfjs-core"
import { bilinear } from "./bilinear.ts"

const windowOf = ({ dataFormat, dilations, dimRoundingMode, pad, strides }: NamedAttrMap): NamedAttrMap =>
  ({ dataFormat: dataFormat ?? "NHWC", dilations: dilations ?? [1, 1], dimRoundingMode, pad, strides }) as NamedAttrMap

export const depthwiseGradients: ReadonlyArray<GradConfig> = bilinear({
  forward: "DepthwiseConv2dNative",
  byInput: "DepthwiseConv2dNativeBackpropInput",
  byFilter: "DepthwiseConv2dNativeBackpropFilter",
  windowOf,
  convolve: (x, filter, attrs) => engine().runKernel("DepthwiseConv2dNative", { x, filter }, windowOf(attrs)),
  // The stock kernels take the attribute `dilations` but compute without; those of this library are on wasm.
  isDirect: ([dh, dw]) => dh === 1 && dw === 1 || engine().backendName === "wasm"
}).gradients
