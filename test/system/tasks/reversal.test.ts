import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend, Key, Layers, Losses, NdArray, Random } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { learn } from "./learn.ts"
import { FEATURES } from "./models.ts"

const LETTERS = 8, LENGTH = 5, START = LETTERS

/** Strings, and the reverse of each, which is also what the decoder is given, one step later. */
const batch = (i: number) => {
  const size = i === 0 ? 128 : 32, next = Random.generator(Key.fold(Key.make(9), i)), shape = [size, LENGTH]
  const [source, given, y] = [0, 1, 2].map(() => new Int32Array(size * LENGTH)) as [Int32Array, Int32Array, Int32Array]
  for (let row = 0; row < size; row++) {
    for (let t = 0; t < LENGTH; t++) source[row * LENGTH + t] = Math.floor(next() * LETTERS)
    const string = source.subarray(row * LENGTH, (row + 1) * LENGTH)
    y.set(string.toReversed(), row * LENGTH)
    given.set([START, ...string.toReversed().subarray(0, LENGTH - 1)], row * LENGTH)
  }
  return {
    x: { source: NdArray.make(source, shape), target: NdArray.make(given, shape) },
    y: NdArray.make(y, shape),
    size
  }
}

const inputs = { inputs: { source: "source", target: "target" } } as const
const words = () => Layers.embedding({ size: LETTERS + 1, features: FEATURES })
const head = Layers.dense(LETTERS)
const options = { features: FEATURES, heads: 4, layers: 1 }

/** The last state of an encoder is the first one of a decoder (Sutskever, Vinyals, Le, 2014). */
const lstm = Layers.graph(
  inputs,
  ["read", words(), "source"],
  ["encoder", Layers.lstm(48, { returns: "state" })],
  ["write", words(), "target"],
  ["decoder", Layers.lstm<Layers.Resumed>(48), { x: "write", state: "encoder.state" }],
  ["head", head]
)

/** A decoder that attends to what an encoder gives (Vaswani et al., 2017). */
const transformer = Layers.graph(
  inputs,
  ["read", words(), "source"],
  ["placed", Layers.positions()],
  ["encoder", Layers.transformerEncoder(options)],
  ["write", words(), "target"],
  ["before", Layers.positions()],
  ["decoder", Layers.transformerDecoder(options), { x: "before", memory: "encoder" }],
  ["head", head]
)

const table: ReadonlyArray<
  readonly [name: string, model: typeof lstm | typeof transformer, steps: number, rate: number]
> = [
  ["LSTM", lstm, 350, 1e-2],
  ["transformer", transformer, 120, 5e-3]
]

const mode = { training: false, key: Key.make(0) }

describe("an encoder and a decoder", () => {
  for (const [name, model, steps, rate] of table) {
    it.effect(`of an ${name} reverse strings, letter by letter`, () =>
      Effect.gen(function*() {
        const learned = model as Layers.Any
        const trainer = yield* learn(learned, Losses.softmaxCrossEntropy, {
          ...{ input: { source: [LENGTH], target: [null] }, rate, steps, batch }
        })
        const { x, y } = batch(0), size = 128
        const right = yield* trainer.use(({ params, state }) =>
          Backend.tensors("decode", () => {
            const source = tf.tensor2d(x.source.data as Int32Array, [size, LENGTH], "int32")
            let target: tf.Tensor = tf.mul(tf.ones([size, 1], "int32"), tf.scalar(START, "int32"))
            for (let t = 0; t < LENGTH; t++) {
              const [logits] = learned.apply(params, state, { source, target }, mode)
              const letter = tf.argMax(tf.slice(logits, [0, t, 0], [size, 1, LETTERS]), 2)
              target = tf.concat([target, tf.cast(letter, "int32")], 1)
            }
            const letters = tf.slice(target, [0, 1], [size, LENGTH])
            const wanted = tf.tensor2d(y.data as Int32Array, [size, LENGTH], "int32")
            return tf.mean(tf.cast(tf.all(tf.equal(letters, wanted), 1), "float32")).dataSync()[0]!
          })
        )
        assert.isAtLeast(right, 0.9)
      }).pipe(Effect.scoped, leavesNoTensor, Effect.provide(Backend.layerWasm)))
  }
})
