import { fill, ones as filledWithOnes, tensor, zeros as filledWithZeros } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import type { Key } from "../core/Key.ts"
import * as Random from "../core/Random.ts"
import { size } from "../core/Shape.ts"
import type { Shape } from "../core/Shape.ts"
import { orthonormalRows } from "./orthonormal.ts"

/** Makes the first values of a parameter of a shape; the same key and shape give the same values. */
export type Initializer = (key: Key, shape: Shape) => Tensor

/**
 * All zeros.
 *
 * @example
 * ```ts
 * import { Initializers, Key } from "effect-neuron"
 *
 * Initializers.zeros(Key.make(0), [2]).arraySync() // => [0, 0]
 * ```
 */
export const zeros: Initializer = (_, shape) => filledWithZeros([...shape])

/**
 * All ones.
 *
 * @example
 * ```ts
 * import { Initializers, Key } from "effect-neuron"
 *
 * Initializers.ones(Key.make(0), [2]).arraySync() // => [1, 1]
 * ```
 */
export const ones: Initializer = (_, shape) => filledWithOnes([...shape])

/**
 * The same value everywhere.
 *
 * @example
 * ```ts
 * import { Initializers, Key } from "effect-neuron"
 *
 * Initializers.constant(0.5)(Key.make(0), [2]).arraySync() // => [0.5, 0.5]
 * ```
 */
export const constant = (value: number): Initializer => (_, shape) => fill([...shape], value)

/** The options of {@link normal} and {@link truncatedNormal}. */
export interface NormalOptions {
  /** By default 0. */
  readonly mean?: number
  /** The standard deviation, by default 0.05. */
  readonly deviation?: number
}

/**
 * Independent normal values.
 *
 * @example
 * ```ts
 * import { Initializers, Key } from "effect-neuron"
 *
 * Initializers.normal({ deviation: 0.02 })(Key.make(0), [3, 4]).shape // => [3, 4]
 * ```
 */
export const normal = ({ deviation = 0.05, mean = 0 }: NormalOptions = {}): Initializer => (key, shape) =>
  tensor(Random.normal(key, size(shape), mean, deviation), [...shape])

/**
 * Independent normal values, those further than two deviations from the mean drawn again; `deviation` is the one before
 * truncation, 1 / 0.880 times the one after.
 *
 * @example
 * ```ts
 * import { Initializers, Key } from "effect-neuron"
 *
 * const values = Initializers.truncatedNormal({ mean: 5, deviation: 1 })(Key.make(0), [1000]).dataSync()
 * values.every((x) => x >= 3 && x <= 7) // => true
 * ```
 */
export const truncatedNormal = ({ deviation = 0.05, mean = 0 }: NormalOptions = {}): Initializer => (key, shape) => {
  const next = Random.generator(key), out = new Float32Array(size(shape))
  for (let i = 0; i < out.length;) {
    const radius = Math.sqrt(-2 * Math.log(1 - next())), angle = 2 * Math.PI * next()
    for (const z of [radius * Math.cos(angle), radius * Math.sin(angle)]) {
      if (Math.abs(z) <= 2 && i < out.length) out[i++] = mean + deviation * z
    }
  }
  return tensor(out, [...shape])
}

/** The options of {@link uniform}. */
export interface UniformOptions {
  /** By default -0.05. */
  readonly low?: number
  /** By default 0.05. */
  readonly high?: number
}

/**
 * Independent values drawn evenly from `[low, high)`.
 *
 * @example
 * ```ts
 * import { Initializers, Key } from "effect-neuron"
 *
 * const values = Initializers.uniform({ low: 1, high: 2 })(Key.make(0), [100]).dataSync()
 * values.every((x) => x >= 1 && x < 2) // => true
 * ```
 */
export const uniform = ({ high = 0.05, low = -0.05 }: UniformOptions = {}): Initializer => (key, shape) =>
  tensor(Random.uniform(key, size(shape), low, high), [...shape])

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
export const fans = (shape: Shape): { readonly fanIn: number; readonly fanOut: number } => {
  const window = size(shape.slice(0, -2)), fanOut = window * (shape.at(-1) ?? 1)
  return { fanIn: shape.length < 2 ? fanOut : window * shape.at(-2)!, fanOut }
}

type Fan = "in" | "average"

// Values of variance gain / fan, in the two distributions that the papers use.
const scaled = (distribution: "uniform" | "normal", gain: number, fan: Fan): Initializer => (key, shape) => {
  const { fanIn, fanOut } = fans(shape)
  const variance = gain / (fan === "in" ? fanIn : (fanIn + fanOut) / 2)
  const limit = Math.sqrt(3 * variance)
  return distribution === "uniform"
    ? uniform({ low: -limit, high: limit })(key, shape)
    : normal({ deviation: Math.sqrt(variance) })(key, shape)
}

/**
 * Even values in ±√(6 / (fanIn + fanOut)), for layers without a rectifier (Glorot, Bengio: "Understanding the difficulty
 * of training deep feedforward neural networks", 2010).
 *
 * @example
 * ```ts
 * import { Initializers, Key } from "effect-neuron"
 *
 * const values = Initializers.glorotUniform(Key.make(0), [3, 3]).dataSync()
 * values.every((x) => Math.abs(x) <= 1) // => true
 * ```
 */
export const glorotUniform: Initializer = /* @__PURE__ */ scaled("uniform", 1, "average")

/** Normal values of variance 2 / (fanIn + fanOut); see {@link glorotUniform}. */
export const glorotNormal: Initializer = /* @__PURE__ */ scaled("normal", 1, "average")

/** Another name of {@link glorotUniform}. */
export const xavierUniform: Initializer = glorotUniform

/** Another name of {@link glorotNormal}. */
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
export const heUniform: Initializer = /* @__PURE__ */ scaled("uniform", 2, "in")

/** Normal values of variance 2 / fanIn; see {@link heUniform}. */
export const heNormal: Initializer = /* @__PURE__ */ scaled("normal", 2, "in")

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
export const lecunUniform: Initializer = /* @__PURE__ */ scaled("uniform", 1, "in")

/** Normal values of variance 1 / fanIn; see {@link lecunUniform}. */
export const lecunNormal: Initializer = /* @__PURE__ */ scaled("normal", 1, "in")

/**
 * A random matrix with orthonormal columns, or rows where it has fewer of those, times `gain` (by default 1). All
 * dimensions but the last are taken as one. Throws a `RangeError` for fewer than two dimensions (Saxe, McClelland,
 * Ganguli: "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks", 2014).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Initializers, Key } from "effect-neuron"
 *
 * const kernel = Initializers.orthogonal({ gain: 2 })(Key.make(0), [8, 1])
 * Math.abs(tf.norm(kernel).arraySync() as number - 2) < 1e-6 // => true
 * ```
 */
export const orthogonal = ({ gain = 1 }: { readonly gain?: number } = {}): Initializer => (key, shape) => {
  if (shape.length < 2) throw new RangeError(`orthogonal: a shape of two or more dimensions, got [${shape.join(", ")}]`)
  const columns = shape.at(-1)!, rows = size(shape) / columns
  const few = Math.min(rows, columns), many = Math.max(rows, columns)
  const basis = orthonormalRows(Float64Array.from(Random.normal(key, few * many)), few)
  const at = rows <= columns
    ? (row: number, column: number) => basis[row * many + column]!
    : (row: number, column: number) => basis[column * many + row]!
  const values = Float32Array.from({ length: few * many }, (_, i) => gain * at(Math.floor(i / columns), i % columns))
  return tensor(values, [...shape])
}
