import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Backend, Key, Layers } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"
import { checkSequence, sequenceCases } from "../../support/referenceSequences.ts"
import type { SequenceCase } from "../../support/referenceSequences.ts"

const layers: { readonly [name: string]: (config: SequenceCase["config"]) => Layers.Any } = {
  attention: (config) => Layers.attention(config),
  crossAttention: (config) => Layers.crossAttention(config),
  transformerBlock: (config) => Layers.transformerBlock(config),
  tied: (config) => Layers.tied(config, Layers.serial(Layers.dense(3), Layers.tanh))
}

for (const [backend, backendLayer] of backends) {
  describe(`transformers on ${backend}`, () => {
    for (const c of sequenceCases("transformer")) {
      it.effect(`${c.name} ${JSON.stringify(c.config)} of ${Object.keys(c.inputs)}`, () =>
        Effect.provide(
          leavesNoTensor(Backend.tensors(c.name, () => checkSequence(layers[c.name]!(c.config), c))),
          backendLayer
        ))
    }
  })
}

const mode = { training: false, key: Key.make(0) }

const onWasm = (check: () => void) =>
  Effect.provide(leavesNoTensor(Backend.tensors("transformer", check)), Backend.layerWasm)

const data = (x: tf.Tensor) => [...x.dataSync()]

const LAYERS_OF_ONE = { features: 4, heads: 2, units: 6 }

const LAYERS = { layers: 2, ...LAYERS_OF_ONE }

describe("transformerEncoder", () => {
  it.effect("is its blocks and a norm, of a sequence with a mask too", () =>
    onWasm(() => {
      const encoder = Layers.transformerEncoder<Layers.Masked>(LAYERS)
      const { output, params, state } = Result.getOrThrow(encoder.init(Key.make(1), { x: [null, 4], mask: [null] }))
      assert.deepStrictEqual(output, { x: [null, 4], mask: [null] })
      const x = { x: randomTensor(1, [2, 3, 4]), mask: tf.tensor2d([[1, 1, 1], [1, 1, 0]]) }
      const [y] = encoder.apply(params, state, x, mode)
      const block = Layers.transformerBlock<Layers.Masked>(LAYERS_OF_ONE)
      const through = (given: Layers.Masked, name: "block0" | "block1") =>
        block.apply(params[name]!, state[name] as Layers.TransformerBlockState, given, mode)[0]
      const last = through(through(x, "block0"), "block1")
      const expected = Layers.layerNorm().apply(params.norm as Layers.Affine, {}, last.x, mode)[0]
      assert.strictEqual(y.mask, x.mask)
      assertClose(y.x, expected, 0)
      // What is masked is not seen.
      const other = { ...x, x: tf.add(x.x, tf.tensor3d([0, 0, 0, 0, 0, 5], [2, 3, 1])) }
      const [again] = encoder.apply(params, state, other, mode)
      assertClose(tf.slice(again.x, 0, [2, 2, 4]), tf.slice(y.x, 0, [2, 2, 4]), 0)
    }))

  it.effect("has no norm behind blocks that are post-norm", () =>
    onWasm(() => {
      const encoder = Layers.transformerEncoder({ ...LAYERS, postNorm: true, norm: "rms" })
      const { params } = Result.getOrThrow(encoder.init(Key.make(1), [null, 4]))
      assert.deepStrictEqual(Object.keys(params), ["block0", "block1"])
      assert.deepStrictEqual(Object.keys(params.block0!.attentionNorm), ["scale"])
    }))

  it.effect("is described and built, seen into, and summed up", () =>
    onWasm(() => {
      const encoder = Layers.transformerEncoder({ ...LAYERS, positions: "relative", activation: "swiglu" })
      const json = JSON.parse(JSON.stringify(Result.getOrThrow(Layers.describe(encoder))))
      const built = Result.getOrThrow(Layers.build(Layers.kinds)(json)), x = randomTensor(1, [2, 3, 4])
      const { params, state } = Result.getOrThrow(encoder.init(Key.make(1), [3, 4]))
      assert.deepStrictEqual(
        data(built.apply(params, state, x, mode)[0]),
        data(encoder.apply(params, state, x, mode)[0])
      )
      assert.deepStrictEqual(
        Layers.activations(encoder, params, state, x).map(([path]) => path).filter((path) => path.startsWith("block1")),
        [
          ...[
            "attentionNorm",
            "attention",
            "feedForwardNorm",
            "feedForward.hidden",
            "feedForward.output",
            "feedForward"
          ]
            .map((path) => `block1.${path}`),
          "block1"
        ]
      )
    }))

  it.effect("has multiply-adds for each step", () =>
    Effect.provide(
      Effect.map(Layers.summary(Layers.transformerEncoder(LAYERS), [5, 4]), ({ multiplyAdds, parameters, rows }) => {
        // A norm, the products of attention and those of the feed-forward part.
        assert.strictEqual(multiplyAdds, 5 * (2 * (2 * 4 + 4 * 12 + 4 * 4 + 2 * 4 * 6) + 4))
        assert.strictEqual(parameters, 2 * (2 * 8 + 4 * 16 + 16 + 2 * 24 + 10) + 8)
        assert.deepStrictEqual(rows.filter(({ depth }) => depth === 1).map(({ path }) => path).slice(0, 4), [
          "block0.attentionNorm",
          "block0.attention",
          "block0.feedForwardNorm",
          "block0.feedForward"
        ])
      }),
      Backend.layerWasm
    ))

  it("is refused as stateful where it is not causal, with the path", () => {
    assert.throws(
      () => Layers.stateful(Layers.named({ body: Layers.transformerEncoder(LAYERS) })),
      RangeError,
      "stateful: body.block0.attention (attention(heads 2)) cannot go on over time: attention: one that is not causal"
    )
  })
})

