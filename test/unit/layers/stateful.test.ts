import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Backend, Key, Layers, Tree } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { randomTensor } from "../../support/numbers.ts"

const { bidirectional, dense, dropout, each, embedding, flatten, frozen, gru, graph, lstm, rnn } = Layers
const mode = { training: false, key: Key.make(0) }

const onWasm = (check: () => void) =>
  Effect.provide(leavesNoTensor(Backend.tensors("stateful", check)), Backend.layerWasm)

/** What a model gives for pieces of such lengths, one after the other. */
const inPieces = (
  model: Layers.Any,
  params: Tree.Tree,
  state: Tree.Tree,
  x: tf.Tensor,
  lengths: ReadonlyArray<number>
) => {
  let carried = state, at = 0
  const ys = lengths.map((length) => {
    const begin = x.shape.map((_, axis) => axis === 1 ? at : 0)
    const piece = tf.slice(x, begin, x.shape.map((n, axis) => axis === 1 ? length : n))
    const [y, next] = model.apply(params, carried, piece, mode)
    at += length
    carried = next
    return y as tf.Tensor
  })
  return { ys, carried }
}

const bits = (x: tf.Tensor) => [...x.dataSync()]

const text = Layers.named({
  words: embedding({ size: 7, features: 5 }),
  places: Layers.positions({ length: 20 }),
  low: lstm(17),
  norm: Layers.batchNorm(),
  drop: dropout(0.5),
  body: Layers.residual(Layers.named({ high: gru(17), wide: dense(17) })),
  slow: frozen(rnn(9)),
  head: dense(7),
  classes: Layers.logSoftmax
})

const words = (batch: number, time: number) =>
  tf.cast(tf.floor(tf.mul(tf.sigmoid(randomTensor(batch, [batch, time])), 7)), "int32")

describe.each(backends)("a stateful model on %s", (name, backend) => {
  it.effect("gives for pieces what the model gives for the whole, to the bit", () =>
    Effect.provide(
      Backend.tensors("pieces", () => {
        for (const batch of name === "cpu" ? [2] : [1, 3, 40]) {
          const { params, state } = Result.getOrThrow(text.init(Key.make(1), [null])), ids = words(batch, 6)
          const [whole] = text.apply(params, state, ids, mode)
          for (const going of [Layers.stateful(text), Layers.stateful(text, { batch })]) {
            const initial = Result.getOrThrow(going.init(Key.make(1), [null]))
            assert.deepStrictEqual(Tree.leaves(initial.params).map(bits), Tree.leaves(params).map(bits))
            // A state of the model itself is one to start from too.
            for (const start of [initial.state, state]) {
              for (const lengths of [[6], [4, 2], Array<number>(6).fill(1)]) {
                const { carried, ys } = inPieces(going, params, start, ids, lengths)
                assert.deepStrictEqual(bits(tf.concat(ys, 1)), bits(whole), `${batch} in ${lengths}`)
                // What the model itself makes of that state is as of its own.
                assert.deepStrictEqual(bits(text.apply(params, carried as typeof state, ids, mode)[0]), bits(whole))
              }
            }
          }
        }
      }).pipe(leavesNoTensor),
      backend
    ))
})

const twice = (layer: Layers.Any): Layers.Any => graph({ inputs: "x" }, ["twice", layer, ["x", "x"] as never])

