import { conv2d, engine, sum } from "@tensorflow/tfjs-core"
import type { GradConfig, NamedAttrMap, Tensor, Tensor4D } from "@tensorflow/tfjs-core"
import { companion } from "../backend/companion/companion.ts"
import { bilinear } from "./bilinear.ts"
import { rectifiedGradient } from "./denseGradients.ts"
import { dilationsOf } from "./dilation.ts"

const { filterGradient, gradients, inputGradient } = bilinear({
  forward: "Conv2D",
  byInput: "Conv2DBackpropInput",
  byFilter: "Conv2DBackpropFilter",
  windowOf: ({ dataFormat, dilations, dimRoundingMode, pad, strides }) =>
    ({ dataFormat, dilations: dilations ?? 1, dimRoundingMode, pad, strides }) as NamedAttrMap,
  convolve: (x, filter, attrs) =>
    conv2d(
      x as Tensor4D,
      filter as Tensor4D,
      attrs["strides"] as [number, number],
      attrs["pad"] as "same",
      attrs["dataFormat"] as "NHWC",
      dilationsOf(attrs) as [number, number],
      attrs["dimRoundingMode"] as "floor"
    ),
  // Kernels of this library that are in force take an attribute `dilations`, which the stock ones have not.
  isDirect: ([dh, dw], { dataFormat }) =>
    dh === 1 && dw === 1 ||
    engine().backendName === "wasm" && dataFormat === "NHWC" && companion() !== undefined
})

export const convolutionGradients: ReadonlyArray<GradConfig> = [
  ...gradients,
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
  }
]
