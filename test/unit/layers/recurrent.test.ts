import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Autodiff, Backend, Key, Layers } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

const mode = { training: true, key: Key.make(0) }

const onWasm = (check: () => void) =>
  Effect.provide(leavesNoTensor(Backend.tensors("recurrent", check)), Backend.layerWasm)

const masked = { x: [4, 3], mask: [4] }

describe("recurrent layers of sequences with masks", () => {
  it.effect("give the state of the last step that counts, and pass the mask on", () =>
    onWasm(() => {
      const x = randomTensor(1, [3, 4, 3]), mask = tf.tensor2d([[1, 1, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0]])
      const last = Layers.bidirectional(Layers.lstm<Layers.Masked>(2, { returns: "last" }))
      const { output, params, state } = Result.getOrThrow(last.init(Key.make(1), masked))
      assert.deepStrictEqual(output, [4])
      const [y] = last.apply(params, state, { x, mask }, mode)
      const [short] = last.apply(params, state, {
        x: tf.slice(x, [0, 0, 0], [1, 2, 3]),
        mask: tf.ones([1, 2])
      }, mode)
      assertClose(tf.slice(y, 0, 1), { shape: [1, 4], data: [...short.dataSync()] }, 1e-6, "padded")
      assert.deepStrictEqual([...tf.slice(y, 2, 1).dataSync()], [0, 0, 0, 0])

      const all = Layers.bidirectional(Layers.gru<Layers.Masked>(2))
      const started = Result.getOrThrow(all.init(Key.make(1), masked))
      assert.deepStrictEqual(started.output, { x: [4, 4], mask: [4] })
      const [both] = all.apply(started.params, started.state, { x, mask }, mode)
      assert.strictEqual(both.mask, mask)
      assert.deepStrictEqual(both.x.shape, [3, 4, 4])
    }))

  it.effect("have finite gradients where no step counts", () =>
    onWasm(() => {
      const layer = Layers.lstm<Layers.Masked>(2), { params } = Result.getOrThrow(layer.init(Key.make(1), masked))
      const x = randomTensor(1, [2, 4, 3]), mask = tf.zeros([2, 4])
      const { grads } = Autodiff.valueAndGrad((p: Layers.RecurrentParams) =>
        [tf.sum(tf.square(layer.apply(p, {}, { x, mask }, mode)[0].x)), 0] as const
      )(params)
      for (const gradient of Object.values(grads)) assert.isTrue(gradient.dataSync().every((value) => value === 0))
    }))
})

describe("a mask that does not fit", () => {
  it.effect("is refused by the layer", () =>
    onWasm(() => {
      const layer = Layers.lstm<Layers.Masked>(2), { params } = Result.getOrThrow(layer.init(Key.make(1), masked))
      assert.throws(
        () => layer.apply(params, {}, { x: tf.zeros([2, 4, 3]), mask: tf.ones([2, 3]) }, mode),
        "lstm expects a mask of [2, 4], as its x, got [2, 3]"
      )
    }))
})

describe("bidirectional", () => {
  it("refuses what is not recurrent, or goes against time itself", () => {
    assert.throws(
      () => Layers.bidirectional(Layers.dense(2)),
      "expected a recurrent layer that goes with time, got dense(2)"
    )
    assert.throws(() => Layers.bidirectional(Layers.lstm(2, { reverse: true })), "got lstm(2, reverse)")
  })

  it.effect("is the layer beside one that sees the sequence reversed", () =>
    onWasm(() => {
      const layer = Layers.bidirectional(Layers.rnn(2)), x = randomTensor(1, [2, 5, 3])
      const { params, state } = Result.getOrThrow(layer.init(Key.make(1), [5, 3]))
      const [y] = layer.apply(params, state, x, mode)
      const [forward] = Layers.rnn(2).apply(params.forward, {}, x, mode)
      const [backward] = Layers.rnn(2).apply(params.backward, {}, tf.reverse(x, 1), mode)
      const expected = tf.concat([forward, tf.reverse(backward, 1)], 2)
      assertClose(y, { shape: expected.shape, data: [...expected.dataSync()] }, 1e-6, "both")
    }))
})
