import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Autodiff, Backend, Key, Layers, Random, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

const UNITS = 5, mode: Layers.Mode = { training: true, key: Key.make(7) }

const onWasm = (check: () => void) => Effect.provide(leavesNoTensor(Backend.tensors("scan", check)), Backend.layerWasm)

type LstmState = { readonly hidden: tf.Tensor; readonly cells: tf.Tensor }

/** An LSTM with the parameters of `Layers.lstm`. */
const lstmCell = Layers.stateless<
  Layers.RecurrentParams,
  Layers.CellInput<LstmState>,
  Layers.CellOutput<LstmState>
>({
  name: "lstmCell",
  init: (key, { state, x }) =>
    Result.map(
      Layers.lstm(UNITS).init(key, [null, x[0]!]),
      ({ params }) => ({ params, output: { y: [UNITS], state } })
    ),
  apply: ({ bias, kernel, recurrentBias, recurrentKernel }, { state: { cells, hidden }, x }) => {
    const z = tf.addN([tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D), tf.matMul(hidden, recurrentKernel)])
    const [i, f, g, o] = tf.split(tf.add(tf.add(z, bias), recurrentBias), 4, 1) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.Tensor
    ]
    const next = tf.add(tf.mul(tf.sigmoid(f), cells), tf.mul(tf.sigmoid(i), tf.tanh(g)))
    const y = tf.mul(tf.sigmoid(o), tf.tanh(next))
    return { y, state: { hidden: y, cells: next } }
  }
})
const state = { hidden: [UNITS], cells: [UNITS] }

const bits = (x: tf.Tensor) => [...x.dataSync()]
const close = (actual: Tree.Tree, expected: Tree.Tree, name: string) =>
  Tree.leaves(actual).forEach((leaf, i) => assertClose(leaf, Tree.leaves(expected)[i]!, 1e-5, name))

describe("a scan of an LSTM written by hand", () => {
  for (const reverse of [false, true]) {
    it.effect(`is the LSTM, with its gradients and masks, ${reverse ? "against" : "with"} time`, () =>
      onWasm(() => {
        type X = Layers.Masked & Layers.Resumed
        const own: Layers.Any = Layers.scan(lstmCell, { state, returns: "state", reverse })
        const theirs: Layers.Any = Layers.lstm<X>(UNITS, { returns: "state", reverse })
        const shapes = { x: [null, 3], mask: [null], state }
        const from = Result.getOrThrow(own.init(Key.make(1), shapes))
        const expected = Result.getOrThrow(theirs.init(Key.make(1), shapes))
        assert.deepStrictEqual(from.output, expected.output)
        close(from.params, expected.params, "params")
        const at = {
          params: from.params,
          x: randomTensor(1, [3, 4, 3]),
          state: { hidden: randomTensor(2, [3, UNITS]), cells: randomTensor(3, [3, UNITS]) }
        }
        // All that count: what is given where none does yet is another thing.
        const mask = tf.tensor2d(
          reverse ? [[0, 0, 1, 1], [1, 1, 1, 1], [0, 1, 0, 1]] : [[1, 1, 0, 0], [1, 1, 1, 1], [1, 0, 1, 0]]
        )
        const run = (layer: Layers.Any, state: Tree.Tree) => (given: typeof at) =>
          layer.apply(given.params, state, { x: given.x, mask, state: given.state }, mode)[0]
        const [mine, other] = [run(own, from.state), run(theirs, {})]
        close(mine(at), other(at), "values")
        const gradient = (f: (given: typeof at) => Tree.Tree) =>
          Autodiff.valueAndGrad((given: typeof at) => [
            tf.addN(Tree.leaves(f(given)).map((y, i) => tf.sum(tf.mul(tf.sin(y), randomTensor(9 + i, y.shape))))),
            0
          ])(at).grads
        close(gradient(mine), gradient(other), "gradients")
      }))
  }

  it.effect("goes on over time to the bit, from a state that it is given too", () =>
    onWasm(() => {
      const model = Layers.serial(Layers.scan(lstmCell, { state }), Layers.dense(2)), x = randomTensor(1, [2, 6, 3])
      const start = Result.getOrThrow(model.init(Key.make(1), [null, 3]))
      const [whole] = model.apply(start.params, start.state, x, mode)
      for (const going of [Layers.stateful(model), Layers.stateful(model, { batch: 2 })]) {
        let carried = Result.getOrThrow(going.init(Key.make(1), [null, 3])).state
        const ys = tf.split(x, [1, 2, 3], 1).map((piece) => {
          const [y, next] = going.apply(start.params, carried, piece, mode)
          carried = next
          return y
        })
        assert.deepStrictEqual(bits(tf.concat(ys, 1)), bits(whole))
        const other = tf.zeros([3, 1, 3])
        assert.throws(() => going.apply(start.params, carried, other, mode), "scan) expects a batch of 2")
      }
    }))
})

