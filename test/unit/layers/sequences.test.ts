import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Autodiff, Backend, Key, Layers } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"
import { checkSequence, sequenceCases } from "../../support/referenceSequences.ts"
import type { SequenceCase } from "../../support/referenceSequences.ts"

const mode = { training: true, key: Key.make(0) }

const layers: { readonly [name: string]: (config: SequenceCase["config"]) => Layers.Any } = {
  rmsNorm: () => Layers.rmsNorm(),
  swiglu: ({ units, ...options }) => Layers.swiglu(units, options),
  embeddingBag: (config) => Layers.embeddingBag(config),
  positions: (config) => Layers.positions(config)
}

for (const [backend, backendLayer] of backends) {
  describe(`layers of sequences on ${backend}`, () => {
    for (const c of sequenceCases("sequences")) {
      it.effect(`${c.name} ${JSON.stringify(c.config)} of ${Object.keys(c.inputs)}`, () =>
        Effect.provide(
          leavesNoTensor(Backend.tensors(c.name, () => checkSequence(layers[c.name]!(c.config), c))),
          backendLayer
        ))
    }
  })
}

const onWasm = (check: () => void) =>
  Effect.provide(leavesNoTensor(Backend.tensors("sequences", check)), Backend.layerWasm)

const data = (x: tf.Tensor) => [...x.dataSync()]

describe("positions", () => {
  it.effect("go on where a sequence ended when they are stateful, to the bit", () =>
    onWasm(() => {
      const x = randomTensor(1, [2, 7, 4])
      for (const options of [{}, { length: 9 }]) {
        const whole = Layers.positions(options as {}), layer = Layers.positions({ ...options as {}, stateful: true })
        const { params, state } = Result.getOrThrow(layer.init(Key.make(1), [null, 4]))
        const [expected] = whole.apply(params, {}, x, mode)
        let next: Layers.Position = state
        const parts = [1, 2, 1, 3].map((time) => {
          const [y, after] = layer.apply(params, next, tf.slice(x, [0, next.position], [2, time]), mode)
          next = after
          return y
        })
        assert.strictEqual(next.position, 7)
        assert.deepStrictEqual(data(tf.concat(parts, 1)), data(expected))
      }
    }))

  it.effect("that are learned refuse a sequence that is longer", () =>
    onWasm(() => {
      const layer = Layers.positions({ length: 4, stateful: true })
      const { params } = Result.getOrThrow(layer.init(Key.make(1), [null, 2]))
      assert.throws(
        () => layer.apply(params, { position: 0 }, tf.zeros([1, 5, 2]), mode),
        "positions expects at most 4 steps, got 5"
      )
      assert.throws(
        () => layer.apply(params, { position: 3 }, tf.zeros([1, 2, 2]), mode),
        "positions expects at most 4 steps, got 2 after 3"
      )
    }))

  it.effect("pass a mask on", () =>
    onWasm(() => {
      const layer = Layers.positions<Layers.Masked>(), x = randomTensor(1, [2, 3, 4]), mask = tf.ones([2, 3])
      const { output } = Result.getOrThrow(layer.init(Key.make(1), { x: [null, 4], mask: [null] }))
      assert.deepStrictEqual(output, { x: [null, 4], mask: [null] })
      const [y] = layer.apply({}, {}, { x, mask }, mode)
      assert.strictEqual(y.mask, mask)
      assertClose(y.x, Layers.positions().apply({}, {}, x, mode)[0], 0)
    }))
})