/** Kinds that take the steps of a sequence one by one; the only layers of theirs are tested by their own names. */
const perStep: { readonly [kind: string]: Layers.Any } = {
  add: twice(Layers.add("0", "1")),
  batchNorm: Layers.batchNorm(),
  concatenate: twice(Layers.concatenate("0", "1")),
  dense: dense(4),
  dropout: dropout(0.5),
  each: graph(
    { inputs: "x" },
    ["each", each({ a: dense(2), b: gru(2) }), { a: "x", b: "x" }],
    ["both", Layers.concatenate("a", "b")]
  ),
  embedding: embedding({ size: 7, features: 2 }),
  frozen: frozen(gru(2)),
  gaussianNoise: Layers.gaussianNoise(0.5),
  graph: graph({ inputs: "x" }, ["a", dense(3)], ["b", gru(2)]),
  layerNorm: Layers.layerNorm(),
  leakyRelu: Layers.leakyRelu(),
  lora: Layers.lora(gru(2), { rank: 1 }),
  multiply: twice(Layers.multiply("0", "1")),
  named: Layers.named({ a: gru(2), b: dense(2) }),
  parallel: Layers.parallel({ a: gru(2), b: dense(2) }),
  rescale: Layers.rescale({ scale: 2 }),
  residual: Layers.residual(rnn(3)),
  rmsNorm: Layers.rmsNorm(),
  sequence: Layers.sequence(["a", gru(2)], ["b", dense(2)]),
  serial: Layers.serial(gru(2), dense(2)),
  spectralNorm: Layers.spectralNorm(gru(2)),
  swiglu: Layers.swiglu(2),
  transformerBlock: Layers.transformerBlock({ features: 3, heads: 1, causal: true }),
  timeDistributed: Layers.timeDistributed(Layers.serial(Layers.reshape([3, 1]), Layers.gru(2)))
}

/** Of a memory, which is not one of steps, of ids, and of those that give more than one tensor. */
const others = new Set(["crossAttention", "tied", "adaptiveSoftmax", "candidates"])

describe("every kind that says it is per step", () => {
  for (const like of Layers.kinds) {
    const layer = "configuration" in like ? like as Layers.Any : undefined
    const kind = "kind" in like ? like.kind! : layer!.configuration!.kind
    if (kind.makes !== "layer" || !(kind.perStep?.({ axes: 1 }) ?? false)) continue
    if (others.has(kind.name)) continue
    it.effect(kind.name, () =>
      onWasm(() => {
        const model = layer ?? perStep[kind.name]!, x = tf.reshape(tf.cast(words(2, 18), "float32"), [2, 6, 3])
        const { params, state } = Result.getOrThrow(model.init(Key.make(1), [null, 3]))
        const [whole] = model.apply(params, state, x, mode)
        const { ys } = inPieces(Layers.stateful(model), params, state, x, [1, 2, 3])
        assert.deepStrictEqual(bits(tf.concat(ys, 1)), bits(whole))
      }))
  }
})

