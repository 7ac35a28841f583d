import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend, Ops } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

type Parts = ReadonlyArray<Tensor>
type Scalar = (parts: Parts) => Tensor

const ROWS = 8, COLUMNS = 16

const int32 = (...values: ReadonlyArray<number>) => tf.tensor1d([...values], "int32")
const cube = (x: Tensor): Tensor => tf.mul(tf.square(x), x)
const total = (parts: Parts): Tensor => tf.addN(parts.map((part) => tf.sum(cube(part))))

/**
 * Functions of n parts, or of one tensor that is cut into n of them; each is cubed, so that there is a second order.
 */
const functions: Record<string, readonly [inputs: (n: number) => Parts, f: (n: number) => Scalar]> = {
  stack: [(n) => many(n), () => (parts) => tf.sum(cube(tf.stack([...parts])))],
  concat: [(n) => many(n), () => (parts) => tf.sum(cube(tf.concat([...parts], 1)))],
  unstack: [(n) => [randomTensor(1, [ROWS, n, COLUMNS])], () => ([x]) => total(tf.unstack(x!, 1))],
  split: [(n) => [randomTensor(1, [ROWS, n * COLUMNS])], (n) => ([x]) => total(tf.split(x!, n, 1))],
  slice: [
    (n) => [randomTensor(1, [ROWS, n * COLUMNS])],
    (n) => ([x]) => total(times(n, (i) => tf.slice(x!, [0, i * COLUMNS], [ROWS, COLUMNS])))
  ],
  "overlapping slices": [
    (n) => [randomTensor(1, [n * COLUMNS])],
    (n) => ([x]) => total(times(n - 1, (i) => tf.slice(x!, [i * COLUMNS], [2 * COLUMNS])))
  ],
  "slices of two axes": [
    (n) => [randomTensor(1, [n * 4, ROWS])],
    (n) => ([x]) => total(times(2 * n, (i) => tf.slice(x!, [4 * (i >> 1), 4 * (i & 1)], [4, 4])))
  ],
  stridedSlice: [
    (n) => [randomTensor(1, [n * COLUMNS])],
    (n) => ([x]) => total(times(n, (i) => Ops.stridedSlice(x!, [i * COLUMNS], [(i + 1) * COLUMNS], [2])))
  ],
  gather: [
    (n) => [randomTensor(1, [n, COLUMNS])],
    (n) => ([x]) => total(times(n, (i) => tf.gather(x!, int32(i, n - 1 - i))))
  ]
}

const times = <A>(n: number, make: (i: number) => A): ReadonlyArray<A> => Array.from({ length: n }, (_, i) => make(i))
const many = (n: number): Parts => times(n, (i) => randomTensor(i, [ROWS, COLUMNS]))

const gradient = (f: Scalar) => (parts: Parts): Parts =>
  Autodiff.valueAndGrad((p: Parts) => [f(p), 0] as const)(parts).grads
const slopes = (f: Scalar): Scalar => (parts) => total(gradient(f)(parts))

// What they give shares the memory of what they were given.
const FREE = new Set(["Identity", "Reshape", "ExpandDims"])

/** The kernels that run, and the elements that they write. */
const cost = (program: () => unknown) =>
  Effect.promise(async () => {
    const { kernels } = await tf.profile(() => {
      program()
      return tf.scalar(0)
    })
    const written = kernels.filter(({ name }) => !FREE.has(name))
    const sizes = written.flatMap(({ outputShapes }) => outputShapes.map((shape) => shape.reduce((a, b) => a * b, 1)))
    return { kernels: kernels.length, elements: sizes.reduce((a, b) => a + b, 0) }
  })

describe("gradients of what is made of parts, and cut into parts", () => {
  for (const [name, layer] of backends) {
    it.effect(`are right to second order on ${name}, for one part and for several`, () =>
      Effect.provide(
        leavesNoTensor(Backend.tensors("parts", () => {
          for (const [what, [inputs, f]] of Object.entries(functions)) {
            for (const n of what === "overlapping slices" ? [2, 3] : [1, 3]) {
              const parts = inputs(n)
              checkGradients(f(n), parts)
              const at = (f: Scalar) => gradient(f)(parts)
              // The gradients of Σ x³ and of the sum of the cubes of its gradients, where each value counts once.
              if (what !== "overlapping slices" && what !== "gather" && what !== "stridedSlice") {
                at(f(n)).forEach((g, i) => assertClose(g, tf.mul(3, tf.square(parts[i]!)), 1e-5, what))
                at(slopes(f(n))).forEach((g, i) => assertClose(g, tf.mul(162, tf.pow(parts[i]!, 5)), 1e-4, what))
              } else checkGradients(slopes(f(n)), parts, { tolerance: 1e-2 })
            }
          }
        })),
        layer
      ))
  }

  for (const [what, [inputs, f]] of Object.entries(functions)) {
    it.effect(`cost of ${what} grows with the number of parts, and not with its square`, () =>
      Effect.provide(
        Effect.gen(function*() {
          for (const derive of [(f: Scalar) => f, slopes]) {
            const of = (n: number) => {
              const parts = inputs(n), run = gradient(derive(f(n)))
              return cost(() => tf.tidy(() => void run(parts))).pipe(
                Effect.ensuring(Effect.sync(() => tf.dispose([...parts])))
              )
            }
            const few = yield* of(8), more = yield* of(64)
            assert.isAtMost(more.kernels / few.kernels, 9.5, `${what}: kernels`)
            assert.isAtMost(more.elements / few.elements, 9.5, `${what}: elements`)
          }
        }),
        Backend.layerWasm
      ))
  }
})
