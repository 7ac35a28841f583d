import { tensor } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { normalWasm, uniformWasm } from "../backend/kernels/random.ts"
import { run } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import type { Key } from "../core/Key.ts"
import * as Random from "../core/Random.ts"
import { size } from "../core/Shape.ts"
import type { Known } from "../core/Shape.ts"

/**
 * A tensor of numbers of the normal distribution, by default of mean 0 and standard deviation 1: those of
 * `Random.normal`, made where they are used, which is four times as fast with the companion module, and then equal up
 * to the rounding of float32.
 *
 * @example
 * ```ts
 * import { Key, Ops } from "effect-neuron"
 *
 * Ops.randomNormal(Key.make(0), [64, 128], { stddev: 0.02 }).shape // => [64, 128]
 * ```
 */
export const randomNormal = (key: Key, shape: Known, { mean = 0, stddev = 1 }: Random.NormalOptions = {}): Tensor =>
  run(draws, "KeyedNormal", {}, { key, shape: [...shape], mean, stddev })

/**
 * A tensor of numbers drawn evenly from `[low, high)`, by default `[0, 1)`: those of `Random.uniform`, bit for bit,
 * made where they are used.
 *
 * @example
 * ```ts
 * import { Key, Ops, Random } from "effect-neuron"
 *
 * Ops.randomUniform(Key.make(0), [3]).dataSync() // => Random.uniform(Key.make(0), 3)
 * ```
 */
export const randomUniform = (key: Key, shape: Known, { high = 1, low = 0 }: Random.UniformOptions = {}): Tensor =>
  run(draws, "KeyedUniform", {}, { key, shape: [...shape], low, high })

type Drawn<Options> = Required<Options> & { readonly key: Key; readonly shape: Array<number> }

const draws: KernelSet = {
  gradients: [],
  kernels: [normalWasm, uniformWasm],
  compositions: {
    KeyedNormal: (_: object, { key, mean, shape, stddev }: Drawn<Random.NormalOptions>): Tensor =>
      tensor(Random.normal(key, size(shape), { mean, stddev }), shape),
    KeyedUniform: (_: object, { high, key, low, shape }: Drawn<Random.UniformOptions>): Tensor =>
      tensor(Random.uniform(key, size(shape), { low, high }), shape)
  }
}
