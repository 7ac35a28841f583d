import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Backend, Key, Layers } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

const mode = { training: false, key: Key.make(0) }, options = { size: 7, features: 4 }

const onWasm = (check: () => void) => Effect.provide(leavesNoTensor(Backend.tensors("tied", check)), Backend.layerWasm)

const ids = () => tf.tensor2d([[6, 0, 3, 3, 1], [2, 5, 0, 1, 6]], [2, 5], "int32")

const body = Layers.sequence(
  ["positions", Layers.positions({ length: 6 })],
  ["blocks", Layers.transformerEncoder({ layers: 1, features: 4, heads: 2, causal: true })]
)

describe("tied", () => {
  it.effect("gives hidden values and the table in place of their products", () =>
    onWasm(() => {
      const logits = Layers.tied(options, body), hidden = Layers.tied({ ...options, returns: "hidden" }, body)
      const { params, state } = Result.getOrThrow(logits.init(Key.make(1), [null]))
      assert.deepStrictEqual(Result.getOrThrow(hidden.init(Key.make(1), [null])).output, {
        hidden: [null, 4],
        table: [7, 4]
      })
      const [y] = logits.apply(params, state, ids(), mode), [parts] = hidden.apply(params, state, ids(), mode)
      expectTypeOf(parts).toEqualTypeOf<{ readonly hidden: tf.Tensor; readonly table: tf.Tensor }>()
      assert.strictEqual(parts.table, params.table)
      assertClose(tf.einsum("btf,vf->btv", parts.hidden, parts.table), y, 1e-6)
    }))

  it.effect("takes ids with a mask, which goes on", () =>
    onWasm(() => {
      const masked = Layers.transformerEncoder<Layers.Masked>({ layers: 1, features: 4, heads: 2 })
      const layer = Layers.tied(options, masked), hidden = Layers.tied({ ...options, returns: "hidden" }, masked)
      const { output, params, state } = Result.getOrThrow(layer.init(Key.make(1), { x: [null], mask: [null] }))
      assert.deepStrictEqual(output, { x: [null, 7], mask: [null] })
      const given = { x: ids(), mask: tf.tensor2d([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]) }
      assert.strictEqual(layer.apply(params, state, given, mode)[0].mask, given.mask)
      assert.strictEqual(hidden.apply(params, state, given, mode)[0].mask, given.mask)
      assert.deepStrictEqual(Result.getOrThrow(hidden.init(Key.make(1), { x: [null], mask: [null] })).output, {
        hidden: [null, 4],
        table: [7, 4],
        mask: [null]
      })
    }))

  const bodies: ReadonlyArray<Omit<Layers.TransformerBlockOptions, "features" | "heads">> = [
    {},
    { positions: "rotary", norm: "rms", activation: "swiglu", bias: false, keyHeads: 1, size: 6 },
    { positions: "alibi", postNorm: true, activation: "relu" },
    { positions: "relative", window: 7, units: 9 }
  ]
  for (const [i, options] of bodies.entries()) {
    it.effect(`makes a language model that goes on over time, to the bit, of ${JSON.stringify(options)}`, () =>
      onWasm(() => {
        const features = 10 + 5 * i, shape = { size: 23, features }
        const blocks = Layers.transformerEncoder({ layers: 2, features, heads: 5, causal: true, ...options })
        const model = Layers.tied(shape, Layers.sequence(["positions", Layers.positions()], ["blocks", blocks]))
        const { params, state } = Result.getOrThrow(model.init(Key.make(1), [null]))
        // More than the kernel of attention goes through at once.
        const words = tf.cast(tf.floor(tf.mul(tf.sigmoid(randomTensor(1, [2, 110])), 23)), "int32")
        const [whole] = model.apply(params, state, words, mode)
        const going = Layers.stateful(model)
        let carried = state, at = 0
        const ys = [90, 4, ...Array<number>(16).fill(1)].map((length) => {
          const [y, next] = going.apply(params, carried, tf.slice(words, [0, at], [2, length]), mode)
          at += length
          carried = next
          return y
        })
        assert.deepStrictEqual([...tf.concat(ys, 1).dataSync()], [...whole.dataSync()])
      }))
  }

  it("refuses a body that does not give the features of the table", () => {
    const wrong = Layers.tied(options, Layers.dense(3))
    assert.strictEqual(
      Result.getFailure(wrong.init(Key.make(1), [5])).valueOrUndefined?.message,
      "tied expects a body that gives [..., 4], got one that gives [5, 3]"
    )
  })

  it.effect("refuses ids that are out of range", () =>
    onWasm(() => {
      const layer = Layers.tied(options, Layers.dense(4)),
        { params, state } = Result.getOrThrow(layer.init(Key.make(1), []))
      assert.throws(
        () => layer.apply(params, state, tf.tensor1d([7], "int32"), mode),
        "tied expects ids from 0 to 6, got 7"
      )
    }))

  it.effect("counts the products with the table", () =>
    Effect.provide(
      Effect.map(Layers.summary(Layers.tied(options, Layers.dense(4)), [5]), (summary) => {
        const { multiplyAdds, parameters, rows } = summary
        assert.strictEqual(multiplyAdds, 5 * (16 + 28))
        assert.strictEqual(parameters, 28 + 20)
        assert.deepStrictEqual(rows.map(({ depth, parameters, path }) => [path, depth, parameters]), [
          ["", 0, 48],
          ["body", 1, 20]
        ])
        assert.deepStrictEqual(Layers.formatSummary(summary).split("\n").filter((line) => !line.startsWith("─")), [
          "layer   kind                      output  parameters  multiply-adds",
          "        tied(size 7, features 4)  [5, 7]          28            140",
          "  body  dense(4)                  [5, 4]          20             80",
          "total   192 bytes                                 48            220"
        ])
      }),
      Backend.layerWasm
    ))
})
