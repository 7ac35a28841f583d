import { assert } from "@effect/vitest"
import { tensor } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Key, Random } from "effect-neuron"
import type { NdArray } from "effect-neuron"

/** A tensor as the reference vectors hold it: row-major values with their shape. */
export interface Values {
  readonly shape: ReadonlyArray<number>
  readonly data: ReadonlyArray<number>
}

export const toTensor = ({ data, shape }: Values, dtype: "float32" | "int32" = "float32"): Tensor =>
  tensor([...data], [...shape], dtype)

/** Fails unless every value is within `tolerance`, relative to the larger of the values and 1. */
export const assertClose = (
  actual: Tensor | NdArray.NdArray,
  expected: Values | Tensor,
  tolerance = 1e-5,
  what = "value"
): void => {
  assert.deepStrictEqual(actual.shape, [...expected.shape], `${what}: shape`)
  const found = "dataSync" in actual ? actual.dataSync() : actual.data
  const wanted = "dataSync" in expected ? expected.dataSync() : expected.data
  wanted.forEach((w, i) => {
    const error = Math.abs(found[i]! - w) / Math.max(1, Math.abs(w))
    if (!(error <= tolerance)) {
      assert.fail(`${what}[${i}]: expected ${w}, got ${found[i]} (relative error ${error.toExponential(1)})`)
    }
  })
}

/** Normal values, the same for the same seed. */
export const randomTensor = (seed: number, shape: ReadonlyArray<number>, deviation = 1): Tensor =>
  tensor(Random.normal(Key.make(seed), shape.reduce((a, b) => a * b, 1), { stddev: deviation }), [...shape])