type One = Layers.CellInput<tf.Tensor>
type Given = Layers.CellOutput<tf.Tensor>

describe("a scan", () => {
  it.effect("carries the cell's own state from step to step, and has a key for each", () =>
    onWasm(() => {
      const cell = Layers.make<{}, { readonly calls: number }, One, Given>({
        name: "noisy",
        init: (_, { state, x }) => Result.succeed({ params: {}, state: { calls: 0 }, output: { y: x, state } }),
        apply: (_, { calls }, { state, x }, { key }) => {
          const y = tf.add(x, tf.tensor1d(Random.normal(key, 1)))
          return [{ y, state: tf.add(state, y) }, { calls: calls + 1 }]
        }
      })
      const layer = Layers.scan(cell, { state: [1], returns: "last" })
      const start = Result.getOrThrow(layer.init(Key.make(1), [3, 1]))
      assert.deepStrictEqual(start.state, { cell: { calls: 0 } })
      const all = Layers.scan(cell, { state: [1] }), x = tf.zeros([1, 3, 1])
      const [y, next] = all.apply({}, start.state, x, mode)
      assert.deepStrictEqual(next, { cell: { calls: 3 } })
      const noise = [0, 1, 2].map((i) => Random.normal(Key.fold(mode.key, i), 1)[0]!)
      assert.deepStrictEqual(bits(y), noise)
      assert.deepStrictEqual(bits(layer.apply({}, start.state, x, mode)[0]), noise.slice(2))
    }))

  it.effect("gives of a step that does not count what the step before gave", () =>
    onWasm(() => {
      const sum = Layers.lambda<One, Given>("sum", {
        shape: ({ state, x }) => ({ y: x, state }),
        apply: ({ state, x }) => ({ y: tf.mul(tf.add(state, x), 10), state: tf.add(state, x) })
      })
      const layer = Layers.scan<{}, {}, tf.Tensor, Layers.Masked>(sum, { state: [1] })
      const given = { x: tf.tensor3d([[[1], [2], [3]], [[1], [2], [3]]]), mask: tf.tensor2d([[0, 1, 0], [1, 0, 1]]) }
      const [{ mask, x }] = layer.apply({}, { cell: {} }, given, mode)
      assert.deepStrictEqual(bits(x), [0, 20, 20, 10, 10, 40])
      assert.strictEqual(mask, given.mask)
      const last = Layers.scan<{}, {}, tf.Tensor, Layers.Masked>(sum, { state: [1], returns: "last" })
      assert.deepStrictEqual(bits(last.apply({}, { cell: {} }, given, mode)[0]), [20, 40])
    }))

  it.effect("refuses what does not fit", () =>
    onWasm(() => {
      const own = (given: (state: tf.Tensor) => unknown, shape: unknown = [2]) =>
        Layers.scan(
          Layers.lambda<One, Given>("own", {
            shape: () => ({ y: [1], state: shape as never }),
            apply: ({ state, x }) => ({ y: x, state: given(state) as tf.Tensor })
          }),
          { state: [2] }
        )
      const said = (layer: Layers.Any, input: unknown) =>
        Result.getFailure(layer.init(Key.make(0), input)).valueOrUndefined?.message
      assert.strictEqual(
        said(own((state) => state, [3]), [4, 1]),
        "scan expects a cell that gives y, and a state of [2], got { y: [1], state: [3] }"
      )
      const layer = own((state) => state)
      assert.strictEqual(said(layer, []), "scan expects [time, ...], got []")
      assert.strictEqual(said(layer, { x: [4, 1], state: [3] }), "scan expects a state of [2], got [3]")
      const run = (layer: Layers.Any, x: unknown) => () => layer.apply({}, { cell: {} }, x, mode)
      const x = tf.zeros([2, 3, 1])
      assert.throws(
        run(layer, tf.zeros([2, 0, 1])),
        "scan expects x [batch, time, ...] of at least one step, got [2, 0, 1]"
      )
      assert.throws(run(layer, { x, mask: tf.ones([2, 4]) }), "scan expects a mask of [2, 3], as its x, got [2, 4]")
      assert.throws(run(layer, { x, state: tf.zeros([3, 2]) }), "a state of [2] for each of 2 examples, got [3, 2]")
      assert.throws(
        run(own(() => tf.zeros([2, 3])), x),
        "scan expects a cell that gives y, and a state of [2], got { y, state }"
      )
      const cell = Layers.lambda<One, Given>("own", {
        shape: ({ state, x }) => ({ y: x, state }),
        apply: ({ state, x }) => ({ y: x, state })
      })
      for (const state of [[0], [null], 3, { a: "x" }, undefined]) {
        assert.throws(
          () => Layers.scan(cell, { state: state as never }),
          RangeError,
          "scan: state is a shape, or a tree of them"
        )
      }
      assert.throws(
        () => Layers.scan(cell, { state: [2], reverse: true, stateful: true }),
        RangeError,
        "scan: one that goes against time carries no state"
      )
    }))
})
