import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core"
import { Effect, Stream } from "effect"
import { Autodiff, Backend, Key, Layers, Losses, NdArray, Ops, Optimizers, Random, Train, Tree } from "effect-neuron"
import { leaveToOthers, parallel, partsOf, useThreads } from "../../../../src/backend/companion/parallel.ts"
import { leavesNoTensor } from "../../../support/backend.ts"
import { randomTensor } from "../../../support/numbers.ts"

// One backend per process, and its memory is shared from the start.
const layer = Backend.layerWasmWith({ threads: 3 })

const bits = (values: ReadonlyArray<Tensor>): ReadonlyArray<Int32Array> =>
  values.map((value) => new Int32Array(Float32Array.from(value.dataSync()).buffer))

/** Computes in one thread, then in the others only, and compares bit for bit. */
const same = (what: string, compute: () => ReadonlyArray<Tensor>) =>
  Effect.gen(function*() {
    const run = Backend.tensors(what, () => bits(compute()))
    const threads = useThreads(undefined)
    assert.isDefined(threads, "there are threads")
    const expected = yield* run
    useThreads(threads)
    leaveToOthers(true)
    const found = yield* run
    leaveToOthers(false)
    const shared = yield* run
    for (const other of [found, shared]) {
      assert.strictEqual(other.length, expected.length)
      other.forEach((values, i) => assert.deepStrictEqual(values, expected[i]!, `${what}, ${i}`))
    }
  }).pipe(Effect.ensuring(Effect.sync(() => leaveToOthers(false))), leavesNoTensor, Effect.provide(layer))

/** The value and the gradients by each input, with weights on the value. */
const withGradients = (f: (...inputs: ReadonlyArray<Tensor>) => Tensor, ...inputs: ReadonlyArray<Tensor>) => {
  const y = f(...inputs), weights = randomTensor(99, y.shape)
  const weighted = (xs: Array<Tensor>) => [tf.sum(tf.mul(weights, f(...xs))), 0] as const
  return [y, ...Autodiff.valueAndGrad(weighted)([...inputs]).grads]
}

