import { tensor } from "@tensorflow/tfjs-core"
import { finite } from "../core/Kind.ts"
import * as Random from "../core/Random.ts"
import { size } from "../core/Shape.ts"
import { kind } from "./kind.ts"

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
export const orthogonal = /* @__PURE__ */ kind("orthogonal", {
  options: { gain: { type: finite, default: 1 } },
  given: (options: { readonly gain?: number } = {}) => [options],
  make: ({ gain }) => (key, shape) => {
    if (shape.length < 2) {
      throw new RangeError(`orthogonal: a shape of two or more dimensions, got [${shape.join(", ")}]`)
    }
    const columns = shape.at(-1)!, rows = size(shape) / columns
    const few = Math.min(rows, columns), many = Math.max(rows, columns)
    const basis = orthonormalRows(Float64Array.from(Random.normal(key, few * many)), few)
    const at = rows <= columns
      ? (row: number, column: number) => basis[row * many + column]!
      : (row: number, column: number) => basis[column * many + row]!
    const values = Float32Array.from({ length: few * many }, (_, i) => gain * at(Math.floor(i / columns), i % columns))
    return tensor(values, [...shape])
  }
})

// Orthonormalizes the rows of a matrix in place, by Gram and Schmidt with a second pass, without which rounding errors
// grow with the number of rows. With normal values the result is evenly distributed (Haar), since no sign is chosen.
const orthonormalRows = (matrix: Float64Array, rows: number): Float64Array => {
  const columns = matrix.length / rows
  for (let row = 0; row < rows; row++) {
    const current = matrix.subarray(row * columns, (row + 1) * columns)
    for (let pass = 0; pass < 2; pass++) {
      for (let other = 0; other < row; other++) {
        const from = other * columns
        let product = 0
        for (let i = 0; i < columns; i++) product += current[i]! * matrix[from + i]!
        for (let i = 0; i < columns; i++) current[i]! -= product * matrix[from + i]!
      }
    }
    let squares = 0
    for (const value of current) squares += value * value
    const norm = Math.sqrt(squares)
    for (let i = 0; i < columns; i++) current[i]! /= norm
  }
  return matrix
}
