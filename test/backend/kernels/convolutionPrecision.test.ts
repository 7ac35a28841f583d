import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend } from "effect-neuron"
import { randomTensor } from "../../support/numbers.ts"

Backend.install(Backend.convolution)

// Batch, size of the image, channels in and out; kernels are 3x3, with "same" padding.
const cases: ReadonlyArray<readonly [number, number, number, number]> = [[64, 14, 32, 64], [16, 28, 64, 64]]

/** Calls with the offsets of x, of y and the tap, for all pairs of a pixel of y and a pixel of x under a tap. */
const eachProduct = (images: number, size: number, visit: (x: number, y: number, tap: number) => void) => {
  for (let pixel = 0; pixel < images * size * size; pixel++) {
    const row = Math.floor(pixel / size) % size, column = pixel % size
    for (let tap = 0; tap < 9; tap++) {
      const down = Math.floor(tap / 3) - 1, right = tap % 3 - 1
      if (row + down < 0 || row + down >= size || column + right < 0 || column + right >= size) continue
      visit(pixel + down * size + right, pixel, tap)
    }
  }
}

/**
 * By their definitions in double precision: the convolution and its input gradient of the first image, and the filter
 * gradient of the first input channel.
 */
const definition = (
  [batch, size, inputs, outputs]: typeof cases[number],
  [x, filter, dy]: ReadonlyArray<Float32Array>
): ReadonlyArray<Float64Array> => {
  const y = new Float64Array(size * size * outputs), dx = new Float64Array(size * size * inputs)
  const dFilter = new Float64Array(9 * outputs)
  eachProduct(1, size, (from, to, tap) => {
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++) {
        const weight = filter![(tap * inputs + i) * outputs + o]!
        y[to * outputs + o]! += x![from * inputs + i]! * weight
        dx[from * inputs + i]! += dy![to * outputs + o]! * weight
      }
    }
  })
  eachProduct(batch, size, (from, to, tap) => {
    for (let o = 0; o < outputs; o++) dFilter[tap * outputs + o]! += x![from * inputs]! * dy![to * outputs + o]!
  })
  return [y, dx, dFilter]
}

const run = (x: Tensor, filter: Tensor, dy: Tensor): ReadonlyArray<Float32Array> => {
  const attrs = { strides: [1, 1], pad: "same", dataFormat: "NHWC", dimRoundingMode: undefined } as never as object
  const kernel = (name: string, inputs: { [name: string]: Tensor }, more: object): Tensor =>
    tf.engine().runKernel(name, inputs, { ...attrs, ...more } as never)
  const y = kernel("Conv2D", { x, filter }, { dilations: [1, 1] })
  const dx = kernel("Conv2DBackpropInput", { dy, filter }, { inputShape: x.shape })
  const dFilter = kernel("Conv2DBackpropFilter", { x, dy }, { filterShape: filter.shape })
  return [y, dx, tf.slice(dFilter, [0, 0, 0, 0], [3, 3, 1, -1])].map((t) => t.dataSync() as Float32Array)
}

const rms = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values)) / Math.sqrt(values.length)

/** The root mean square of the errors, and the largest, both over the root mean square of what is wanted. */
const errors = (found: Float32Array, wanted: Float64Array) => {
  const all = Array.from(wanted, (w, i) => Math.abs(found[i]! - w))
  return { rms: rms(all) / rms(wanted), largest: Math.max(...all) / rms(wanted) }
}

// For y and dx, and for dFilter, which sums over thousands of positions. Measured with relaxed SIMD are at most: exact
// 2.6e-7 and 1.8e-6, 2.0e-6 and 9.2e-6; fast 8.4e-7 and 7.9e-6, 2.7e-6 and 1.1e-5.
const bounds = {
  exact: { output: { rms: 4e-7, largest: 3e-6 }, dFilter: { rms: 3e-6, largest: 1.5e-5 } },
  fast: { output: { rms: 1.2e-6, largest: 1.2e-5 }, dFilter: { rms: 4e-6, largest: 1.8e-5 } }
}

describe("the precision of convolutions on wasm", () => {
  for (const c of cases) {
    it.effect(`against double precision: ${c}`, () =>
      Effect.provide(
        Backend.tensors("precision", () => {
          const [batch, size, inputs, outputs] = c
          const x = randomTensor(1, [batch, size, size, inputs]), filter = randomTensor(2, [3, 3, inputs, outputs])
          const dy = randomTensor(3, [batch, size, size, outputs])
          const wanted = definition(c, [x, filter, dy].map((t) => t.dataSync() as Float32Array))
          try {
            for (const precision of ["exact", "fast"] as const) {
              Backend.convolutionPrecision(precision)
              run(x, filter, dy).forEach((found, i) => {
                const e = errors(found, wanted[i]!), bound = bounds[precision][i === 2 ? "dFilter" : "output"]
                const what = `${precision} ${["y", "dx", "dFilter"][i]}: ${JSON.stringify(e)}`
                assert.isBelow(e.rms, bound.rms, what)
                assert.isBelow(e.largest, bound.largest, what)
              })
            }
          } finally {
            Backend.convolutionPrecision("fast")
          }
        }),
        Backend.layerWasm
      ))
  }
})
