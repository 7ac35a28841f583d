import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Key, Layers, Text, Train, Tree } from "effect-neuron"

/** A tokenizer of ten letters. */
export const letters = Text.vocabulary([..."abcdefghij"])

const block = (attention: Partial<Layers.AttentionOptions>) =>
  Layers.serial(
    Layers.residual(
      Layers.serial(
        Layers.layerNorm(),
        Layers.attention({ heads: 2, causal: true, ...attention } as Layers.AttentionOptions & { stateful?: false })
      )
    ),
    Layers.residual(Layers.serial(Layers.rmsNorm(), Layers.dense(32), Layers.gelu, Layers.dense(16)))
  )

export type Model = Layers.Layer<Tree.Tree, Tree.Tree>

/** A layer whose exact types do not matter. */
const plain = (layer: unknown): Model => layer as Model

const above = (embedding: unknown, body: unknown): Model =>
  plain(Layers.named({ embedding: plain(embedding), body: plain(body), head: Layers.dense(10) }))

const words = () => Layers.embedding({ size: 10, features: 16 })

/** Models that predict the next token. */
export const models = {
  rnn: above(words(), Layers.rnn(12)),
  lstm: above(words(), Layers.serial(Layers.lstm(12), Layers.dropout(0.5), Layers.lstm(9))),
  gru: above(words(), Layers.gru(12)),
  rotary: above(words(), Layers.serial(block({ positions: "rotary" }), block({ positions: "rotary" }))),
  learned: above(Layers.serial(words(), Layers.positions({ length: 30 })) as never, block({})),
  window: above(words(), Layers.serial(block({ positions: "alibi", window: 4 }), block({ keyHeads: 1, window: 6 })))
}

/** First weights, which are freed with the Scope. */
export const weightsOf = (model: Model, seed = 1) =>
  Effect.acquireRelease(
    Effect.map(Train.weights(model, { input: [null] as never, key: Key.make(seed) }), (weights) => {
      // Scores that are not all alike, and not so far from each other that one token always follows.
      const scaled = Tree.map(weights, (leaf) => tf.mul(leaf, 1.3))
      Tree.disposeExcept(weights)
      return scaled
    }),
    (weights) => Effect.sync(() => Tree.disposeExcept(weights))
  )

/** A model of a table: what follows a token depends on that alone. */
export const table = (rows: ReadonlyArray<ReadonlyArray<number>>) => {
  const size = rows.length
  const model = plain(Layers.embedding({ size, features: size }))
  const weights = Effect.acquireRelease(
    Effect.sync(() => ({ params: { table: tf.tensor2d(rows.map((row) => [...row])) }, state: {} })),
    ({ params }) => Effect.sync(() => params.table.dispose())
  )
  return { model, weights }
}

/** Scores under which each token has one that surely follows it. */
export const following = (next: ReadonlyArray<number>, size = next.length) =>
  table(
    Array.from(
      { length: size },
      (_, from) => Array.from({ length: size }, (_, to) => (next[from] ?? 0) === to ? 50 : 0)
    )
  )
