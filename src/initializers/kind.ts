import type { Tensor } from "@tensorflow/tfjs-core"
import { constructor, printed } from "../core/configuration.ts"
import type { Taking } from "../core/configuration.ts"
import type { Key } from "../core/Key.ts"
import type { Configuration, Definition, Given, Input, Kind, OptionType, Table, Values } from "../core/Kind.ts"
import type { Known } from "../core/Shape.ts"

/** Makes the first values of a parameter of a shape; the same key and shape give the same values. */
export interface Initializer {
  (key: Key, shape: Known): Tensor
  /** Of what kind it is; a function of one's own is of none, and a layer that has it cannot be described. */
  readonly configuration?: Configuration
}

type Draw = (key: Key, shape: Known) => Tensor

/**
 * Makes a kind of initializer: a constructor that carries how its initializers are described and built, so that a model
 * that is initialized with them can be described. It takes the options, or what `given` makes options of.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Result } from "effect"
 * import { Initializers, Kind, Layers } from "effect-neuron"
 *
 * const diagonal = Initializers.kind("diagonal", {
 *   options: { value: { type: Kind.finite, default: 1 } },
 *   make: ({ value }) => (_, [rows, columns]) => tf.mul(tf.eye(rows!, columns!), value)
 * })
 * const layer = Layers.dense(3, { kernelInitializer: diagonal({ value: 2 }) })
 * Result.getOrThrow(Layers.describe(layer)).options?.kernelInitializer // => { kind: "diagonal", options: { value: 2 } }
 * ```
 */
export const kind: {
  <const T extends Table, A extends ReadonlyArray<unknown>>(
    name: string,
    options: KindOptions<T> & { readonly given: (...args: A) => readonly [options: Given<T>] }
  ): ((...args: A) => Initializer) & Kind
  <const T extends Table>(
    name: string,
    options: KindOptions<T> & { readonly given?: undefined }
  ): ((...args: Arguments<T>) => Initializer) & Kind
} = (
  name: string,
  { given, make, options: table }: KindOptions<Table> & { readonly given?: unknown }
) => {
  const definition: Definition = {
    name,
    makes: "initializer",
    options: table,
    children: "none",
    make: (options) => {
      const draw = make(options), initializer = (key: Key, shape: Known) => draw(key, shape)
      Object.defineProperty(initializer, "name", { value: printed(name, table, options, []) })
      return Object.assign(initializer, { configuration: { kind: definition, options, children: [], of: {} } })
    }
  }
  return constructor<never>(definition, given as Taking | undefined)
}

/** How initializers of a kind are made: see {@link kind}. */
export interface KindOptions<T extends Table> {
  readonly options: T
  readonly make: (options: Values<T>) => Draw
}

type Arguments<T extends Table> = {} extends Input<T> ? [options?: Input<T>] : [options: Input<T>]

/** An initializer that is the only one of its kind. */
export const only = (name: string, draw: Draw): Initializer => kind(name, { options: {}, make: () => draw })()

/**
 * The type of an option that is an initializer, for kinds of layers of one's own. What a layer starts from is not in
 * its name.
 *
 * @example
 * ```ts
 * import { Initializers } from "effect-neuron"
 *
 * Initializers.initializer.parse(Initializers.zeros) === Initializers.zeros // => true
 * Initializers.initializer.parse("zeros") // => undefined
 * ```
 */
export const initializer: OptionType<Initializer> = {
  expected: "an initializer",
  parse: (u) => typeof u === "function" ? u as Initializer : undefined,
  hidden: true,
  makes: "initializer"
}
