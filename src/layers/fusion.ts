import type { Tensor } from "@tensorflow/tfjs-core"
import { asTensor } from "../backend/checks.ts"
import type { Children } from "./children.ts"
import { kindOf } from "./Layer.ts"
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

/**
 * A child that gives what `next` makes of what it gives, if both are made for that; whoever observes a model is to see
 * both of them, one after the other.
 */
export const together = ([key, layer]: Children[number], next: Any | undefined): Children[number] | undefined => {
  const rectified = own(layer)?.rectified, slope = next && own(next)?.slope
  if (rectified === undefined || slope === undefined) return undefined
  const apply: Any["apply"] = (params, state, x, mode) =>
    rectified(params as never, state as never, asTensor(kindOf(layer.name), x), mode, slope)
  return [key, { ...layer, apply }]
}
