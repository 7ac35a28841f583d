import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend, Ops } from "effect-neuron"
import { useCompanion } from "../../../src/backend/companion/companion.ts"
import { leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

const onWasm = (title: string, body: () => void) =>
  it.effect(title, () => Effect.provide(leavesNoTensor(Backend.tensors(title, body)), Backend.layerWasm))

/** What a program gives without the companion module. */
const without = <A>(program: () => A): A => {
  useCompanion(false)
  try {
    return program()
  } finally {
    useCompanion(true)
  }
}

/** The error function and its complement in float64: a series near 0, a continued fraction beyond. */
const erfc = (x: number): number => {
  if (x < 2) return 1 - erf(x)
  let fraction = 0
  for (let n = 80; n > 0; n--) fraction = n / 2 / (x + fraction)
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction)
}
const erf = (x: number): number => {
  if (Math.abs(x) >= 2) return Math.sign(x) * (1 - erfc(Math.abs(x)))
  let term = x, sum = x
  for (let n = 1; n < 40; n++) {
    term *= -x * x / n
    sum += term / (2 * n + 1)
  }
  return 2 / Math.sqrt(Math.PI) * sum
}

const SELU_ALPHA = 1.6732632423543772, SELU_SCALE = 1.0507009873554805

/** Functions and what they are in float64. */
const functions: Record<string, readonly [(x: Tensor) => Tensor, (x: number) => number]> = {
  tanh: [tf.tanh, Math.tanh],
  sqrt: [tf.sqrt, Math.sqrt],
  rsqrt: [tf.rsqrt, (x) => 1 / Math.sqrt(x)],
  exp: [tf.exp, Math.exp],
  log: [tf.log, Math.log],
  erf: [tf.erf, erf],
  softplus: [tf.softplus, (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))],
  relu: [tf.relu, (x) => Math.max(x, 0)],
  relu6: [tf.relu6, (x) => Math.min(Math.max(x, 0), 6)],
  leakyRelu: [(x) => tf.leakyRelu(x, 0.25), (x) => x < 0 ? 0.25 * x : x],
  elu: [tf.elu, (x) => x < 0 ? Math.expm1(x) : x],
  selu: [tf.selu, (x) => SELU_SCALE * (x < 0 ? SELU_ALPHA * Math.expm1(x) : x)],
  clip: [(x) => tf.clipByValue(x, -0.5, 2), (x) => Math.min(Math.max(x, -0.5), 2)],
  expm1: [tf.expm1, Math.expm1],
  log1p: [tf.log1p, Math.log1p],
  sin: [tf.sin, Math.sin],
  cos: [tf.cos, Math.cos],
  sigmoid: [tf.sigmoid, (x) => 1 / (1 + Math.exp(-x))],
  swish: [Ops.swish, (x) => x / (1 + Math.exp(-x))]
}

