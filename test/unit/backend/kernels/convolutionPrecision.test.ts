import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend } from "effect-neuron"
import { randomTensor } from "../../../support/numbers.ts"

// Batch, size of the image, channels in and out, the kernel and its steps, with "same" padding.
type Case = readonly [number, number, number, number, number, number]

const cases: ReadonlyArray<Case> = [[64, 14, 32, 64, 3, 1], [16, 28, 64, 64, 3, 1], [32, 14, 64, 32, 4, 2]]

/** Calls with the offsets of x, of y and the tap, for all pairs of a pixel of y and a pixel of x under a tap. */
const eachProduct = (
  images: number,
  [, size, , , kernel, stride]: Case,
  visit: (x: number, y: number, tap: number) => void
) => {
  const out = Math.ceil(size / stride), before = Math.floor(((out - 1) * stride + kernel - size) / 2)
  for (let pixel = 0; pixel < images * out * out; pixel++) {
    const row = Math.floor(pixel / out) % out, column = pixel % out, image = Math.floor(pixel / out / out)
    for (let tap = 0; tap < kernel * kernel; tap++) {
      const down = row * stride - before + Math.floor(tap / kernel), right = column * stride - before + tap % kernel
      if (down < 0 || down >= size || right < 0 || right >= size) continue
      visit((image * size + down) * size + right, pixel, tap)
    }
  }
}

/**
 * By their definitions in double precision: the convolution and its input gradient of the first image, and the filter
 * gradient of the first input channel.
 */
const definition = (c: Case, [x, filter, dy]: ReadonlyArray<Float32Array>): ReadonlyArray<Float64Array> => {
  const [batch, size, inputs, outputs, kernel, stride] = c
  const y = new Float64Array(Math.ceil(size / stride) ** 2 * outputs), dx = new Float64Array(size * size * inputs)
  const dFilter = new Float64Array(kernel * kernel * outputs)
  eachProduct(1, c, (from, to, tap) => {
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++) {
        const weight = filter![(tap * inputs + i) * outputs + o]!
        y[to * outputs + o]! += x![from * inputs + i]! * weight
        dx[from * inputs + i]! += dy![to * outputs + o]! * weight
      }
    }
  })
  eachProduct(batch, c, (from, to, tap) => {
    for (let o = 0; o < outputs; o++) dFilter[tap * outputs + o]! += x![from * inputs]! * dy![to * outputs + o]!
  })
  return [y, dx, dFilter]
}

const run = (
  [, , , , kernelSize, stride]: Case,
  x: Tensor,
  filter: Tensor,
  dy: Tensor
): ReadonlyArray<Float32Array> => {
  const attrs = {
    strides: [stride, stride],
    pad: "same",
    dataFormat: "NHWC",
    dimRoundingMode: undefined
  } as never as object
  const kernel = (name: string, inputs: { [name: string]: Tensor }, more: object): Tensor =>
    tf.engine().runKernel(name, inputs, { ...attrs, ...more } as never)
  const y = kernel("Conv2D", { x, filter }, { dilations: [1, 1] })
  const dx = kernel("Conv2DBackpropInput", { dy, filter }, { inputShape: x.shape })
  const dFilter = kernel("Conv2DBackpropFilter", { x, dy }, { filterShape: filter.shape })
  return [y, dx, tf.slice(dFilter, [0, 0, 0, 0], [kernelSize, kernelSize, 1, -1])].map((t) =>
    t.dataSync() as Float32Array
  )
}

const rms = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values)) / Math.sqrt(values.length)

/** The root mean square of the errors, and the largest, both over the root mean square of what is wanted. */
const errors = (found: Float32Array, wanted: Float64Array) => {
  const all = Array.from(wanted, (w, i) => Math.abs(found[i]! - w))
  return { rms: rms(all) / rms(wanted), largest: Math.max(...all) / rms(wanted) }
}

// For y and dx, and for dFilter, which sums over thousands of positions. Measured with relaxed SIMD are at most: exact
// 5.4e-7 and 3.8e-6, 2.3e-6 and 1.5e-5; fast 1.1e-6 and 8.8e-6, 2.6e-6 and 1.1e-5. XNNPACK, by the definition, has
// 5.4e-7 for y and dx, so that "exact" loses nothing.
const bounds = {
  exact: { output: { rms: 7e-7, largest: 6e-6 }, dFilter: { rms: 3e-6, largest: 1.8e-5 } },
  fast: { output: { rms: 1.5e-6, largest: 1.5e-5 }, dFilter: { rms: 4e-6, largest: 1.8e-5 } }
}

describe("the precision of convolutions on wasm", () => {
  for (const c of cases) {
    it.effect(`against double precision: ${c}`, () =>
      Effect.provide(
        Backend.tensors("precision", () => {
          const [batch, size, inputs, outputs, kernelSize, stride] = c, out = Math.ceil(size / stride)
          const x = randomTensor(1, [batch, size, size, inputs]),
            filter = randomTensor(2, [kernelSize, kernelSize, inputs, outputs])
          const dy = randomTensor(3, [batch, out, out, outputs])
          const wanted = definition(c, [x, filter, dy].map((t) => t.dataSync() as Float32Array))
          try {
            for (const precision of ["exact", "fast"] as const) {
              Backend.convolutionPrecision(precision)
              run(c, x, filter, dy).forEach((found, i) => {
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
