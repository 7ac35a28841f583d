import { Layers } from "effect-neuron"

const options = { layers: 2, features: 8, heads: 2 }

/** A language model, and what a loss in parts takes of it. */
export const gpt = Layers.tied(
  { size: 50, features: 8 },
  Layers.sequence(
    ["positions", Layers.positions({ length: 16 })],
    ["blocks", Layers.transformerEncoder({ ...options, causal: true })]
  )
)
export const hidden = Layers.tied(
  { size: 50, features: 8, returns: "hidden" },
  Layers.transformerEncoder<Layers.Masked>({ ...options, causal: true, positions: "rotary" })
)

export const translator = Layers.graph(
  { inputs: { source: "source", mask: "mask", target: "target" } },
  ["read", Layers.embedding({ size: 50, features: 8 }), "source"],
  ["memory", Layers.transformerEncoder<Layers.Masked>(options), { x: "read", mask: "mask" }],
  ["written", Layers.embedding({ size: 50, features: 8 }), "target"],
  ["decoder", Layers.transformerDecoder(options), { x: "written", memory: "memory" }],
  ["head", Layers.dense(50)]
)

export const classifier = Layers.sequence(
  ["words", Layers.embeddingBag<Layers.Masked>({ size: 50, features: 8 })],
  ["head", Layers.dense(2)]
)

export const adapted = Layers.lora(gpt, { rank: 2, targets: ["qkv"] })

export const block = Layers.transformerBlock({ features: 8, heads: 2, memory: true })
export const attention = Layers.attention({ heads: 2, causal: true, stateful: true })
