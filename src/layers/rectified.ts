import type { Any, Empty, Layer } from "./Layer.ts"

// What a sequence needs to know to run a layer and a rectifier behind it as one. It is known by the functions `apply` and
// not by the layers, so that a copy of a layer with an `apply` of its own is run as it says.
type Apply = Any["apply"]
type Rectified = (...args: [...Parameters<Apply>, slope: number]) => ReturnType<Apply>

const slopes = /* @__PURE__ */ new WeakMap<Apply, number>()
const fused = /* @__PURE__ */ new WeakMap<Apply, Rectified>()

/** Says of a layer that it gives x for x > 0 and `slope` times x else; the slope is at least 0. */
export const rectifier = (layer: Layer<Empty, Empty>, slope: number): Layer<Empty, Empty> => {
  slopes.set(layer.apply, slope)
  return layer
}

/** Gives a layer a way to run together with a rectifier behind it, in fewer passes over memory. */
export const rectifiable = <P, S>(
  layer: Layer<P, S>,
  rectified: (...args: [...Parameters<typeof layer.apply>, slope: number]) => ReturnType<typeof layer.apply>
): Layer<P, S> => {
  fused.set(layer.apply, rectified)
  return layer
}

/** How to run a layer together with the next one, if both are made for it. */
export const together = (layer: Any, next: Any | undefined): Apply | undefined => {
  const rectified = fused.get(layer.apply), slope = next && slopes.get(next.apply)
  if (rectified === undefined || slope === undefined) return undefined
  return (params, state, x, mode) => rectified(params, state, x, mode, slope)
}
