import { size } from "../core/Shape.ts"
import type { Known } from "../core/Shape.ts"
import { randomNormal, randomUniform } from "../ops/random.ts"
import { only } from "./kind.ts"
import type { Initializer } from "./kind.ts"

/**
 * The number of inputs that a unit of a kernel sees and of outputs that an input reaches: of `[in, out]` they are its
 * dimensions, of `[...window, in, out]` those times the size of the window.
 *
 * @example
 * ```ts
 * import { Initializers } from "effect-neuron"
 *
 * Initializers.fans([3, 3, 16, 32]) // => { fanIn: 144, fanOut: 288 }
 * ```
 */
export const fans = (shape: Known): { readonly fanIn: number; readonly fanOut: number } => {
  const window = size(shape.slice(0, -2)), fanOut = window * (shape.at(-1) ?? 1)
  return { fanIn: shape.length < 2 ? fanOut : window * shape.at(-2)!, fanOut }
}

type Fan = "in" | "average"

// Values of variance gain / fan, in the two distributions that the papers use.
const scaled = (
  name: string,
  distribution: "uniform" | "normal",
  gain: number,
  fan: Fan
): Initializer =>
  only(name, (key, shape) => {
    const { fanIn, fanOut } = fans(shape)
    const variance = gain / (fan === "in" ? fanIn : (fanIn + fanOut) / 2), limit = Math.sqrt(3 * variance)
    return distribution === "uniform"
      ? randomUniform(key, shape, { low: -limit, high: limit })
      : randomNormal(key, shape, { stddev: Math.sqrt(variance) })
  })

/**
 * Even values in ±√(6 / (fanIn + fanOut)), for layers without a rectifier (Glorot, Bengio: "Understanding the
 * difficulty of training deep feedforward neural networks", 2010).
 *
 * @example
 * ```ts
 * import { Initializers, Key } from "effect-neuron"
 *
 * const values = Initializers.glorotUniform(Key.make(0), [3, 3]).dataSync()
 * values.every((x) => Math.abs(x) <= 1) // => true
 * ```
 */
export const glorotUniform: Initializer = /* @__PURE__ */ scaled("glorotUniform", "uniform", 1, "average")

/**
 * Normal values of variance 2 / (fanIn + fanOut); see {@link glorotUniform}.
 *
 * @example
 * ```ts
 * import { Initializers, Key } from "effect-neuron"
 *
 * Initializers.glorotNormal(Key.make(0), [3, 4]).shape // => [3, 4]
 * ```
 */
export const glorotNormal: Initializer = /* @__PURE__ */ scaled("glorotNormal", "normal", 1, "average")

/**
 * Another name of {@link glorotUniform}, after the author's given name.
 *
 * @example
 * ```ts
 * import { Initializers } from "effect-neuron"
 *
 * Initializers.xavierUniform === Initializers.glorotUniform // => true
 * ```
 */
export const xavierUniform: Initializer = glorotUniform

/**
 * Another name of {@link glorotNormal}, after the author's given name.
 *
 * @example
 * ```ts
 * import { Initializers } from "effect-neuron"
 *
 * Initializers.xavierNormal === Initializers.glorotNormal // => true
 * ```
 */
export const xavierNormal: Initializer = glorotNormal

/**
 * Even values in ±√(6 / fanIn), for layers before a rectifier (He, Zhang, Ren, Sun: "Delving deep into rectifiers",
 * 2015).
 *
 * @example
 * ```ts
 * import { Initializers, Key } from "effect-neuron"
 *
 * const values = Initializers.heUniform(Key.make(0), [6, 3]).dataSync()
 * values.every((x) => Math.abs(x) <= 1) // => true
 * ```
 */
export const heUniform: Initializer = /* @__PURE__ */ scaled("heUniform", "uniform", 2, "in")

/**
 * Normal values of variance 2 / fanIn; see {@link heUniform}.
 *
 * @example
 * ```ts
 * import { Initializers, Key } from "effect-neuron"
 *
 * Initializers.heNormal(Key.make(0), [3, 4]).shape // => [3, 4]
 * ```
 */
export const heNormal: Initializer = /* @__PURE__ */ scaled("heNormal", "normal", 2, "in")

/**
 * Even values in ±√(3 / fanIn), for self-normalizing layers (LeCun, Bottou, Orr, Müller: "Efficient BackProp", 1998;
 * Klambauer et al.: "Self-normalizing neural networks", 2017).
 *
 * @example
 * ```ts
 * import { Initializers, Key } from "effect-neuron"
 *
 * const values = Initializers.lecunUniform(Key.make(0), [3, 8]).dataSync()
 * values.every((x) => Math.abs(x) <= 1) // => true
 * ```
 */
export const lecunUniform: Initializer = /* @__PURE__ */ scaled("lecunUniform", "uniform", 1, "in")

/**
 * Normal values of variance 1 / fanIn; see {@link lecunUniform}.
 *
 * @example
 * ```ts
 * import { Initializers, Key } from "effect-neuron"
 *
 * Initializers.lecunNormal(Key.make(0), [3, 4]).shape // => [3, 4]
 * ```
 */
export const lecunNormal: Initializer = /* @__PURE__ */ scaled("lecunNormal", "normal", 1, "in")
