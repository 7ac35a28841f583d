import { tensor } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { normalWasm, uniformWasm } from "../backend/kernels/random.ts"
import type { Key } from "../core/Key.ts"
import * as Random from "../core/Random.ts"
import { size } from "../core/Shape.ts"
import type { Shape } from "../core/Shape.ts"
import { runFused } from "./fused.ts"
import { install } from "./registry.ts"
import type { KernelSet } from "./registry.ts"

const draws: KernelSet = { gradients: [], kernels: [normalWasm, uniformWasm] }

/**
 * A tensor of numbers of the normal distribution: those of `Random.normal`, made where they are used, which is four times
 * as fast with the companion module, and then equal up to the rounding of float32.
 *
 * @example
 * ```ts
 * import { Key, Ops } from "effect-neuron"
 *
 * Ops.randomNormal(Key.make(0), [64, 128]).shape // => [64, 128]
 * ```
 */
export const randomNormal = (key: Key, shape: Shape, mean = 0, deviation = 1): Tensor => {
  install(draws)
  return runFused("KeyedNormal", {}, { key, shape: [...shape], mean, deviation }) ??
    tensor(Random.normal(key, size(shape), { mean, stddev: deviation }), [...shape])
}

/**
 * A tensor of numbers drawn evenly from `[low, high)`, by default `[0, 1)`: those of `Random.uniform`, bit for bit, made
 * where they are used.
 *
 * @example
 * ```ts
 * import { Key, Ops, Random } from "effect-neuron"
 *
 * Ops.randomUniform(Key.make(0), [3]).dataSync() // => Random.uniform(Key.make(0), 3)
 * ```
 */
export const randomUniform = (key: Key, shape: Shape, low = 0, high = 1): Tensor => {
  install(draws)
  return runFused("KeyedUniform", {}, { key, shape: [...shape], low, high }) ??
    tensor(Random.uniform(key, size(shape), { low, high }), [...shape])
}