describe("a stateful model", () => {
  it.effect("gives the last state of each piece, and leaves it where the mask is 0", () =>
    onWasm(() => {
      const last = lstm(4, { returns: "last" }), x = randomTensor(1, [2, 6, 3])
      const { params } = Result.getOrThrow(last.init(Key.make(1), [6, 3]))
      const { ys } = inPieces(Layers.stateful(last), params, {}, x, [1, 2, 3])
      assert.deepStrictEqual(bits(ys[2]!), bits(last.apply(params, {}, x, mode)[0]))

      const masked = gru<Layers.Masked>(4, { stateful: true }), mask = tf.tensor2d([[1, 1, 0], [0, 0, 0]])
      const start = Result.getOrThrow(masked.init(Key.make(1), { x: [3, 3], mask: [3] }))
      assert.deepStrictEqual(Tree.shapes(start.state), { hidden: [0, 4] })
      const piece = { x: randomTensor(2, [2, 3, 3]), mask }
      const [, next] = masked.apply(start.params, start.state, piece, mode)
      const { hidden } = next as { readonly hidden: tf.Tensor }
      assert.isTrue(bits(tf.slice(hidden, 1, 1)).every((value) => value === 0))
      const [, after] = masked.apply(start.params, next, { ...piece, mask: tf.zeros([2, 3]) }, mode)
      assert.deepStrictEqual(Tree.leaves(after).map(bits), [bits(hidden)])
    }))

  it.effect("starts from the state that a sequence has, and goes on from its own", () =>
    onWasm(() => {
      const layer = gru<Layers.Resumed>(4), x = randomTensor(1, [2, 6, 3]), state = { hidden: randomTensor(2, [2, 4]) }
      const { params } = Result.getOrThrow(layer.init(Key.make(1), { x: [6, 3], state: { hidden: [4] } }))
      const going = Layers.stateful(layer), [start, end] = tf.split(x, [2, 4], 1)
      const [first, next] = going.apply(params, {}, { x: start!, state }, mode)
      const [second] = going.apply(params, next, { x: end!, state }, mode)
      const [whole] = layer.apply(params, {}, { x, state }, mode)
      assert.deepStrictEqual(bits(tf.concat([first, second], 1)), bits(whole))
    }))

  it.effect("refuses a batch of another size than its state", () =>
    onWasm(() => {
      const model = Layers.stateful(Layers.named({ memory: lstm(4) }), { batch: 3 })
      const { params, state } = Result.getOrThrow(model.init(Key.make(1), [null, 2]))
      assert.deepStrictEqual(Tree.shapes(state), { memory: { hidden: [3, 4], cells: [3, 4] } })
      assert.throws(
        () => model.apply(params, state, tf.zeros([2, 5, 2]), mode),
        "memory (lstm) expects a batch of 3, as those whose state it goes on from, got one of 2"
      )
    }))

  it.effect("refuses a state beside a sequence where one for the batch is there already", () =>
    onWasm(() => {
      const layer = gru<Layers.Resumed>(4, { stateful: 2 }),
        expected = "gru expects no state beside x, as it carries one itself, got one"
      const shapes = { x: [6, 3], state: { hidden: [4] } }
      assert.strictEqual(Result.getFailure(layer.init(Key.make(1), shapes)).valueOrUndefined?.message, expected)
      const { params, state } = Result.getOrThrow(gru(4, { stateful: 2 }).init(Key.make(1), [6, 3]))
      const resumed = { x: tf.zeros([2, 6, 3]), state: { hidden: tf.ones([2, 4]) } }
      assert.throws(() => layer.apply(params, state, resumed, mode), expected)
    }))

  it("is written in a description, and made of one that is stateful", () => {
    const model = Layers.stateful(Layers.named({ memory: lstm(4) }), { batch: 3 })
    assert.strictEqual(model.name, "named(memory: lstm(4, stateful 3))")
    const built = Layers.build(Layers.kinds)(Result.getOrThrow(Layers.describe(model)))
    assert.strictEqual(Result.getOrThrow(built).name, model.name)
    assert.strictEqual(Layers.stateful(model).name, "named(memory: lstm(4, stateful))")
  })

  it("is refused of what cannot go on, with its path", () => {
    const steps = Layers.kind("steps", { options: {}, perStep: true, make: () => Layers.activation("steps", tf.abs) })
    const cases: ReadonlyArray<readonly [model: Layers.Any, said: string]> = [
      [flatten, "stateful: flatten cannot go on over time"],
      [
        Layers.named({ encoder: Layers.named({ both: bidirectional(gru(2)) }) }),
        "stateful: encoder.both (bidirectional(forward: gru(2), backward: gru(2, reverse))) cannot go on over time"
      ],
      [
        Layers.serial(dense(2), Layers.residual(lstm(2, { reverse: true }))),
        "stateful: 1 (lstm(2, reverse)) cannot go on over time: lstm: one that goes against time carries no state"
      ],
      [each({ x: Layers.layerNorm({ axes: 2 }) }), "stateful: x (layerNorm(axes 2)) cannot go on over time"],
      [
        graph({ inputs: "x" }, ["own", Layers.activation("own", (x) => tf.reverse(x, 1))]),
        "stateful: own (own) is of no kind, which would say what it does over time"
      ],
      [{ ...dense(2), apply: () => [tf.zeros([1]), {}] }, "stateful: dense(2) is of no kind"]
    ]
    for (const [model, said] of cases) assert.throws(() => Layers.stateful(model), RangeError, said)
    for (const batch of [0, -1, 1.5]) {
      assert.throws(() => Layers.stateful(lstm(2), { batch }), RangeError, "stateful: batch is a positive integer, got")
    }
    assert.throws(() => lstm(2, { stateful: 0 }), "lstm: stateful is true, false, or how many examples a batch has")
    assert.strictEqual(Layers.stateful(steps()).name, "steps")
  })
})
