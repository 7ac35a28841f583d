import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend, Key, Random } from "effect-neuron"
import type { NdArray } from "effect-neuron"
import { useCompanion } from "../../../src/backend/companion/companion.ts"
import { leavesNoTensor } from "../../support/backend.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

type Shape4D = [number, number, number, number]
type Pair = [number, number]
type Pad = "same" | "valid" | number | [Pair, Pair, Pair, Pair]

interface Convolution {
  readonly input: Shape4D
  readonly filter: Shape4D
  readonly strides: Pair
  readonly pad: Pad
}

/** A convolution drawn from everything that is covered; few are of the same kind. */
const draw = (seed: number): Convolution => {
  const numbers = Random.uniform(Key.fold(Key.make(7), seed), 16)
  let next = 0
  const from = <A>(choices: ReadonlyArray<A>): A => choices[Math.floor(numbers[next++]! * choices.length)]!
  const upTo = (n: number) => 1 + Math.floor(numbers[next++]! * n)
  // Most of them as Winograd's algorithm takes them: in single steps, or in steps of 2 by phases.
  const kind = seed % 4, plain = kind !== 3, phased = kind === 1
  const channels = plain ? [8, 9, 11, 16, 33] : [1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 33]
  const inputs = from(channels), filters = from(channels)
  const side = from(phased ? [4, 5, 6] : [3, 3, 2])
  const kernel: Pair = plain ? [side, side] : [upTo(5), upTo(5)]
  const strides: Pair = plain ? phased ? [2, 2] : [1, 1] : [upTo(3), upTo(3)]
  const before = upTo(4) - 1, left = upTo(4) - 1
  const pad: Pad = from<Pad>(["same", "valid", 1, [[0, 0], [before, 1], [left, 2], [0, 0]]])
  const size = (least: number) => (pad === "valid" ? least - 1 : Math.max(0, least - 3)) + upTo(15 - least)
  const input: Shape4D = [upTo(3), size(kernel[0]), size(kernel[1]), inputs]
  // Stock kernels take a number only where both axes are alike; elsewhere they write out of bounds.
  const square = kernel[0] === kernel[1] && strides[0] === strides[1]
  return { input, filter: [...kernel, inputs, filters], strides, pad: pad === 1 && !square ? "same" : pad }
}

const outShape = ({ filter, input, pad, strides }: Convolution): Shape4D =>
  tf.backend_util.computeConv2DInfo(input, filter, strides, 1, pad as "same").outShape as Shape4D

/** The convolution and its two gradients, by their kernels. */
const run = (c: Convolution, x: Tensor, filter: Tensor, dy: Tensor): ReadonlyArray<Tensor> => {
  const attrs = { strides: c.strides, pad: c.pad, dataFormat: "NHWC", dimRoundingMode: undefined } as never as object
  const kernel = (name: string, inputs: { [name: string]: Tensor }, more: object): Tensor =>
    tf.engine().runKernel(name, inputs, { ...attrs, ...more } as never)
  return [
    kernel("Conv2D", { x, filter }, { dilations: [1, 1] }),
    kernel("Conv2DBackpropInput", { dy, filter }, { inputShape: c.input }),
    kernel("Conv2DBackpropFilter", { x, dy }, { filterShape: c.filter })
  ]
}

const random = (c: Convolution, i: number) =>
  [randomTensor(3 * i, c.input), randomTensor(3 * i + 1, c.filter), randomTensor(3 * i + 2, outShape(c))] as const

const onBackend = (what: string, layer: typeof Backend.layerCpu, compute: () => ReadonlyArray<ReadonlyArray<Tensor>>) =>
  Effect.provide(Backend.tensors(what, () => compute().map((tensors) => tensors.map(Backend.toHost))), layer)

// The tolerance is relative to the size of the values. Without the companion the convolution itself is the stock one,
// which can be wrong where strides exceed the kernel.
const agree = (cases: ReadonlyArray<Convolution>, tolerance: number, make = random) =>
  Effect.gen(function*() {
    const compute = () => cases.map((c, i) => tf.tidy(() => [...run(c, ...make(c, i))]))
    const expected = yield* onBackend("expected", Backend.layerCpu, compute)
    const found = yield* onBackend("found", Backend.layerWasm, compute)
    useCompanion(false)
    const without = yield* Effect.ensuring(
      onBackend("without", Backend.layerWasm, compute),
      Effect.sync(() => useCompanion(true))
    )
    for (const [i, c] of cases.entries()) {
      for (const [j, what] of ["y", "dx", "dFilter"].entries()) {
        const compare = (how: string, { data, shape }: NdArray.NdArray) => {
          const wanted = { shape: expected[i]![j]!.shape, data: [...expected[i]![j]!.data] }
          const size = Math.max(1, Math.hypot(...wanted.data) / Math.sqrt(wanted.data.length))
          assertClose(tf.tensor(data, [...shape]), wanted, tolerance * size, `${what} ${how} of ${JSON.stringify(c)}`)
        }
        compare("with the companion", found[i]![j]!)
        if (what !== "y") compare("without the companion", without[i]![j]!)
      }
    }
  })

