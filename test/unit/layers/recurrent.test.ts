import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Autodiff, Backend, Initializers, Key, Layers, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

const mode = { training: true, key: Key.make(0) }

const onWasm = (check: () => void) =>
  Effect.provide(leavesNoTensor(Backend.tensors("recurrent", check)), Backend.layerWasm)

const bits = (x: tf.Tensor) => [...x.dataSync()]

const masked = { x: [4, 3], mask: [4] }

describe("recurrent layers of sequences with masks", () => {
  it("refuse the shape of a mask that is not that of its x", () =>
    assert.strictEqual(
      Result.getFailure(Layers.gru<Layers.Masked>(4).init(Key.make(1), { x: [4, 3], mask: [7] })).valueOrUndefined
        ?.message,
      "gru expects a mask of [4], as its x, got [7]"
    ))

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

describe("the biases of recurrent layers", () => {
  it.effect("are zeros at first, but 1 for the forget gate of an LSTM, or as they are said to be", () =>
    onWasm(() => {
      const biases = (layer: Layers.Any) => {
        const { bias, recurrentBias } = Result.getOrThrow(layer.init(Key.make(1), [4, 3])).params
        return [bits(bias), bits(recurrentBias)]
      }
      assert.deepStrictEqual(biases(Layers.lstm(2)), [[0, 0, 1, 1, 0, 0, 0, 0], Array<number>(8).fill(0)])
      assert.deepStrictEqual(biases(Layers.gru(2)), [Array<number>(6).fill(0), Array<number>(6).fill(0)])
      const half = Layers.lstm(1, { biasInitializer: Initializers.constant(0.5) })
      assert.deepStrictEqual(biases(half), [Array<number>(4).fill(0.5), Array<number>(4).fill(0.5)])
    }))
})

describe("recurrent layers of sequences with states", () => {
  const { gru, lstm, rnn } = Layers
  const layers = [
    lstm<Layers.Resumed>(2, { returns: "state" }),
    gru<Layers.Resumed>(2, { returns: "state" }),
    rnn<Layers.Resumed>(2, { returns: "state" })
  ]
  for (const layer of layers as ReadonlyArray<Layers.Any>) {
    const isLstm = layer.name.startsWith("lstm")
    const shapes = { hidden: [2], ...(isLstm ? { cells: [2] } : {}) }

    it.effect(`of ${layer.name} go on from them, and have gradients by them`, () =>
      onWasm(() => {
        const { output, params } = Result.getOrThrow(layer.init(Key.make(1), { x: [null, 3], state: shapes }))
        assert.deepStrictEqual(output, { x: [null, 2], state: shapes })
        const zeros = { hidden: tf.zeros([3, 2]), ...(isLstm ? { cells: tf.zeros([3, 2]) } : {}) }
        const run = (x: tf.Tensor, state: Layers.Resumed["state"]): Layers.Resumed =>
          layer.apply(params, {}, { x, state }, mode)[0]
        const x = randomTensor(1, [3, 5, 3]), [start, end] = tf.split(x, [2, 3], 1), whole = run(x, zeros)
        const first = run(start!, zeros), second = run(end!, first.state)
        assert.deepStrictEqual(tf.concat([first.x, second.x], 1).arraySync(), whole.x.arraySync())
        assert.deepStrictEqual(Tree.leaves(second.state).map(bits), Tree.leaves(whole.state).map(bits))
        const at = { hidden: randomTensor(2, [3, 2]), ...(isLstm ? { cells: randomTensor(3, [3, 2]) } : {}) }
        checkGradients((state: Tree.Tree) => {
          const y = run(x, state as typeof at)
          return tf.addN(Tree.leaves(y).map((leaf, i) => tf.sum(tf.mul(leaf, randomTensor(4 + i, leaf.shape)))))
        }, at)
      }))
  }

  it.effect("are refused where they do not fit", () =>
    onWasm(() => {
      const layer = lstm<Layers.Resumed>(2), x = tf.zeros([3, 4, 3])
      const wrong = layer.init(Key.make(1), { x: [4, 3], state: { hidden: [3] } })
      assert.strictEqual(Result.getFailure(wrong).valueOrUndefined?.message, "lstm expects a state of [2], got [3]")
      const { params } = Result.getOrThrow(layer.init(Key.make(1), { x: [4, 3], state: { hidden: [2] } }))
      for (const state of [{ hidden: tf.zeros([2, 2]) }, { hidden: tf.zeros([3, 2]), cells: tf.zeros([2, 2]) }]) {
        assert.throws(() => layer.apply(params, {}, { x, state }, mode), "lstm expects a state of [3, 2], got [2, 2]")
      }
      const both = Layers.bidirectional(gru(2)) as Layers.Any
      assert.strictEqual(
        Result.getFailure(both.init(Key.make(1), { x: [4, 3], state: { hidden: [2] } })).valueOrUndefined?.message,
        "bidirectional expects a sequence without a state, got { x: [4, 3], state: { hidden: [2] } }"
      )
    }))

  it.effect("give masks on", () =>
    onWasm(() => {
      const layer = Layers.bidirectional(lstm<Layers.Masked>(2, { returns: "state" }))
      const { output, params, state } = Result.getOrThrow(layer.init(Key.make(1), masked))
      assert.deepStrictEqual(output, { x: [4, 4], mask: [4], state: { hidden: [4], cells: [4] } })
      const x = randomTensor(1, [2, 4, 3]), mask = tf.tensor2d([[1, 1, 0, 0], [1, 1, 1, 1]])
      const [y] = layer.apply(params, state, { x, mask }, mode)
      assert.strictEqual(y.mask, mask)
      assert.deepStrictEqual(Tree.shapes(y), { x: [2, 4, 4], mask: [2, 4], state: { hidden: [2, 4], cells: [2, 4] } })
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

describe("a sequence of no steps", () => {
  it.effect("is refused by the layer", () =>
    onWasm(() => {
      const layer = Layers.lstm(2), { params } = Result.getOrThrow(layer.init(Key.make(1), [null, 3]))
      assert.throws(
        () => layer.apply(params, {}, tf.zeros([2, 0, 3]), mode),
        "lstm expects x of at least one step, got [2, 0, 3]"
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
