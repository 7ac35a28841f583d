import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend } from "effect-neuron"
import { useCompanion } from "../../../../src/backend/companion/companion.ts"

const special = [
  ...[NaN, Infinity, 0, 1e-45, 1e-40, 1.17549435e-38, 1e-20, 2 ** -25, 2 ** -12, 0.25, 0.5, 1, 1.5, 2, 2.5, 3, 7, 10],
  ...[88.5, 88.8, 103, 104.5, 1000, 8388609, 1e10, 1e20, 3e38]
].flatMap((x) => [x, -x]).map(Math.fround)

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
const round = (x: number) => {
  const down = Math.floor(x), part = x - down
  return part < 0.5 || (part === 0.5 && down % 2 === 0) ? down : Math.ceil(x)
}

const unary: Record<string, readonly [(x: Tensor) => Tensor, (x: number) => number]> = {
  abs: [tf.abs, Math.abs],
  neg: [tf.neg, (x) => -x],
  square: [tf.square, (x) => x * x],
  sqrt: [tf.sqrt, Math.sqrt],
  rsqrt: [tf.rsqrt, (x) => 1 / Math.sqrt(x)],
  reciprocal: [tf.reciprocal, (x) => 1 / x],
  exp: [tf.exp, Math.exp],
  expm1: [tf.expm1, Math.expm1],
  log: [tf.log, Math.log],
  log1p: [tf.log1p, Math.log1p],
  sin: [tf.sin, Math.sin],
  cos: [tf.cos, Math.cos],
  tan: [tf.tan, Math.tan],
  asin: [tf.asin, Math.asin],
  acos: [tf.acos, Math.acos],
  atan: [tf.atan, Math.atan],
  sinh: [tf.sinh, Math.sinh],
  cosh: [tf.cosh, Math.cosh],
  asinh: [tf.asinh, Math.asinh],
  acosh: [tf.acosh, Math.acosh],
  atanh: [tf.atanh, Math.atanh],
  tanh: [tf.tanh, Math.tanh],
  sigmoid: [tf.sigmoid, sigmoid],
  softplus: [tf.softplus, (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))],
  relu: [tf.relu, (x) => Math.max(x, 0)],
  relu6: [tf.relu6, (x) => Math.min(Math.max(x, 0), 6)],
  leakyRelu: [(x) => tf.leakyRelu(x, 0.25), (x) => x < 0 ? x * 0.25 : x],
  elu: [tf.elu, (x) => x < 0 ? Math.expm1(x) : x],
  clip: [(x) => tf.clipByValue(x, -2, 2), (x) => Math.min(Math.max(x, -2), 2)],
  sign: [tf.sign, (x) => x > 0 ? 1 : x < 0 ? -1 : 0], // 0 for NaN, as TensorFlow.js has it
  floor: [tf.floor, Math.floor],
  ceil: [tf.ceil, Math.ceil],
  round: [tf.round, round],
  step: [(x) => tf.step(x, 0.5), (x) => x > 0 ? 1 : Number.isNaN(x) ? NaN : 0.5],
  isNaN: [tf.isNaN, (x) => Number(Number.isNaN(x))],
  isFinite: [tf.isFinite, (x) => Number(Number.isFinite(x))]
}

const binary: Record<string, readonly [(a: Tensor, b: Tensor) => Tensor, (a: number, b: number) => number]> = {
  add: [tf.add, (a, b) => a + b],
  sub: [tf.sub, (a, b) => a - b],
  mul: [tf.mul, (a, b) => a * b],
  div: [tf.div, (a, b) => a / b],
  maximum: [tf.maximum, Math.max],
  minimum: [tf.minimum, Math.min],
  squaredDifference: [tf.squaredDifference, (a, b) => Math.fround(a - b) ** 2],
  pow: [tf.pow, (a, b) => a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b],
  atan2: [tf.atan2, Math.atan2],
  greater: [tf.greater, (a, b) => Number(a > b)],
  greaterEqual: [tf.greaterEqual, (a, b) => Number(a >= b)],
  less: [tf.less, (a, b) => Number(a < b)],
  lessEqual: [tf.lessEqual, (a, b) => Number(a <= b)],
  equal: [tf.equal, (a, b) => Number(a === b)],
  notEqual: [tf.notEqual, (a, b) => Number(a !== b)]
}

const agrees = (found: number, expected: number): boolean => {
  const wanted = Math.fround(expected)
  // A result that rounds to infinity may stop short of it, and a subnormal one has fewer bits.
  return Object.is(found, wanted) || Math.abs(found - wanted) <= Math.max(1e-6 * Math.abs(wanted), 1.5e-45)
}

/** Names and arguments of what is not as in Math. */
const differences = (): ReadonlyArray<string> => {
  const found: Array<string> = []
  for (const [name, [f, exact]] of Object.entries(unary)) {
    f(tf.tensor1d(special)).dataSync().forEach((y, i) => {
      if (!agrees(y, exact(special[i]!))) found.push(`${name}(${special[i]}) = ${exact(special[i]!)}, got ${y}`)
    })
  }
  const as = special.flatMap((a) => special.map(() => a)), bs = special.flatMap(() => special)
  for (const [name, [f, exact]] of Object.entries(binary)) {
    f(tf.tensor1d(as), tf.tensor1d(bs)).dataSync().forEach((y, i) => {
      const wanted = exact(as[i]!, bs[i]!)
      if (!agrees(y, wanted)) found.push(`${name}(${as[i]}, ${bs[i]}) = ${wanted}, got ${y}`)
    })
  }
  return found
}

// What the stock kernels, which serve without the companion, do: limits and maxima of NaN are numbers, and so is relu
// of a NaN with the sign bit set; results of sigmoid that are subnormal are 0.
const exceptions: Record<string, ReadonlyArray<string>> = {
  true: [],
  false: ["clip", "maximum", "minimum", "relu", "relu6", "sigmoid"]
}

describe("functions of floats, at the ends of their range", () => {
  for (const companion of [true, false]) {
    it.effect(`are those of Math, ${companion ? "with" : "without"} the companion`, () =>
      Effect.provide(
        Backend.tensors("specials", () => {
          useCompanion(companion)
          const allowed = exceptions[`${companion}`]!
          assert.deepStrictEqual(differences().filter((what) => !allowed.includes(what.split("(")[0]!)), [])
        }),
        Backend.layerWasm
      ).pipe(Effect.ensuring(Effect.sync(() => useCompanion(true)))))
  }
})
