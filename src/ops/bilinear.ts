import { engine } from "@tensorflow/tfjs-core"
import type { GradConfig, NamedAttrMap, Tensor } from "@tensorflow/tfjs-core"
import { dilationsOf, gather, spread } from "./dilation.ts"

interface Kernels {
  readonly forward: string
  readonly byInput: string
  readonly byFilter: string
  readonly convolve: (x: Tensor, filter: Tensor, attrs: NamedAttrMap) => Tensor
  /** The attributes that all three kernels take. */
  readonly windowOf: (attrs: NamedAttrMap) => NamedAttrMap
  /** Whether the kernels of the gradients heed such dilations; elsewhere the filter is spread. */
  readonly isDirect: (dilations: ReadonlyArray<number>, attrs: NamedAttrMap) => boolean
}

/**
 * The gradients of a convolution. It is bilinear in its input and its filter, and so are its two gradients: each of the
 * three is the gradient of the other two, which closes the gradients at every order.
 */
export const bilinear = ({ byFilter, byInput, convolve, forward, isDirect, windowOf }: Kernels) => {
  const inputGradient = (dy: Tensor, filter: Tensor, inputShape: Array<number>, attrs: NamedAttrMap): Tensor => {
    const dilations = dilationsOf(attrs, filter.rank - 2)
    if (!isDirect(dilations, attrs)) {
      return inputGradient(dy, spread(filter, dilations), inputShape, { ...attrs, dilations: dilations.map(() => 1) })
    }
    return engine().runKernel(byInput, { dy, filter }, { ...windowOf(attrs), inputShape })
  }

  const filterGradient = (x: Tensor, dy: Tensor, filterShape: Array<number>, attrs: NamedAttrMap): Tensor => {
    const dilations = dilationsOf(attrs, x.rank - 2)
    if (isDirect(dilations, attrs)) {
      return engine().runKernel(byFilter, { x, dy }, { ...windowOf(attrs), filterShape })
    }
    const spreadShape = filterShape.map((n, axis) => axis < dilations.length ? (n - 1) * dilations[axis]! + 1 : n)
    return gather(filterGradient(x, dy, spreadShape, { ...attrs, dilations: dilations.map(() => 1) }), dilations)
  }

  const gradients: ReadonlyArray<GradConfig> = [
    {
      kernelName: forward,
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
      kernelName: byInput,
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
      kernelName: byFilter,
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
  return { inputGradient, filterGradient, gradients }
}