describe("elementwise kernels", () => {
  onWasm("are within 3e-7 of the value in float64, for tensors of every size", () => {
    const spread = Array.from({ length: 4001 }, (_, i) => Math.fround((i - 2000) / 160))
    const tiny = [1e-3, 1e-6, 1e-20, 1e-37, 2e-38].flatMap((x) => [x, -x]).map(Math.fround)
    const sizes = Array.from({ length: 18 }, (_, size) => Array.from(randomTensor(size, [size]).dataSync()))
    for (const [name, [f, exact]] of Object.entries(functions)) {
      const check = (xs: ReadonlyArray<number>) => {
        const found = f(tf.tensor1d([...xs])).dataSync()
        xs.forEach((x, i) => {
          const expected = exact(x), error = Math.abs(found[i]! - expected) / Math.max(Math.abs(expected), 2 ** -126)
          const agrees = Number.isNaN(expected) ? Number.isNaN(found[i]!) : found[i] === expected || error <= 3e-7
          if (!agrees) assert.fail(`${name}(${x}) = ${expected}, got ${found[i]}`)
        })
      }
      check(spread)
      check(tiny)
      sizes.forEach(check)
    }
  })

  // The distance of neighboring floats at a value.
  const ulp = (x: number): number => 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(x)))) - 23)

  onWasm("have an error of so many units in the last place at the most", () => {
    const most = { exp: 1.3, sigmoid: 2.4, tanh: 2.6, erf: 2.6, softplus: 2, swish: 2.4, elu: 1.2, expm1: 1.8 }
    const spread = Array.from({ length: 40_001 }, (_, i) => (i - 20_000) * 4e-4)
    const far = Array.from({ length: 10_001 }, (_, i) => (i - 5000) * 0.0174)
    const xs = Float32Array.from([...spread, ...far])
    for (const [name, limit] of Object.entries(most)) {
      const [f, exact] = functions[name]!, found = f(tf.tensor1d(xs)).dataSync()
      xs.forEach((x, i) => {
        const expected = exact(x), error = Math.abs(found[i]! - expected) / ulp(expected)
        if (!(error <= limit)) assert.fail(`${name}(${x}) = ${expected}, got ${found[i]}: ${error} units`)
      })
    }
  })

  onWasm("have a gelu, and its slope, to 1.1e-7 and 2.3e-7 of the larger of 1 and the value", () => {
    const xs = Float32Array.from({ length: 60_001 }, (_, i) => (i - 30_000) * 5e-4)
    const density = (x: number) => Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI)
    const distribution = (x: number) => erfc(-x / Math.SQRT2) / 2
    const inner = (x: number) => 2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)
    const slopeOfInner = (x: number) => 2 * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x ** 2)
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
    const cases: ReadonlyArray<readonly [(x: Tensor) => Tensor, (x: number) => number, (x: number) => number]> = [
      [Ops.gelu, (x) => x * distribution(x), (x) => distribution(x) + x * density(x)],
      [
        Ops.geluTanh,
        (x) => x * sigmoid(inner(x)),
        (x) => sigmoid(inner(x)) * (1 + x * slopeOfInner(x) * sigmoid(-inner(x)))
      ],
      [Ops.swish, (x) => x * sigmoid(x), (x) => sigmoid(x) * (1 + x * sigmoid(-x))]
    ]
    for (const [f, exact, slope] of cases) {
      const x = tf.tensor1d(xs), y = f(x).dataSync(), dx = tf.grad(f)(x).dataSync()
      const check = (found: ArrayLike<number>, expected: (x: number) => number, tolerance: number) =>
        xs.forEach((x, i) => {
          const error = Math.abs(found[i]! - expected(x)) / Math.max(1, Math.abs(expected(x)))
          if (!(error <= tolerance)) assert.fail(`at ${x}: expected ${expected(x)}, got ${found[i]}`)
        })
      check(y, exact, 1.1e-7)
      check(dx, slope, 2.3e-7)
    }
    // Far out it is x, and nothing.
    for (const f of [Ops.gelu, Ops.geluTanh, Ops.swish]) {
      const [high, low, infinite, least] = f(tf.tensor1d([1000, -1000, Infinity, -Infinity])).dataSync()
      assert.deepStrictEqual([high, infinite], [1000, Infinity])
      assert.isBelow(Math.abs(low!) + Math.abs(least!), 1e-30)
    }
  })

  onWasm("of exponentials give the bits of their value alone beside those that are out of range", () => {
    const xs = randomTensor(1, [8]).dataSync(), alone = tf.exp(tf.tensor1d(xs)).dataSync()
    for (const far of [-100, 88.5, Infinity, NaN]) {
      const beside = tf.exp(tf.tensor1d(Float32Array.from(xs, (x, i) => i === 3 ? far : x))).dataSync()
      alone.forEach((y, i) => {
        if (i !== 3) assert.strictEqual(beside[i], y)
      })
    }
  })

  onWasm("have their limits at infinity, the sign of zero, and NaN for NaN", () => {
    const limits: Record<string, ReadonlyArray<number>> = {
      tanh: [1, -1, 0, -0],
      sqrt: [Infinity, NaN, 0, -0],
      rsqrt: [0, NaN, Infinity, -Infinity],
      exp: [Infinity, 0, 1, 1],
      log: [Infinity, NaN, -Infinity, -Infinity],
      erf: [1, -1, 0, -0],
      softplus: [Infinity, 0, Math.fround(Math.LN2), Math.fround(Math.LN2)],
      relu6: [6, 0, 0, -0],
      leakyRelu: [Infinity, -Infinity, 0, -0],
      elu: [Infinity, -1, 0, -0],
      selu: [Infinity, -Math.fround(SELU_ALPHA * SELU_SCALE), 0, -0],
      clip: [2, -0.5, 0, -0]
    }
    for (const [name, expected] of Object.entries(limits)) {
      const found = functions[name]![0](tf.tensor1d([Infinity, -Infinity, 0, -0, NaN])).dataSync()
      assert.deepStrictEqual(Array.from(found), [...expected, NaN], name)
    }
    assert.isNaN(tf.relu(tf.tensor1d([1, NaN])).dataSync()[1])
    assert.isNaN(tf.sigmoid(tf.tensor1d([1, NaN])).dataSync()[1])
    assert.isNaN(Ops.gelu(tf.tensor1d([1, NaN])).dataSync()[1])
    // Where results are subnormal or overflow.
    const ends = tf.exp(tf.tensor1d([88.7, 88.8, -88, -103, -104])).dataSync()
    assert.isBelow(Math.abs(ends[0]! / Math.exp(Math.fround(88.7)) - 1), 3e-7)
    assert.strictEqual(ends[1], Infinity)
    assert.isBelow(Math.abs(ends[2]! / Math.exp(-88) - 1), 1e-6)
    assert.deepStrictEqual(Array.from(ends.slice(3)), [Math.fround(1.4e-45), 0])
    assert.isBelow(Math.abs(tf.log(tf.tensor1d([1e-40])).dataSync()[0]! - Math.log(Math.fround(1e-40))), 1e-5)
    assert.deepStrictEqual(Array.from(tf.sign(tf.tensor1d([-3, 0, 5])).dataSync()), [-1, 0, 1])
  })

  const slopes: Record<string, (x: Tensor) => Tensor> = {
    ...Object.fromEntries(Object.entries(functions).map(([name, [f]]) => [name, f])),
    gelu: Ops.gelu,
    geluTanh: Ops.geluTanh
  }

  onWasm("and gradients of every order are those that are composed without the companion", () => {
    for (const [name, f] of Object.entries(slopes)) {
      const positive = name === "sqrt" || name === "rsqrt" || name.startsWith("log")
      // What is composed without a kernel of its own loses digits in 1 - sigmoid.
      const tolerance = name === "geluTanh" ? 1e-5 : 2e-6
      for (const shape of [[1], [3], [2, 2], [3, 5], [1, 2, 1, 9], [64, 3]]) {
        const given = randomTensor(1, shape, 3), x = positive ? tf.add(tf.abs(given), 0.5) : given
        const dy = randomTensor(2, shape), ddx = randomTensor(3, shape)
        const first = (x: Tensor, dy: Tensor) => tf.grad(f)(x, dy)
        const run = () => [f(x), first(x, dy), ...tf.grads(first)([x, dy], ddx), tf.grad((x) => first(x, dy))(x, ddx)]
        const expected = without(run)
        run().forEach((found, i) => assertClose(found, expected[i]!, tolerance, `${name}, [${shape}], output ${i}`))
      }
    }
  })

  onWasm("of operations that have kernels of their own match finite differences to second order", () => {
    for (const f of [Ops.gelu, Ops.geluTanh, Ops.swish]) {
      const weighted = (y: Tensor) => tf.sum(tf.mul(y, randomTensor(2, y.shape)))
      const value = (x: Tensor) => weighted(f(x))
      checkGradients((p) => value(p.x), { x: randomTensor(1, [3, 5]) })
      checkGradients(
        (p) => weighted(Autodiff.valueAndGrad((x: Tensor) => [value(x), 0] as const)(p.x).grads),
        { x: randomTensor(1, [3, 5]) }
      )
    }
  })
})
