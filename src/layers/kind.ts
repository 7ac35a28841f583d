import { constructor, printed } from "../core/configuration.ts"
import type { Taking } from "../core/configuration.ts"
import type { Definition, Given, Input, Kind, Nesting, Table, Values } from "../core/Kind.ts"
import type { Children } from "./children.ts"
import type { Any, Configuration, Empty, Layer } from "./Layer.ts"

/** How layers of a kind are made: see {@link kind}. */
export interface KindOptions<T extends Table, L extends Any> {
  /** What the kind is configured with, in the order in which it stands in names. */
  readonly options: T
  /** What children it has, by default `"none"`. */
  readonly children?: Nesting
  /**
   * Whether what it gives for a step of a sequence, `[time, ...]`, depends on that step alone; `"children"` where that
   * is so if it is of its children. By default it does not, and {@link stateful} refuses it.
   */
  readonly perStep?: boolean | "children" | ((options: Values<T>) => boolean)
  /** The layer of all options and children; its name is made of them. */
  readonly make: (options: Values<T>, children: Children) => L
}

/** What a constructor takes of which nothing is said: the options, and nothing when all have defaults. */
type Arguments<T extends Table> = {} extends Input<T> ? [options?: Input<T>] : [options: Input<T>]

/**
 * Makes a kind of layer: a constructor that carries how its layers are described and built, so that `Layers.describe`
 * writes a model that has them and `Layers.build` makes it again. Options are checked where they are given (a
 * `RangeError`), and the name of a layer is made of those that are not at their default.
 *
 * The constructor takes the options, or what `given` makes options and children of. Of a kind with `children`, `"one"`
 * has the parameters of its child (whose name is `""`), a `"list"` has a tuple of them, a `"record"` a record.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Result } from "effect"
 * import { Kind, Layers } from "effect-neuron"
 *
 * const clip = Layers.kind("clip", {
 *   options: { low: { type: Kind.finite, default: 0 }, high: { type: Kind.finite } },
 *   make: ({ high, low }) => Layers.activation("clip", (x) => tf.clipByValue(x, low, high))
 * })
 * const model = Layers.serial(Layers.dense(2), clip({ high: 6 }))
 * model.name // => "serial(dense(2), clip(high 6))"
 * const json = Result.getOrThrow(Layers.describe(model))
 * json.children?.[1] // => { kind: "clip", options: { low: 0, high: 6 } }
 * Result.getOrThrow(Layers.build([Layers.serial, Layers.dense, clip])(json)).name === model.name // => true
 * ```
 */
export const kind: {
  <const T extends Table, A extends ReadonlyArray<unknown>, L extends Any>(
    name: string,
    options: KindOptions<T, L> & { readonly given: (...args: A) => readonly [options: Given<T>, children?: Children] }
  ): ((...args: A) => L) & Kind
  <const T extends Table, L extends Any>(
    name: string,
    options: KindOptions<T, L> & { readonly given?: undefined }
  ): ((...args: Arguments<T>) => L) & Kind
} = (
  name: string,
  { children: nesting = "none", given, make, options: table, perStep = false }:
    & KindOptions<Table, Any>
    & { readonly given?: unknown }
) => {
  const definition: Definition = {
    name,
    makes: "layer",
    options: table,
    children: nesting,
    perStep: typeof perStep === "function" ? perStep : () => perStep,
    make: (options, children: Children) => {
      const layer = make(options, children), { apply, init } = layer
      return {
        mixesExamples: children.some(([, child]) => child.mixesExamples),
        ...layer,
        name: printed(name, table, options, children),
        configuration: { kind: definition, options, children, of: { init, apply } }
      }
    }
  }
  return constructor<never>(definition, given as Taking | undefined)
}

/** A layer that is the only one of its kind. */
export const only = (name: string, layer: Layer<Empty, Empty>, perStep = false): Layer<Empty, Empty> =>
  kind(name, { options: {}, perStep, make: () => layer })()

/** Of what kind a layer is, unless it is a copy with another `init` or `apply`, which is of none. */
export const configurationOf = (layer: Any): Configuration | undefined => {
  const { apply, configuration, init } = layer
  return configuration?.of["init"] === init && configuration.of["apply"] === apply ? configuration : undefined
}
