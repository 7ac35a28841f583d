import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend, Key, NdArray, Random } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

/** Computes on both backends and compares; the stock kernels of the cpu backend are the independent source. */
const agree = (what: string, compute: () => ReadonlyArray<Tensor>, tolerance = 1e-5) =>
  Effect.gen(function*() {
    const run = Backend.tensors(what, () => compute().map(Backend.toHost))
    const expected = yield* Effect.provide(run, Backend.layerCpu)
    const found = yield* Effect.provide(run, Backend.layerWasm)
    yield* Effect.provide(
      Backend.tensors(what, () =>
        found.forEach(({ data, shape }, i) =>
          assertClose(tf.tensor(data, [...shape]), { ...expected[i]!, data: [...expected[i]!.data] }, tolerance, what)
        )),
      Backend.layerWasm
    )
  })

describe("kernels in the place of stock ones on wasm", () => {
  it.effect("Sum over leading axes, of every length that windows divide or not", () =>
    agree(
      "sum",
      () =>
        [1, 2, 15, 16, 17, 97, 256, 257, 512, 1000, 1009].flatMap((rows) =>
          [1, 3, 8].flatMap((columns) => [
            tf.sum(randomTensor(rows, [rows, columns]), 0),
            tf.sum(randomTensor(rows, [rows, columns]), 0, true),
            tf.sum(randomTensor(rows, [rows, 2, columns]), [0, 1])
          ])
        ),
      2e-5
    ))

  it.effect("Sum over other axes, of integers, of everything and of nothing", () =>
    agree("sum", () => {
      const x = randomTensor(1, [4, 5, 6])
      const n = tf.tensor2d([[1, 2], [3, 4]], [2, 2], "int32")
      return [tf.sum(x), tf.sum(x, 1), tf.sum(x, [0, 2]), tf.sum(x, -1), tf.sum(n, 0), tf.sum(tf.zeros([0, 3]), 0)]
    }))

  it.effect("Sum carries NaN and infinity to their columns only", () =>
    Effect.provide(
      Backend.tensors("sum", () => {
        const values = new Float32Array(512 * 3).fill(1)
        values[0] = NaN
        values[3 * 400 + 1] = Infinity
        assert.deepStrictEqual(Array.from(tf.sum(tf.tensor2d(values, [512, 3]), 0).dataSync()), [NaN, Infinity, 512])
      }),
      Backend.layerWasm
    ))

  it.effect("Tile, for every rank and repetition", () =>
    agree("tile", () =>
      ([
        [[1], [7]],
        [[3], [4]],
        [[2, 3], [1, 1]],
        [[2, 3], [3, 1]],
        [[2, 3], [1, 5]],
        [[2, 1, 3], [2, 4, 3]],
        [[1, 1, 1, 5], [3, 4, 2, 1]],
        [[2, 3, 1, 2], [1, 2, 3, 2]]
      ] as const).map(([shape, reps]) => tf.tile(randomTensor(shape.length, shape), [...reps]))))

  it.effect("OneHot in float32, with values of one's own and indices that are out of range", () =>
    agree("oneHot", () => {
      const indices = tf.tensor1d([0, 2, 3, -1, 1], "int32")
      return [tf.oneHot(indices, 3, 0.9, -0.05, "float32"), tf.oneHot(indices, 3)]
    }))

  it.effect("BatchMatMul, transposed, batched and broadcast", () =>
    agree("matMul", () => {
      const a = randomTensor(1, [2, 3, 4, 5]), b = randomTensor(2, [5, 6]), c = randomTensor(3, [2, 3, 6, 5])
      return [
        tf.matMul(a, tf.reshape(b, [1, 1, 5, 6])),
        tf.matMul(a, c, false, true),
        tf.matMul(a, a, true),
        tf.matMul(b, tf.reshape(a, [-1, 5]), true, true),
        tf.matMul(randomTensor(4, [2, 3]), randomTensor(5, [1, 3, 4]))
      ]
    }))

  it.effect("Cast to the same type shares memory, to another one converts", () =>
    Effect.provide(
      Backend.tensors("cast", () => {
        const x = tf.tensor1d([1.5, -2.5]), buffers = tf.memory().numDataBuffers
        const y = tf.engine().runKernel("Cast", { x }, { dtype: "float32" }) as Tensor
        assert.strictEqual(tf.memory().numDataBuffers, buffers)
        x.dispose()
        assert.deepStrictEqual(y.arraySync(), [1.5, -2.5])
        assert.deepStrictEqual(tf.cast(y, "int32").arraySync(), [1, -2])
        const isLess = tf.cast(tf.less(y, 0), "bool")
        assert.strictEqual(isLess.dtype, "bool")
        assert.deepStrictEqual(tf.cast(isLess, "float32").arraySync(), [0, 1])
      }),
      Backend.layerWasm
    ).pipe(leavesNoTensor))

  it.effect("Identity shares memory, and either copy may be disposed first", () =>
    Effect.provide(
      Backend.tensors("identity", () => {
        const x = tf.tensor1d([1, 2]), buffers = tf.memory().numDataBuffers
        const y = tf.clone(x)
        assert.strictEqual(tf.memory().numDataBuffers, buffers)
        x.dispose()
        assert.deepStrictEqual(y.arraySync(), [1, 2])
      }),
      Backend.layerWasm
    ).pipe(leavesNoTensor))

  it.effect("leave no tensor behind", () =>
    Effect.provide(
      Effect.andThen(
        Backend.tensors("warm up", () => 0),
        Backend.tensors("all", () => {
          const x = randomTensor(1, [512, 3])
          tf.dispose([
            tf.sum(x, 0),
            tf.tile(x, [2, 2]),
            tf.matMul(x, x, true),
            tf.oneHot([1, 2], 3, 1, 0, "float32"),
            x
          ])
        }).pipe(leavesNoTensor)
      ),
      Backend.layerWasm
    ))
})

describe("tensors and host arrays", () => {
  it.effect("go there and back: floats, integers, and bytes as floats", () =>
    Effect.provide(
      Backend.tensors("round trip", () => {
        const tree = {
          x: NdArray.make(Random.normal(Key.make(1), 6), [2, 3]),
          y: NdArray.make(Int32Array.of(1, -2), [2]),
          z: [NdArray.make(Uint8Array.of(0, 255), [2])]
        }
        const uploaded = Backend.toTensors(tree)
        assert.deepStrictEqual(Backend.toHost(uploaded.x), tree.x)
        assert.deepStrictEqual(Backend.toHost(uploaded.y), tree.y)
        assert.deepStrictEqual(Backend.toHost(uploaded.z[0]!), { data: Float32Array.of(0, 255), shape: [2] })
      }),
      Backend.layerWasm
    ))
})
