import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Autodiff, Backend, Key, Layers, Tree } from "effect-neuron"
import { bucketOf, slopesOf } from "../../../src/layers/distances.ts"
import { leavesNoTensor } from "../../support/backend.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

const mode = { training: false, key: Key.make(0) }

const onWasm = (check: () => void) =>
  Effect.provide(leavesNoTensor(Backend.tensors("transformer", check)), Backend.layerWasm)

const data = (x: tf.Tensor) => [...x.dataSync()]

const attentions: ReadonlyArray<Omit<Layers.AttentionOptions, "stateful">> = [
  { heads: 2 },
  { heads: 4, keyHeads: 2, positions: "rotary" },
  { heads: 2, positions: "alibi", bias: false },
  { heads: 2, positions: "relative" },
  { heads: 1, size: 6, window: 3, positions: "rotary" }
]

/** What a layer gives for pieces of such lengths, one after the other, as one. */
const inPieces = (
  layer: Layers.Any,
  params: Tree.Tree,
  state: Tree.Tree,
  x: tf.Tensor | Layers.Masked,
  lengths: ReadonlyArray<number>
) => {
  let carried = state, at = 0
  const ys = lengths.map((length) => {
    const piece = Tree.map(x as Tree.Tree, (part: tf.Tensor) => tf.slice(part, [0, at], [part.shape[0]!, length]))
    const [y, next] = layer.apply(params, carried, piece, mode)
    at += length
    carried = next
    return Tree.isTensor(y) ? y : (y as Layers.Masked).x
  })
  return { y: tf.concat(ys, 1), carried }
}

describe("attention that is stateful", () => {
  for (const options of attentions) {
    const whole = Layers.attention({ ...options, causal: true })
    it.effect(`gives for pieces what ${whole.name} gives for the whole, to the bit`, () =>
      onWasm(() => {
        const x = randomTensor(1, [3, 9, 8]), { params, state } = Result.getOrThrow(whole.init(Key.make(1), [null, 8]))
        const given = Tree.map(params, (p, path) => tf.add(p, randomTensor(path.length, p.shape, 0.3)))
        const [expected] = whole.apply(given, state, x, mode)
        for (const stateful of options.window === undefined ? [true] as const : [true, 3] as const) {
          const layer = Layers.attention({ ...options, causal: true, stateful })
          const initial = Result.getOrThrow(layer.init(Key.make(1), [null, 8]))
          // A state of the layer itself is one to start from too.
          for (const start of [initial.state, state]) {
            for (const lengths of [[9], [5, 4], [1, 1, 1, 1, 1, 1, 1, 1, 1]]) {
              const { carried, y } = inPieces(layer, given, start, x, lengths)
              assert.deepStrictEqual(data(y), data(expected), `in ${lengths}`)
              assert.strictEqual((carried as Layers.AttentionState).position, 9)
            }
          }
        }
      }))
  }

  it.effect("does not see later what a mask hides", () =>
    onWasm(() => {
      const layer = Layers.attention<Layers.Masked>({ heads: 2, causal: true, stateful: true })
      const { params, state } = Result.getOrThrow(layer.init(Key.make(1), { x: [null, 4], mask: [null] }))
      const mask = tf.tensor2d([[0, 1, 1, 1, 1], [1, 1, 0, 0, 1]]), x = randomTensor(1, [2, 5, 4])
      const [expected] = layer.apply(params, state, { x, mask }, mode)
      const { carried, y } = inPieces(layer, params, state, { x, mask }, [2, 1, 2])
      assert.deepStrictEqual(data(y), data(expected.x))
      assert.deepStrictEqual(data((carried as Layers.AttentionState).mask!), data(mask))
      assert.throws(
        () => Layers.attention({ heads: 2, causal: true, stateful: true }).apply(params, carried as never, x, mode),
        "attention expects a sequence with a mask, as what stands before it, got [2, 5, 4]"
      )
    }))

  it.effect("drops what no step of its window sees any more", () =>
    onWasm(() => {
      const options = { heads: 2, causal: true, window: 5, positions: "rotary" } as const
      const whole = Layers.attention(options), x = randomTensor(1, [2, 600, 4])
      const { params, state } = Result.getOrThrow(whole.init(Key.make(1), [null, 4]))
      const [expected] = whole.apply(params, state, x, mode)
      const lengths = [250, 9, 1, 1, 1, 254, 84]
      const free = inPieces(Layers.attention({ ...options, stateful: true }), params, state, x, lengths)
      assert.deepStrictEqual(data(free.y), data(expected))
      assert.deepStrictEqual((free.carried as Layers.AttentionState).keys.shape, [2, 600 - 3 * 192, 2, 2])

      const layer = Layers.attention({ ...options, stateful: 2 })
      const started = Result.getOrThrow(layer.init(Key.make(1), [null, 4])).state
      const { carried, y } = inPieces(layer, params, started, x, lengths)
      assert.deepStrictEqual(data(y), data(expected))
      // Of one shape, so that a checkpoint fits.
      assert.deepStrictEqual<unknown>({ ...Tree.shapes(carried) as {}, position: 0 }, Tree.shapes(started))
    }))

  it.effect("sees nothing of what was before with a window of 1", () =>
    onWasm(() => {
      const options = { heads: 1, causal: true, window: 1 } as const, x = randomTensor(1, [1, 194, 2])
      const layer = Layers.attention({ ...options, stateful: true })
      const { params, state } = Result.getOrThrow(layer.init(Key.make(1), [null, 2]))
      const { carried, y } = inPieces(layer, params, state, x, [192, 1, 1])
      assert.deepStrictEqual(data(y), data(Layers.attention(options).apply(params, {}, x, mode)[0]))
      assert.strictEqual((carried as Layers.AttentionState).keys.shape[1], 2)
    }))

  it.effect("refuses a batch of another size than that whose state it goes on from", () =>
    onWasm(() => {
      const layer = Layers.attention({ heads: 2, causal: true, window: 3, stateful: 2 })
      const { params, state } = Result.getOrThrow(layer.init(Key.make(1), [null, 4]))
      assert.throws(
        () => layer.apply(params, state, tf.zeros([3, 1, 4]), mode),
        "attention expects a batch of 2, as those whose state it goes on from, got one of 3"
      )
    }))

  it("is causal, and for a batch of known size has a window", () => {
    assert.throws(
      () => Layers.stateful(Layers.attention({ heads: 2, causal: true }), { batch: 2 }),
      RangeError,
      "attention: one for a batch of known size that carries its keys has a window"
    )
    assert.throws(
      () => Layers.attention({ heads: 2, stateful: true }),
      RangeError,
      "one that is not causal carries no state"
    )
  })
})

