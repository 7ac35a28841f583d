import * as tf from "@tensorflow/tfjs-core"
import { Layers } from "effect-neuron"

/** What a model of a task is made for: ids below `words` into classes, of the last `answers` steps. */
export interface Sizes {
  readonly words: number
  readonly classes: number
  readonly answers: number
}

/** The last steps of what is given. */
const last = (answers: number): Layers.Layer<Layers.Empty, Layers.Empty> =>
  Layers.lambda("last", {
    shape: ([, ...step]) => [answers, ...step],
    apply: (x) => tf.slice(x, [0, x.shape[1]! - answers, 0], [-1, answers, -1])
  })

export const FEATURES = 32

/** A layer that sees the steps before, and itself, between an embedding and classes. */
const around = (body: Layers.Any) => ({ answers, classes, words }: Sizes): Layers.Any =>
  Layers.named({
    embedding: Layers.embedding({ size: words, features: FEATURES }),
    body,
    last: last(answers),
    head: Layers.dense(classes)
  })

export const models = {
  rnn: around(Layers.rnn(64)),
  gru: around(Layers.gru(64)),
  lstm: around(Layers.lstm(64)),
  transformer: around(Layers.named({
    positions: Layers.positions(),
    encoder: Layers.transformerEncoder({ features: FEATURES, heads: 4, layers: 2, causal: true })
  }))
}
