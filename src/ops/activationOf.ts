import { engine, mul, zerosLike } from "@tensorflow/tfjs-core"
import type { NamedAttrMap, Tensor } from "@tensorflow/tfjs-core"
import type { KernelSet } from "../backend/registry.ts"
import { gradientOf } from "./gradientOf.ts"

type Slope = (x: Tensor, attrs: NamedAttrMap) => Tensor

/** The second derivative times `d`, given `sloped`, the first one times `d`. */
type Curvature = (d: Tensor, x: Tensor, sloped: Tensor) => Tensor

/**
 * What belongs to a function of each value. Its gradient is a kernel of its own, `TanhGradient` for `Tanh`, of one pass
 * over memory where the backend has it; elsewhere it is composed from the slope. Without a curvature the slope is
 * constant between kinks.
 */
export const activationOf = (
  kernelName: string,
  slope: Slope,
  curvature?: Curvature
): Pick<Required<KernelSet>, "gradients" | "compositions"> => {
  const name = `${kernelName}Gradient`
  const gradient = (dy: Tensor, x: Tensor, attrs: NamedAttrMap): Tensor => engine().runKernel(name, { dy, x }, attrs)
  return {
    gradients: [
      gradientOf(kernelName, ["x"], (dy, { x }, attrs) => ({ x: () => gradient(dy, x, attrs) })),
      gradientOf(name, ["dy", "x"], (ddx, { dy, x }, attrs) => ({
        dy: () => gradient(ddx, x, attrs),
        x: () => {
          if (curvature === undefined) return zerosLike(x)
          const d = mul(ddx, dy)
          return curvature(d, x, gradient(d, x, attrs))
        }
      }))
    ],
    compositions: {
      [name]: ({ dy, x }: { readonly dy: Tensor; readonly x: Tensor }, attrs: NamedAttrMap): Tensor =>
        mul(dy, slope(x, attrs))
    }
  }
}