describe("transformerDecoder", () => {
  const decoder = Layers.transformerDecoder(LAYERS)

  it.effect("sees what stands before a step, and all of the memory", () =>
    onWasm(() => {
      const { output, params, state } = Result.getOrThrow(
        decoder.init(Key.make(1), { x: [null, 4], memory: [null, 5] })
      )
      assert.deepStrictEqual(output, [null, 4])
      const x = randomTensor(1, [1, 4, 4]), memory = randomTensor(2, [1, 3, 5])
      const given = (x: tf.Tensor, memory: tf.Tensor | Layers.Masked) =>
        decoder.apply(params, state, { x, memory }, mode)[0]
      const y = given(x, memory),
        step = (t: number) => tf.mul(tf.reshape(tf.oneHot(t, 4), [1, 4, 1]), randomTensor(3, [4]))
      const differs = (other: tf.Tensor) => data(tf.max(tf.abs(tf.sub(other, y)), 2)).map((value) => value > 1e-4)
      assert.deepStrictEqual(differs(given(tf.add(x, step(2)), memory)), [false, false, true, true])
      assert.deepStrictEqual(differs(given(x, tf.add(memory, 1))), [true, true, true, true])
      const masked = { x: tf.concat([memory, tf.ones([1, 2, 5])], 1), mask: tf.tensor2d([[1, 1, 1, 0, 0]]) }
      assertClose(given(x, masked), y, 1e-5)
    }))

  it.effect("goes on over time with the memory beside it, to the bit", () =>
    onWasm(() => {
      const going = Layers.stateful(decoder), memory = randomTensor(2, [2, 3, 4]), x = randomTensor(1, [2, 6, 4])
      const { params, state } = Result.getOrThrow(decoder.init(Key.make(1), { x: [null, 4], memory: [null, 4] }))
      const [whole] = decoder.apply(params, state, { x, memory }, mode)
      let carried = state
      const ys = [2, 1, 1, 2].map((length, i) => {
        const piece = tf.slice(x, [0, [0, 2, 3, 4][i]!], [2, length])
        const [y, next] = going.apply(params, carried, { x: piece, memory }, mode)
        carried = next
        return y
      })
      assert.deepStrictEqual(data(tf.concat(ys, 1)), data(whole))
    }))
})