describe("attention", () => {
  it.effect("does not see what is masked, and gives nothing where all is", () =>
    onWasm(() => {
      const layer = Layers.attention<Layers.Masked>({ heads: 2 }), mask = tf.tensor2d([[1, 1, 0], [0, 0, 0]])
      const { params } = Result.getOrThrow(layer.init(Key.make(1), { x: [3, 4], mask: [3] }))
      const x = randomTensor(1, [2, 3, 4]), other = tf.add(x, tf.mul(9, tf.sub(1, tf.expandDims(mask, 2))))
      const [a] = layer.apply(params, {}, { x, mask }, mode), [b] = layer.apply(params, {}, { x: other, mask }, mode)
      assert.strictEqual(a.mask, mask)
      assert.deepStrictEqual(data(tf.slice(a.x, 0, [1, 2, 4])), data(tf.slice(b.x, 0, [1, 2, 4])))
      assert.deepStrictEqual(data(tf.slice(a.x, 1)), Array<number>(12).fill(0))
      const { grads } = Autodiff.valueAndGrad((p: Layers.AttentionParams) =>
        [tf.sum(layer.apply(p, {}, { x, mask: tf.zeros([2, 3]) }, mode)[0].x), 0] as const
      )(params)
      assert.isTrue(data(grads.qkv.kernel).every((value) => value === 0))
    }))

  it.effect("refuses a mask that does not fit", () =>
    onWasm(() => {
      const layer = Layers.attention<Layers.Masked>({ heads: 2 })
      const { params } = Result.getOrThrow(layer.init(Key.make(1), { x: [3, 4], mask: [3] }))
      assert.throws(
        () => layer.apply(params, {}, { x: tf.zeros([2, 3, 4]), mask: tf.ones([2, 4]) }, mode),
        "attention expects a mask of [2, 3], as its x, got [2, 4]"
      )
    }))

  it("forgets by slopes as ALiBi does, also for heads that are no power of 2", () => {
    assert.deepStrictEqual(slopesOf(8), [1, 2, 3, 4, 5, 6, 7, 8].map((i) => 2 ** -i))
    assert.deepStrictEqual(slopesOf(6), [2, 4, 6, 8, 1, 3].map((i) => 2 ** -i))
  })

  it("has the buckets of T5", () => {
    // From the function of Hugging Face's T5, of which the last distance of each bucket was taken.
    const last = (causal: boolean) =>
      Array.from({ length: 300 }, (_, d) => d).filter((d) => bucketOf(d, causal) !== bucketOf(d + 1, causal))
    assert.deepStrictEqual(last(true).slice(15), [15, 18, 20, 23, 26, 30, 34, 39, 45, 51, 58, 66, 76, 86, 98, 112])
    assert.deepStrictEqual(last(false).slice(7), [7, 11, 15, 22, 31, 45, 63, 90])
    assert.deepStrictEqual([bucketOf(-3, true), bucketOf(-3, false), bucketOf(-500, false)], [0, 19, 31])
  })
})

describe("crossAttention", () => {
  it.effect("passes on the mask of x, and goes by that of the memory", () =>
    onWasm(() => {
      const layer = Layers.crossAttention<Layers.Masked>({ heads: 2 })
      const input = { x: { x: [3, 4], mask: [3] }, memory: { x: [null, 2], mask: [null] } }
      const { output, params } = Result.getOrThrow(layer.init(Key.make(1), input))
      assert.deepStrictEqual(output, { x: [3, 4], mask: [3] })
      const x = { x: randomTensor(1, [1, 3, 4]), mask: tf.tensor2d([[1, 1, 0]]) }, memory = randomTensor(2, [1, 5, 2])
      const masked = { x: memory, mask: tf.tensor2d([[1, 1, 0, 0, 0]]) }
      const [y] = layer.apply(params, {}, { x, memory: masked }, mode)
      assert.strictEqual(y.mask, x.mask)
      const [short] = layer.apply(params, {}, { x, memory: tf.slice(memory, 0, [1, 2, 2]) }, mode)
      assertClose(y.x, short.x, 1e-6)
    }))
})
