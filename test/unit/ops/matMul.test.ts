import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend, Tree } from "effect-neuron"
import { agree } from "../../support/agree.ts"
import { leavesNoTensor } from "../../support/backend.ts"
import { randomTensor } from "../../support/numbers.ts"

const kinds = [[false, false], [true, false], [false, true], [true, true]] as const

const product = (seed: number, m: number, k: number, n: number, transposeA: boolean, transposeB: boolean) =>
  tf.matMul(
    randomTensor(seed, transposeA ? [k, m] : [m, k]),
    randomTensor(seed + 1, transposeB ? [n, k] : [k, n]),
    transposeA,
    transposeB
  )

describe("BatchMatMul", () => {
  it.effect("of every remainder of rows, columns and depth, transposed or not", () =>
    agree(
      "small",
      () =>
        kinds.flatMap(([a, b]) =>
          [1, 2, 3, 4, 5, 6, 7, 8, 9, 17].flatMap((m) =>
            ([[1, 1], [3, 4], [4, 7], [5, 8], [7, 13], [17, 3], [8, 16]] as const)
              .map(([k, n]) => product(m + k, m, k, n, a, b))
          )
        )
    ))

  it.effect("larger than its blocks of rows, of columns and of depth", () =>
    agree(
      "large",
      () =>
        kinds.flatMap(([a, b]) =>
          ([[97, 3, 9], [3, 515, 11], [2, 3, 1033], [9, 257, 1025], [513, 5, 4], [105, 300, 20], [600, 9, 33]] as const)
            .map(([m, k, n]) => product(m, m, k, n, a, b))
        ),
      2e-5
    ))

  it.effect("of batches, one operand broadcast or both", () =>
    Effect.gen(function*() {
      const shapes = [
        [[3, 4, 5], [3, 5, 6]],
        [[3, 4, 5], [5, 6]],
        [[4, 5], [3, 5, 6]],
        [[1, 4, 5], [3, 5, 6]],
        [[2, 3, 4, 5], [1, 1, 5, 6]],
        [[2, 3, 4, 5], [3, 5, 6]],
        [[2, 1, 4, 5], [1, 3, 5, 6]],
        [[2, 3, 4, 5], [2, 1, 5, 6]]
      ] as const
      // The cpu backend broadcasts the last three wrongly; it is given operands that are already equal.
      const products = (repeat: boolean) =>
        shapes.flatMap(([left, right]) =>
          kinds.map(([transposeA, transposeB]) => {
            const batch = tf.broadcast_util.assertAndGetBroadcastShape(left.slice(0, -2), right.slice(0, -2))
            const operand = (seed: number, shape: ReadonlyArray<number>, transposed: boolean): Tensor => {
              const x = randomTensor(seed, [...shape.slice(0, -2), ...swap(shape, transposed)])
              return repeat ? tf.broadcastTo(x, [...batch, ...x.shape.slice(-2)]) : x
            }
            return tf.matMul(operand(1, left, transposeA), operand(2, right, transposeB), transposeA, transposeB)
          })
        )
      yield* agree("batches", () => products(tf.getBackend() === "cpu"))
    }))

  it.effect("of empty matrices: without columns, and of depth 0, which is zero", () =>
    agree("empty", () => [
      tf.matMul(tf.zeros([0, 3]), tf.zeros([3, 2])),
      tf.matMul(tf.zeros([2, 3]), tf.zeros([3, 0])),
      tf.matMul(tf.zeros([0, 2, 3]), tf.zeros([3, 4])),
      tf.matMul(tf.zeros([2, 5, 0]), tf.zeros([2, 0, 9]))
    ]))

  it.effect("carries NaN and infinity to the rows and columns that they belong to, and no further", () =>
    agree("not finite", () =>
      kinds.map(([transposeA, transposeB]) => {
        const a = new Float32Array(9 * 9).fill(1), b = new Float32Array(9 * 9).fill(1)
        a[10] = NaN
        a[77] = Infinity
        b[80] = -Infinity
        return tf.matMul(tf.tensor2d(a, [9, 9]), tf.tensor2d(b, [9, 9]), transposeA, transposeB)
      })))

  it.effect("says which sizes do not fit", () =>
    Effect.provide(
      Backend.tensors("misfit", () => {
        assert.throws(() => tf.matMul(tf.zeros([2, 3]), tf.zeros([4, 5])), /inner shapes/)
      }),
      Backend.layerWasm
    ))

  it.effect("the gradient of a batch by a right operand that all share", () =>
    agree("shared", () =>
      kinds.flatMap(([transposeA, transposeB]) => {
        const params = {
          a: randomTensor(1, transposeA ? [2, 3, 5, 4] : [2, 3, 4, 5]),
          b: randomTensor(2, transposeB ? [6, 5] : [5, 6])
        }
        const scale = randomTensor(3, [2, 3, 4, 6])
        const { grads } = Autodiff.valueAndGrad((p: typeof params) =>
          [tf.sum(tf.mul(scale, tf.matMul(p.a, p.b, transposeA, transposeB))), 0] as const
        )(params)
        return Tree.entries(grads as never).map(([, x]) => x as Tensor)
      })))

  it.effect("with right operands of different shapes on the same data", () =>
    agree("matMul", () => {
      const data = randomTensor(1, [4, 6])
      return [[4, 6], [2, 12], [24, 1], [1, 24], [4, 6]].map(([k, n]) =>
        tf.matMul(randomTensor(2, [3, k!]), tf.reshape(data, [k!, n!]))
      )
    }))

  it.effect("the gradient by the input of a product with one column", () =>
    agree("matMul", () => {
      const column = randomTensor(1, [4, 1])
      const f = (x: Tensor) => [tf.sum(tf.square(tf.matMul(x, column))), 0] as const
      return [Autodiff.valueAndGrad(f)(randomTensor(2, [3, 4])).grads]
    }))

  it.effect("leaves no tensor behind", () =>
    Effect.provide(
      Effect.andThen(
        Backend.tensors("warm up", () => 0),
        Backend.tensors("products", () => {
          const x = randomTensor(1, [20, 30])
          tf.dispose([tf.matMul(x, x, true), tf.matMul(x, x, false, true), x])
        }).pipe(leavesNoTensor)
      ),
      Backend.layerWasm
    ))
})

const swap = (shape: ReadonlyArray<number>, transposed: boolean): ReadonlyArray<number> =>
  transposed ? [shape.at(-1)!, shape.at(-2)!] : shape.slice(-2)