describe("an encoder and a decoder in a graph", () => {
  it.effect("take a mask of what is read along", () =>
    onWasm(() => {
      const translator = Layers.graph(
        { inputs: { source: "source", mask: "mask", target: "target" } },
        ["read", Layers.embedding({ size: 9, features: 4 }), "source"],
        ["memory", Layers.transformerEncoder<Layers.Masked>(LAYERS), { x: "read", mask: "mask" }],
        ["written", Layers.embedding({ size: 9, features: 4 }), "target"],
        ["decoder", Layers.transformerDecoder(LAYERS), { x: "written", memory: "memory" }],
        ["head", Layers.dense(9)]
      )
      const input = { source: [null], mask: [null], target: [null] }
      const { output, params, state } = Result.getOrThrow(translator.init(Key.make(1), input))
      assert.deepStrictEqual(output, [null, 9])
      const target = tf.tensor2d([[1, 2, 3]], [1, 3], "int32")
      const given = (source: ReadonlyArray<number>, mask: ReadonlyArray<number>) => {
        const x = {
          source: tf.tensor2d([[...source]], [1, source.length], "int32"),
          mask: tf.tensor2d([[...mask]]),
          target
        }
        return translator.apply(params, state, x, mode)[0]
      }
      assertClose(given([5, 6, 0, 0], [1, 1, 0, 0]), given([5, 6], [1, 1]), 1e-5)
      assert.isAbove(tf.max(tf.abs(tf.sub(given([5, 6, 0], [1, 1, 1]), given([5, 6], [1, 1])))).dataSync()[0]!, 1e-3)
    }))
})

describe("transformerBlock", () => {
  it("refuses options that are not as said", () => {
    const refused: ReadonlyArray<readonly [object, string]> = [
      [{ features: 0 }, "transformerBlock: features is a positive integer, got 0"],
      [{ norm: "batch" }, `transformerBlock: norm is "layer" or "rms", got "batch"`],
      [
        { activation: "tanh" },
        `transformerBlock: activation is "gelu" or "geluTanh" or "relu" or "swiglu", got "tanh"`
      ],
      [{ dropout: 1 }, "attention: dropout is a number from 0 to below 1, got 1"],
      [{ hidden: 3 }, "attention: there is no option hidden, only heads"]
    ]
    for (const [options, message] of refused) {
      assert.throws(() => Layers.transformerBlock({ ...LAYERS_OF_ONE, ...options }), RangeError, message)
    }
    assert.throws(
      () => Layers.transformerEncoder({ ...LAYERS, layers: 0 }),
      RangeError,
      "layers is a positive integer, got 0"
    )
    assert.strictEqual(
      Result.getFailure(Layers.build(Layers.kinds)({ kind: "transformerBlock", children: { a: { kind: "relu" } } }))
        .valueOrUndefined?.message,
      `description: expected a transformerBlock that can be made, found "transformerBlock: children are a norm and a ` +
        `layer of each part, got a"`
    )
  })

  it.effect("drops values in training, those that the key says", () =>
    onWasm(() => {
      const block = Layers.transformerBlock({ ...LAYERS_OF_ONE, dropout: 0.5 }), x = randomTensor(1, [2, 3, 4])
      const { params, state } = Result.getOrThrow(block.init(Key.make(1), [3, 4]))
      const given = (training: boolean, seed: number) =>
        data(block.apply(params, state, x, { training, key: Key.make(seed) })[0])
      assert.deepStrictEqual(given(true, 1), given(true, 1))
      assert.notDeepEqual(given(true, 1), given(true, 2))
      assert.deepStrictEqual(
        given(false, 1),
        data(Layers.transformerBlock(LAYERS_OF_ONE).apply(params, state, x, mode)[0])
      )
    }))
})