describe("convolutions on wasm", () => {
  for (const precision of ["fast", "exact"] as const) {
    it.effect(`agree with the cpu backend, whatever the shape, ${precision}`, () => {
      const drawn = Array.from({ length: 52 }, (_, i) => draw(precision === "fast" ? i : i + 52))
      Backend.convolutionPrecision(precision)
      return agree(drawn.filter((c) => outShape(c).every((n) => n > 0)), 1e-5).pipe(
        Effect.ensuring(Effect.sync(() => Backend.convolutionPrecision("fast")))
      )
    })
  }

  it.effect("agree over several blocks of tiles or patches", () =>
    agree([
      { input: [1, 25, 23, 16], filter: [3, 3, 16, 33], strides: [1, 1], pad: "same" },
      { input: [1, 40, 40, 4], filter: [4, 4, 4, 8], strides: [2, 1], pad: "same" },
      { input: [1, 26, 26, 16], filter: [5, 4, 16, 8], strides: [1, 2], pad: "valid" },
      { input: [2, 23, 21, 70], filter: [4, 4, 70, 12], strides: [2, 2], pad: "same" },
      { input: [3, 19, 21, 1], filter: [3, 3, 1, 32], strides: [1, 1], pad: "same" },
      { input: [2, 19, 21, 12], filter: [1, 1, 12, 20], strides: [1, 1], pad: "same" },
      { input: [1, 4, 4, 256], filter: [2, 2, 256, 3], strides: [1, 1], pad: "same" }
    ], 1e-5))

  it.effect("carry NaN and infinity where they belong and nowhere else", () =>
    Effect.gen(function*() {
      // In the inputs only: an infinite filter times the zeros of the padding makes NaN in products with patches.
      const cases: ReadonlyArray<Convolution> = [
        { input: [2, 9, 9, 8], filter: [3, 3, 8, 8], strides: [1, 1], pad: "same" },
        { input: [2, 9, 9, 8], filter: [4, 4, 8, 8], strides: [2, 2], pad: "same" },
        { input: [2, 9, 9, 3], filter: [4, 4, 3, 8], strides: [2, 2], pad: "same" },
        { input: [2, 9, 9, 8], filter: [4, 4, 8, 8], strides: [2, 1], pad: "same" },
        { input: [2, 9, 9, 1], filter: [3, 3, 1, 8], strides: [1, 1], pad: 1 }
      ]
      const compute = () =>
        cases.flatMap((c) =>
          [NaN, Infinity, -Infinity].map((value) =>
            tf.tidy(() => {
              // Positive filters and gradients, so that no infinity meets its opposite.
              const filter = tf.abs(randomTensor(1, c.filter)), dy = tf.abs(randomTensor(2, outShape(c)))
              const spoil = (x: Tensor, at: number) => {
                const values = x.dataSync().slice()
                values[at] = value
                return tf.tensor(values, x.shape)
              }
              const x = spoil(tf.abs(randomTensor(3, c.input)), 40 * c.input[3] + c.input[3] - 1)
              const [y, , dFilter] = run(c, x, filter, dy)
              const [, dx] = run(c, x, filter, spoil(dy, 40))
              return [y!, dx!, dFilter!]
            })
          )
        )
      const expected = yield* onBackend("expected", Backend.layerCpu, compute)
      const found = yield* onBackend("found", Backend.layerWasm, compute)
      expected.forEach((tensors, i) =>
        tensors.forEach((tensor, j) => {
          const kinds = (data: NdArray.NdArray["data"]) => Array.from(data, (v) => Number.isFinite(v) ? 0 : v)
          assert.deepStrictEqual(kinds(found[i]![j]!.data), kinds(tensor.data), `case ${i}, result ${j}`)
        })
      )
    }))

  it.effect("of nothing are nothing, and their gradients zero", () =>
    Effect.provide(
      Backend.tensors("empty", () => {
        const c: Convolution = { input: [0, 5, 5, 4], filter: [3, 3, 4, 8], strides: [1, 1], pad: "same" }
        const [y, dx, dFilter] = run(c, tf.zeros(c.input), tf.ones(c.filter), tf.zeros([0, 5, 5, 8]))
        assert.deepStrictEqual([y!.shape, dx!.shape], [[0, 5, 5, 8], [0, 5, 5, 4]])
        assert.deepStrictEqual(dFilter!.dataSync(), new Float32Array(9 * 4 * 8))
      }),
      Backend.layerWasm
    ))

  it.effect("have the same gradients when dilated, with the companion and without", () =>
    Effect.provide(
      Backend.tensors("dilated", () => {
        const filter = randomTensor(1, [3, 2, 5, 6]), x = randomTensor(2, [2, 9, 11, 5])
        for (const dilation of [2, 3, [1, 2]] as const) {
          const loss = (p: { x: Tensor; filter: Tensor }) => {
            const y = tf.conv2d(p.x as Tensor4D, p.filter as Tensor4D, 1, "same", "NHWC", dilation as number)
            return [tf.sum(tf.mul(y, randomTensor(3, y.shape))), 0] as const
          }
          const direct = Autodiff.valueAndGrad(loss)({ x, filter }).grads
          useCompanion(false)
          try {
            const spread = Autodiff.valueAndGrad(loss)({ x, filter }).grads
            assertClose(direct.x, spread.x, 2e-5, "dx")
            assertClose(direct.filter, spread.filter, 5e-5, "dFilter")
          } finally {
            useCompanion(true)
          }
        }
      }),
      Backend.layerWasm
    ))

  it.effect("leave no tensor behind", () =>
    Effect.provide(
      Effect.andThen(
        Backend.tensors("warm up", () => 0),
        Backend.tensors("all", () => {
          for (let i = 0; i < 8; i++) tf.dispose([...run(draw(2 * i), ...random(draw(2 * i), i))])
        }).pipe(leavesNoTensor)
      ),
      Backend.layerWasm
    ))
})
