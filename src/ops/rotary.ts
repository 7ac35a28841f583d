import { add, concat, mul, reshape, split, sub, tensor2d, zerosLike } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { asFloat, fail, shapeOf } from "../backend/checks.ts"
import { rotaryWasm } from "../backend/kernels/rotary.ts"
import type { Rotary } from "../backend/kernels/rotary.ts"
import { run } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import { above0, naturalNumber } from "../core/check.ts"
import { gradientOf } from "./gradientOf.ts"

/** The options of {@link rotary}. */
export interface RotaryOptions {
  /** The position of the first step, by default 0. */
  readonly position?: number
  /** What the wavelengths grow with, by default 10000. */
  readonly base?: number
  /** How many of the heads are turned, the first of them; by default all. */
  readonly heads?: number
}

/**
 * Turns the pairs of values of each head, of `[batch, time, heads, size]`, by angles that grow with the step, so that
 * the product of a query with a key depends on how far they are apart (Su et al.: "RoFormer: enhanced transformer with
 * rotary position embedding", 2021). At the position t the pair i is turned by t / base^(2i / size). It is, as in Llama
 * and in the libraries of Hugging Face, the i-th value of the first half of a head and the i-th of its second half; in
 * the paper they are neighbors. One pass over memory on the WebAssembly backend. Throws a `ShapeError` for an x of
 * another rank or of an odd size, and a `RangeError` for other options.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * // Two steps of one head of two values: the second is turned by one radian.
 * const y = Ops.rotary(tf.tensor4d([1, 0, 1, 0], [1, 2, 1, 2]))
 * tf.round(tf.mul(tf.reshape(y, [2, 2]), 100)).arraySync() // => [[100, 0], [54, 84]]
 * ```
 */
export const rotary = (x: Tensor, options: RotaryOptions = {}): Tensor => {
  const { base = 1e4, heads = x.shape[2]!, position = 0 } = options
  if (x.rank !== 4 || x.shape[3]! % 2 !== 0) fail("rotary", "x [batch, time, heads, an even size]", shapeOf(x))
  naturalNumber("rotary", "position", position)
  above0("rotary", "base", base)
  const [, time, all, size] = x.shape as [number, number, number, number]
  if (!(Number.isSafeInteger(heads) && heads >= 0 && heads <= all)) {
    throw new RangeError(`rotary: heads are at most those of x, ${all}, got ${heads}`)
  }
  if (time === 0) return x
  const angles = tensor2d(anglesOf(base, size, position, position + time), [time, size])
  return run(rotaries, KERNEL, { x: asFloat("rotary", "x", x), angles }, { heads, inverse: false })
}

const KERNEL = "Rotary"

// Angles that were computed once, by base and size: as many positions as were asked for until now, of the first ones.
const known = new Map<string, Float32Array>(), MOST_KNOWN = 1 << 16

/** The cosines of each position and then its sines. */
const anglesOf = (base: number, size: number, from: number, to: number): Float32Array => {
  if (to > MOST_KNOWN) return computed(base, size, from, to)
  const key = `${base} ${size}`
  let angles = known.get(key) ?? new Float32Array(0)
  if (angles.length < to * size) {
    // Generation asks for one more each time.
    const before = angles.length / size, more = new Float32Array(Math.max(to, Math.min(2 * before, MOST_KNOWN)) * size)
    more.set(angles)
    more.set(computed(base, size, before, more.length / size), angles.length)
    known.set(key, angles = more)
  }
  return angles.slice(from * size, to * size)
}

const computed = (base: number, size: number, from: number, to: number): Float32Array => {
  const angles = new Float32Array((to - from) * size), half = size / 2
  for (let t = from, at = 0; t < to; t++, at += size) {
    for (let i = 0; i < half; i++) {
      const angle = t / base ** (2 * i / size)
      angles[at + i] = Math.cos(angle)
      angles[at + half + i] = Math.sin(angle)
    }
  }
  return angles
}

interface Inputs {
  readonly x: Tensor
  readonly angles: Tensor
}

const composition = ({ angles, x }: Inputs, { heads, inverse }: Rotary): Tensor => {
  const [turned, rest] = split(x, [heads, x.shape[2]! - heads], 2), [a, b] = split(turned!, 2, 3)
  const [cos, sines] = split(reshape(angles, [angles.shape[0]!, 1, angles.shape[1]!]), 2, 2)
  const sin = inverse ? mul(sines!, -1) : sines!
  const halves = [sub(mul(a!, cos!), mul(b!, sin)), add(mul(b!, cos!), mul(a!, sin))]
  return concat([concat(halves, 3), rest!], 2)
}

const rotaries: KernelSet = {
  gradients: [
    gradientOf("Rotary", ["angles"], (dy, { angles }, { heads, inverse }: Rotary) => ({
      x: () => run(rotaries, KERNEL, { x: dy, angles }, { heads, inverse: !inverse }),
      angles: () => zerosLike(angles)
    }))
  ],
  kernels: [rotaryWasm],
  compositions: { [KERNEL]: composition }
}
