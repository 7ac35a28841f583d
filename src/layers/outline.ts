import { json } from "../core/description.ts"
import type { Json } from "../core/Kind.ts"
import { configurationOf } from "./kind.ts"
import type { Any, Configuration } from "./Layer.ts"

/**
 * What a layer is, for whoever shows it: as its description, but a layer of no kind is there too, by its name alone, and
 * an option that no JSON can say is left out.
 */
export type Outline = { readonly name: string } | {
  readonly kind: string
  readonly options?: { readonly [option: string]: Json }
  readonly children?: { readonly [name: string]: Outline }
}

/** The options that are plain JSON; what parameters begin as is not shown. */
const optionsOf = ({ kind, options }: Configuration): ReadonlyArray<readonly [string, Json]> =>
  Object.entries(options).flatMap(([option, value]): ReadonlyArray<readonly [string, Json]> => {
    if (value === undefined || kind.options[option]?.type.makes !== undefined) return []
    try {
      return [[option, json(value, option)]]
    } catch {
      return []
    }
  })

/**
 * How a model is put together, as plain JSON: what {@link describe} says, also of a model with layers of no kind, which
 * stand in it by their names. {@link build} does not take it; a picture of the model is made of it.
 *
 * @example
 * ```ts
 * import { Layers } from "effect-neuron"
 *
 * const own = Layers.activation("own", (x) => x)
 * Layers.outline(Layers.residual(Layers.serial(Layers.relu, own)))
 * // => { kind: "residual", children: { "": { kind: "serial", children: { 0: { kind: "relu" }, 1: { name: "own" } } } } }
 * ```
 */
export const outline = (layer: Any): Outline => {
  const own = configurationOf(layer)
  if (own === undefined) return { name: layer.name }
  const options = optionsOf(own), children = own.children.map(([name, child]) => [name, outline(child)] as const)
  return {
    kind: own.kind.name,
    ...(options.length > 0 && { options: Object.fromEntries(options) }),
    ...(children.length > 0 && { children: Object.fromEntries(children) })
  }
}