describe("embeddingBag", () => {
  it.effect("refuses a mask that does not fit, and ids out of range", () =>
    onWasm(() => {
      const layer = Layers.embeddingBag<Layers.Masked>({ size: 3, features: 2 }), params = { table: tf.ones([3, 2]) }
      const bags = tf.zeros([2, 4], "int32")
      assert.throws(
        () => layer.apply(params, {}, { x: bags, mask: tf.ones([2, 3]) }, mode),
        "embeddingBag expects a mask of [2, 4], as its x, got [2, 3]"
      )
      assert.throws(
        () => layer.apply(params, {}, { x: bags, mask: tf.ones([2]) }, mode),
        "embeddingBag expects a mask of [2, 4], as its x, got [2]"
      )
      assert.throws(
        () => layer.apply(params, {}, { x: tf.tensor2d([[3, 3]], [1, 2], "int32"), mask: tf.ones([1, 2]) }, mode),
        "embeddingBag expects ids from 0 to 2, got 3"
      )
    }))

  it.effect("has the ids in it where the mask is above 0", () =>
    onWasm(() => {
      const params = { table: tf.tensor2d([[1], [2], [6]]) }, x = tf.tensor2d([[0, 1, 2]], [1, 3], "int32")
      for (const [combiner, expected] of [["mean", 4], ["sum", 8], ["max", 6]] as const) {
        const layer = Layers.embeddingBag<Layers.Masked>({ size: 3, features: 1, combiner })
        const [y] = layer.apply(params, {}, { x, mask: tf.tensor2d([[-1, 1, 0.5]]) }, mode)
        assert.deepStrictEqual(data(y), [expected])
      }
    }))

  it.effect("is 0 for a bag without ids, and has no gradient", () =>
    onWasm(() => {
      for (const combiner of ["mean", "sum", "max"] as const) {
        const layer = Layers.embeddingBag<Layers.Masked>({ size: 3, features: 2, combiner })
        const given = { x: tf.zeros([2, 4], "int32"), mask: tf.zeros([2, 4]) }
        const { grads } = Autodiff.valueAndGrad((table: tf.Tensor) =>
          [tf.sum(layer.apply({ table }, {}, given, mode)[0]), 0] as const
        )(tf.ones([3, 2]))
        assert.deepStrictEqual(data(grads), [0, 0, 0, 0, 0, 0])
        const none = Layers.embeddingBag({ size: 3, features: 2, combiner })
        const [y] = none.apply({ table: tf.ones([3, 2]) }, {}, tf.zeros([2, 0], "int32"), mode)
        assert.deepStrictEqual([y.shape, data(y)], [[2, 2], [0, 0, 0, 0]])
      }
    }))
})

describe("timeDistributed", () => {
  it.effect("is the layer at each step, also of a sequence with a mask", () =>
    onWasm(() => {
      const conv = Layers.conv2d({ filters: 2, kernelSize: 2 }), layer = Layers.timeDistributed(conv)
      const { output, params } = Result.getOrThrow(layer.init(Key.make(1), [null, 3, 4, 1]))
      assert.deepStrictEqual(output, [null, 3, 4, 2])
      const x = randomTensor(1, [2, 5, 3, 4, 1])
      const [y] = layer.apply(params, {}, x, mode)
      const steps = tf.unstack(x, 1).map((step) => conv.apply(params, {}, step, mode)[0])
      assertClose(y, tf.stack(steps, 1), 1e-6)

      const masked = Layers.timeDistributed<Layers.KernelAndBias, Layers.Empty, Layers.Masked>(conv)
      const mask = tf.ones([2, 5]),
        started = Result.getOrThrow(masked.init(Key.make(1), { x: [5, 3, 4, 1], mask: [5] }))
      assert.deepStrictEqual(started.output, { x: [5, 3, 4, 2], mask: [5] })
      const [both] = masked.apply(params, {}, { x, mask }, mode)
      assert.strictEqual(both.mask, mask)
      assertClose(both.x, y, 0)
    }))

  it.effect("counts the products of all steps", () =>
    Effect.provide(
      Effect.map(
        Layers.summary(Layers.timeDistributed(Layers.serial(Layers.dense(3), Layers.dense(1))), [5, 2]),
        (s) => {
          assert.deepStrictEqual(s.multiplyAdds, 5 * (2 * 3 + 3))
        }
      ),
      Backend.layerWasm
    ))

  it("refuses a layer that gives something else than a tensor", () => {
    const wide = Layers.timeDistributed(
      Layers.lambda<tf.Tensor, { readonly a: tf.Tensor }>("pair", {
        shape: (x) => ({ a: x }),
        apply: (a) => ({ a })
      }) as never
    )
    assert.strictEqual(
      Result.getFailure(wide.init(Key.make(1), [3, 2])).valueOrUndefined?.message,
      "timeDistributed expects a layer that gives a tensor, got { a: [2] }"
    )
  })
})
