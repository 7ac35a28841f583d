import type { Result } from "effect"
import { builder, described } from "../core/description.ts"
import type { Description, DescriptionError, KindLike } from "../core/description.ts"
import type { Any } from "./Layer.ts"

/**
 * What a layer is, as plain JSON: its kind, its options and its children, from which {@link build} makes it again, with
 * the same parameters for the same key. `JSON.stringify` of it fits into a file.
 *
 * Fails with a `DescriptionError` that names the child that cannot be described: a layer, or an initializer, that is of
 * no kind (made by `Layers.lambda`, `Layers.make`, …), or a copy with an `apply` or `init` of its own.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Layers } from "effect-neuron"
 *
 * const model = Layers.named({ hidden: Layers.dense(16, { bias: false }), act: Layers.relu })
 * Result.getOrThrow(Layers.describe(model))
 * // => { kind: "named", children: { hidden: { kind: "dense", options: { units: 16, bias: false } }, act: { kind: "relu" } } }
 * const own = Layers.named({ own: Layers.activation("own", (x) => x) })
 * Result.getFailure(Layers.describe(own)).valueOrUndefined?.message
 * // => "children.own: expected a layer of a kind, found \"own\", which is of none"
 * ```
 */
export const describe = (layer: Any): Result.Result<Description, DescriptionError> => described(layer, "layer")

/**
 * Makes a layer of its description, with the kinds that are given: `Layers.kinds` has all of this library, and a list
 * of those that a program needs keeps the rest out of the bundle of a page. Kinds are constructors (`Layers.dense`),
 * the only layer of a kind itself (`Layers.relu`), and initializers.
 *
 * What is given is read with distrust: it can come from a file. Fails with a `DescriptionError` that says where it is
 * wrong, also when it is nested deeper than 64 levels or has more than 10,000 parts. Throws a `RangeError` for two
 * kinds of one name in the list.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Layers } from "effect-neuron"
 *
 * const build = Layers.build([Layers.serial, Layers.dense, Layers.relu])
 * const json = { kind: "serial", children: { 0: { kind: "dense", options: { units: 16 } }, 1: { kind: "relu" } } }
 * Result.getOrThrow(build(json)).name // => "serial(dense(16), relu)"
 * Result.getFailure(build({ kind: "dense", options: { units: "x" } })).valueOrUndefined?.message
 * // => "options.units: expected a positive integer, found \"x\""
 * Result.getFailure(build({ kind: "tanh" })).valueOrUndefined?.message
 * // => "kind: expected one of the kinds of a layer that are given (serial, dense, relu), found \"tanh\""
 * ```
 */
export const build = (
  kinds: ReadonlyArray<KindLike>
): (json: unknown) => Result.Result<Any, DescriptionError> =>
  builder(kinds, "layer") as (json: unknown) => Result.Result<Any, DescriptionError>