describe("threads give the bits of one thread", () => {
  it.effect("for products of matrices", () =>
    same("matMul", () => {
      const sizes = [[1, 1, 1], [8, 16, 8], [9, 300, 17], [100, 7, 33], [33, 520, 65], [64, 784, 128], [700, 5, 24]]
      return sizes.flatMap(([m, k, n], i) =>
        [false, true].flatMap((transposeA) =>
          [false, true].map((transposeB) =>
            tf.matMul(
              randomTensor(i, transposeA ? [k!, m!] : [m!, k!]),
              randomTensor(i + 50, transposeB ? [n!, k!] : [k!, n!]),
              transposeA,
              transposeB
            )
          )
        )
      ).concat(
        tf.matMul(randomTensor(1, [150, 5, 9]), randomTensor(2, [150, 9, 4])),
        tf.matMul(randomTensor(1, [3, 2, 5, 9]), randomTensor(2, [2, 4, 9]), false, true),
        tf.matMul(randomTensor(1, [6, 5, 9]), randomTensor(2, [9, 4]))
      )
    }))

  it.effect("for rotary positions", () =>
    same("rotary", () => withGradients((x) => Ops.rotary(x, { position: 5, heads: 3 }), randomTensor(1, [3, 7, 4, 6]))))

  it.effect("for convolutions, with gradients", () =>
    same("conv2d", () => {
      const cases = [
        [[5, 9, 10, 1], [3, 3, 1, 8], 1, "same"],
        [[5, 9, 10, 3], [3, 3, 3, 16], 2, "same"],
        [[7, 8, 9, 8], [3, 3, 8, 12], 1, "same"],
        [[3, 12, 12, 4], [3, 3, 4, 4], 1, "valid"],
        [[2, 5, 5, 16], [3, 3, 16, 8], 1, "same"],
        [[6, 8, 8, 8], [4, 4, 8, 16], 2, "same"],
        [[4, 6, 6, 12], [1, 1, 12, 20], 1, "same"],
        [[1, 20, 20, 8], [5, 5, 8, 9], 1, "valid"],
        [[16, 14, 14, 32], [3, 3, 32, 16], 1, "same"]
      ] as const
      return cases.flatMap(([shape, filter, strides, pad], i) =>
        withGradients(
          (x, w) => tf.conv2d(x as Tensor4D, w as Tensor4D, strides, pad),
          randomTensor(i, shape),
          randomTensor(i + 50, filter)
        )
      )
    }))

  it.effect("for pooling, with gradients", () =>
    same(
      "pool",
      () =>
        [tf.maxPool, tf.avgPool].flatMap((pool) =>
          ([[2, 2, "valid"], [3, 2, "same"], [3, 1, "same"], [2, 3, "valid"]] as const).flatMap((
            [size, strides, pad],
            i
          ) => withGradients((x) => pool(x as Tensor4D, size, strides, pad), randomTensor(i, [7, 9, 8, 1 + 6 * i])))
        )
    ))

  it.effect("for functions of elements, with gradients", () =>
    same(
      "elementwise",
      () =>
        [1, 63, 64, 1000, 4099].flatMap((size, i) =>
          [tf.relu, tf.relu6, tf.tanh, tf.exp, tf.erf, tf.elu, tf.selu, tf.sigmoid, tf.softplus, tf.sqrt].flatMap((f) =>
            withGradients((x) => f(x), randomTensor(i, [size]))
          )
        )
    ))

  it.effect("for recurrent layers, with gradients", () =>
    same(
      "recurrence",
      () =>
        ([["tanh", 1], ["lstm", 4], ["gru", 3]] as const).flatMap(([cell, gates]) =>
          [1, 13, 100, 200].flatMap((batch) =>
            withGradients(
              (x, kernel, recurrentKernel) =>
                Ops.recurrence({ cell, x: x!, kernel: kernel!, recurrentKernel: recurrentKernel! }).hidden,
              randomTensor(1, [batch, 3, 9]),
              ...[randomTensor(2, [9, gates * 9]), randomTensor(3, [9, gates * 9])]
            )
          )
        )
    ))

  it.effect("for layer norm and RMS norm, with gradients", () =>
    same(
      "norms",
      () =>
        [[3, 5], [70, 12], [1000, 7], [300, 64]].flatMap(([rows, n]) => {
          const x = randomTensor(1, [rows!, n!]), scale = randomTensor(2, [n!]), offset = randomTensor(3, [n!])
          return withGradients((x, scale, offset) => Ops.layerNorm(x!, scale!, offset!, 1e-5), x, scale, offset)
            .concat(withGradients((x, scale) => Ops.rmsNorm(x!, scale!, 1e-5), x, scale))
        })
    ))

  it.effect("for connectionist temporal classification, with gradients", () =>
    same("ctc", () => {
      const labels = tf.tensor2d(Int32Array.from({ length: 35 }, (_, i) => i % 3), [7, 5], "int32")
      return withGradients((x) => Ops.ctc(x!, labels), randomTensor(1, [7, 11, 3]))
    }))

  it.effect("for attention, with gradients", () =>
    same("attention", () => {
      const qkv = (heads: number, keyHeads: number) => [heads, keyHeads, keyHeads].map((n) => [3, 110, n, 12])
      const bias = [[3, 4, 110, 110], [4, 110, 110], [110, 110], [3, 1, 1, 110]]
      return bias.flatMap((shape, i) =>
        withGradients(
          (query, key, value, bias) =>
            Ops.attention({ query: query!, key: key!, value: value!, bias: bias!, causal: true }),
          ...[...qkv(4, i % 2 === 0 ? 4 : 2), shape].map((shape, i) => randomTensor(i, shape))
        )
      )
    }))

  it.effect("for cross entropies of hidden states, with gradients", () =>
    same(
      "linearCrossEntropy",
      () =>
        [[5, 3, 7], [300, 8, 30], [40, 9, 1000], [1500, 2, 3000]].flatMap(([rows, features, classes]) => {
          const labels = tf.tensor1d(Int32Array.from({ length: rows! }, (_, i) => i * 7 % classes!))
          return withGradients(
            (hidden, table, bias) => Ops.linearCrossEntropy({ hidden: hidden!, table: table!, bias: bias!, labels }),
            randomTensor(1, [rows!, features!]),
            randomTensor(2, [classes!, features!]),
            randomTensor(3, [classes!])
          )
        })
    ))

  it.effect("for sums", () =>
    same("sum", () => {
      const x = randomTensor(1, [9, 30, 31, 40])
      return [[0], [0, 1], [0, 1, 2], [1], [1, 2], [2, 3], [3], [0, 1, 2, 3]].flatMap((axes) => [
        tf.sum(x, axes),
        tf.mean(x, axes)
      ]).concat(tf.sum(randomTensor(2, [1001, 7]), 1))
    }))

  it.effect("for a network and its optimizer, over some steps", () => {
    const model = Layers.named({
      conv1: Layers.conv2d({ filters: 8, kernelSize: 3 }),
      relu1: Layers.relu,
      pool1: Layers.maxPool2d(2),
      conv2: Layers.conv2d({ filters: 16, kernelSize: 3 }),
      norm: Layers.batchNorm(),
      relu2: Layers.relu,
      pool2: Layers.maxPool2d(2),
      flat: Layers.flatten,
      hidden: Layers.dense(24),
      relu3: Layers.relu,
      head: Layers.dense(10)
    })
    const optimizer = Optimizers.chain(Optimizers.clipByGlobalNorm(1), Optimizers.adam(1e-2))
    const batch = {
      x: NdArray.make(Random.uniform(Key.make(1), 12 * 196), [12, 14, 14, 1]),
      y: NdArray.make(Int32Array.from({ length: 12 }, (_, i) => i % 10), [12]),
      size: 12
    }
    const train = Effect.gen(function*() {
      const trainer = yield* Train.make(
        Train.init({ model, optimizer, input: [14, 14, 1], key: Key.make(1) }),
        Train.supervised({ model, optimizer, loss: Losses.softmaxCrossEntropy })
      )
      const steps = trainer.run(Stream.fromEffectRepeat(Effect.succeed(batch))).pipe(Stream.take(5))
      const losses = yield* Stream.runCollect(Stream.map(steps, ({ loss }) => loss))
      const { params } = yield* trainer.state
      return { losses, params: bits(Tree.leaves(params)) }
    }).pipe(Effect.scoped)
    return Effect.gen(function*() {
      const threads = useThreads(undefined)
      const alone = yield* train
      useThreads(threads)
      for (const leave of [true, false]) {
        leaveToOthers(leave)
        assert.deepStrictEqual(yield* train, alone)
      }
      assert.isBelow(alone.losses.at(-1)!, alone.losses[0]!)
    }).pipe(Effect.ensuring(Effect.sync(() => leaveToOthers(false))), leavesNoTensor, Effect.provide(layer))
  })
})

