import type { Tensor } from "@tensorflow/tfjs-core"
import type { Any, Empty, Fusion, Layer, Mode } from "./Layer.ts"

/** Says of a layer that it gives x for x > 0 and `slope` times x else; the slope is at least 0. */
export const rectifier = (layer: Layer<Empty, Empty>, slope: number): Layer<Empty, Empty> => ({
  ...layer,
  fusion: { of: layer.apply, slope }
})

/** Gives a layer a way to run together with a rectifier behind it, in fewer passes over memory. */
export const rectifiable = <P, S>(
  layer: Layer<P, S>,
  rectified: (params: P, state: S, x: Tensor, mode: Mode, slope: number) => readonly [y: Tensor, state: S]
): Layer<P, S> => ({ ...layer, fusion: { of: layer.apply, rectified } })

const own = ({ apply, fusion }: Any): Fusion | undefined => fusion?.of === apply ? fusion : undefined

/** How to run a layer together with the next one, if both are made for it. */
export const together = (layer: Any, next: Any | undefined): Any["apply"] | undefined => {
  const rectified = own(layer)?.rectified, slope = next && own(next)?.slope
  if (rectified === undefined || slope === undefined) return undefined
  return (params, state, x, mode) => rectified(params as never, state as never, x as Tensor, mode, slope)
}