describe("parallel", () => {
  it.effect("cuts at multiples of a unit, and leaves nothing out", () =>
    Effect.gen(function*() {
      yield* Effect.service(Backend.Backend)
      for (const [count, unit] of [[1, 1], [2, 1], [7, 8], [9, 8], [1000, 64], [64, 1]] as const) {
        const parts = partsOf(count, unit, 1e9)
        assert.strictEqual(parts.reduce((sum, [, some]) => sum + some, 0), count)
        parts.forEach(([first, some], i) => {
          assert.strictEqual(first % unit, 0)
          assert.isAbove(some, 0)
          assert.strictEqual(first + some, parts[i + 1]?.[0] ?? count)
        })
      }
      assert.deepStrictEqual(partsOf(1000, 1, 10), [[0, 1000]])
    }).pipe(Effect.provide(layer)))

  it.effect("says so when a chunk fails, in this thread or another, and goes on working", () =>
    Effect.gen(function*() {
      yield* Effect.service(Backend.Backend)
      // A read beyond the end of memory.
      const failing = [[4, 0xffff_fff0, 0xffff_fff0], [4, 0xffff_fff0, 0xffff_fff0]]
      for (const leave of [false, true]) {
        leaveToOthers(leave)
        assert.throws(() => parallel("Exp", failing))
        leaveToOthers(false)
        assert.deepStrictEqual(tf.tidy(() => [...tf.relu(tf.tensor1d([-1, 2])).dataSync()]), [0, 2])
      }
    }).pipe(Effect.provide(layer)))

  it.effect("works in one thread when no layer is open that asked for more, on the same memory", () =>
    Effect.gen(function*() {
      yield* Effect.provide(Effect.service(Backend.Backend), layer)
      yield* Effect.provide(Effect.service(Backend.Backend), Backend.layerWasm)
      assert.deepStrictEqual(partsOf(1000, 1, 1e9), [[0, 1000]])
      const nested = Effect.gen(function*() {
        yield* Effect.provide(Effect.service(Backend.Backend), Backend.layerWasmWith({ threads: 2 }))
        assert.isAbove(partsOf(1000, 1, 1e9).length, 1)
      })
      yield* Effect.provide(nested, layer)
      assert.deepStrictEqual(partsOf(1000, 1, 1e9), [[0, 1000]])
    }))

  it("takes a number of threads that makes sense", () => {
    for (const threads of [0, 1.5, -1, NaN, 1000]) {
      assert.throws(() => Backend.layerWasmWith({ threads }), /^threads: expected an integer from 1 to /)
    }
  })
})
