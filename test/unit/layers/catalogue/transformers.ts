import { Layers } from "effect-neuron"
import { LAST_KNOWN } from "./line.ts"
import type { Line, Lines } from "./line.ts"

const { adaptiveSoftmax, attention, candidates, crossAttention, dense, sequence, tied, transformerBlock } = Layers

const parts = (first: string, second: string, norm = "layerNorm") =>
  `attentionNorm: ${norm}, attention: ${first}, feedForwardNorm: ${norm}, feedForward: sequence(${second})`

/** Takes sequences of four features. */
const attending = (layer: Layers.Any, rest: Partial<Line> = {}): Line => ({
  ...{ layer, input: [4, 4], output: [4, 4], open: [null, 4] },
  wrong: [
    [[4], "[time, features]"],
    [[4, null], `[time, features], ${LAST_KNOWN}`],
    [[3, 5], "features that 2 heads can share evenly"]
  ],
  wrongBatch: [[[3, 4, 5], "x [batch, time, 4]"], [[3, 4], "x [batch, time, 4]"]],
  ...rest
})

/** Kinds that transformers are made of. */
export const transformers = {
  adaptiveSoftmax: {
    "adaptiveSoftmax(6, cutoffs 2/3)": {
      layer: adaptiveSoftmax({ classes: 6, cutoffs: [2, 3] }),
      ...{ input: [4, 5], output: [4, 6], open: [null, 5] },
      wrong: [[[], "[..., features]"], [[4, null], `[..., features], ${LAST_KNOWN}`]],
      wrongBatch: [[[3, 4, 6], "x [batch, ..., 5]"]]
    },
    "adaptiveSoftmax(5, cutoffs 1, divisor 2, hidden)": {
      layer: adaptiveSoftmax({ classes: 5, cutoffs: [1], divisor: 2, returns: "hidden" }),
      ...{ input: [4], output: { hidden: [4], head: [4, 2], tails: [{ down: [4, 2], up: [2, 4] }] } },
      ...{ whole: ["head", "tails.0.down", "tails.0.up"], wrongBatch: [[[3, 6], "x [batch, ..., 4]"]] }
    }
  },
  attention: {
    "attention(heads 2)": attending(attention({ heads: 2 })),
    "attention(heads 2, keyHeads 1, size 3, causal, window 2, no bias)": attending(
      attention({ heads: 2, keyHeads: 1, size: 3, causal: true, window: 2, bias: false }),
      { wrong: [] }
    ),
    "attention(heads 2, causal, rotary, base 100)": attending(
      attention({ heads: 2, causal: true, positions: "rotary", base: 100 }),
      { wrong: [[[4, 6], "attention expects heads of an even size for rotary positions, got 3"]] }
    ),
    "attention(heads 2, causal, alibi)": attending(attention({ heads: 2, causal: true, positions: "alibi" })),
    "attention(heads 2, relative)": attending(attention({ heads: 2, positions: "relative" })),
    "attention(heads 2, dropout 0.5)": attending(attention({ heads: 2, dropout: 0.5 }), { random: true })
  },
  candidates: {
    "candidates(3)": {
      layer: candidates({ samples: 3 }),
      input: { hidden: [4, 2], table: [20, 2] },
      output: { hidden: [4, 2], table: [20, 2], candidates: { ids: [3], tries: [] } },
      open: { hidden: [null, 2], table: [20, 2] },
      ...{ whole: ["table", "candidates.ids", "candidates.tries"], random: true },
      wrong: [
        [
          { hidden: [4, 2], table: [2, 2] },
          "candidates expects a table of at least 3 classes, as many as it draws, got [2, 2]"
        ],
        [{ hidden: [4, 2] }, "{ hidden, table }, a table [classes, features]"]
      ],
      wrongBatch: [[
        { hidden: [3, 4, 2] },
        "candidates expects { hidden, table }, a table [classes, features], got { hidden }"
      ]]
    }
  },
  crossAttention: {
    "crossAttention(heads 2)": {
      layer: crossAttention({ heads: 2 }),
      ...{ input: { x: [3, 4], memory: [5, 2] }, output: [3, 4], open: { x: [null, 4], memory: [null, 2] } },
      wrong: [
        [{ x: [3, 4] }, "{ x, memory }"],
        [{ x: [4], memory: [5, 2] }, "x and memory [time, features]"],
        [{ x: [3, null], memory: [5, 2] }, `crossAttention expects x [time, features], ${LAST_KNOWN}, got [3, ?]`],
        [
          { x: [3, 4], memory: [5, null] },
          `crossAttention expects a memory [time, features], ${LAST_KNOWN}, got [5, ?]`
        ],
        [
          { x: [3, 5], memory: [5, 2] },
          "crossAttention expects features that 2 heads can share evenly, got [3, 5]"
        ]
      ],
      wrongBatch: [
        [{ x: [2, 3, 5], memory: [2, 5, 2] }, "crossAttention expects x [batch, time, 4], got [2, 3, 5]"],
        [{ x: [2, 3, 4], memory: [2, 5, 3] }, "crossAttention expects memory [batch, time, 2], got [2, 5, 3]"],
        [{ x: [2, 3, 4] }, "crossAttention expects { x, memory }, got { x }"]
      ]
    },
    "crossAttention(heads 2, keyHeads 1, size 3, dropout 0.5, no bias)": {
      layer: crossAttention({ heads: 2, keyHeads: 1, size: 3, dropout: 0.5, bias: false }),
      ...{ input: { x: [3, 4], memory: [5, 2] }, output: [3, 4], random: true }
    }
  },
  tied: {
    "tied(body: sequence(a: dense(2), b: dense(3)), size 5, features 3)": {
      layer: tied({ size: 5, features: 3 }, sequence(["a", dense(2)], ["b", dense(3)])),
      ...{ input: [4], output: [4, 5], open: [null], takesAny: "shape", ids: 5 }
    },
    "tied(body: attention(heads 2, causal), size 4, features 2)": {
      layer: tied({ size: 4, features: 2 }, attention({ heads: 2, causal: true })),
      ...{ input: [3], output: [3, 4], ids: 4 },
      wrong: [[[], "body (attention) expects [time, features], got [2]"]],
      wrongBatch: [[[3], "body (attention) expects x [batch, time, 2], got [3, 2]"]]
    }
  },
  transformerBlock: {
    [`transformerBlock(${parts("attention(heads 2)", "hidden: dense(16), activation: gelu, output: dense(4)")})`]: {
      layer: transformerBlock({ features: 4, heads: 2 }),
      ...{ input: [3, 4], output: [3, 4], open: [null, 4] },
      wrong: [
        [[4], "[time, features]"],
        [[3, 5], "attention (attention) expects features that 2 heads can share evenly, got [3, 5]"],
        [[3, 6], "transformerBlock expects feedForward that keeps the shape [3, 6], got one that gives [3, 4]"]
      ],
      wrongBatch: [[[2, 3, 5], "attentionNorm (layerNorm) expects x [batch, ..., 4], got [2, 3, 5]"]]
    },
    [
      `transformerBlock(${
        parts(
          "attention(heads 2, causal, rotary, dropout 0.25, no bias)",
          "hidden: swiglu(3, no bias), dropout: dropout(0.25), output: dense(4, no bias)",
          "rmsNorm"
        )
      }, postNorm, dropout 0.25)`
    ]: {
      layer: transformerBlock({
        ...{ features: 4, heads: 2, causal: true, positions: "rotary", bias: false, dropout: 0.25 },
        ...{ units: 3, activation: "swiglu", norm: "rms", postNorm: true }
      }),
      ...{ input: [3, 4], output: [3, 4], open: [null, 4], random: true }
    },
    [
      `transformerBlock(attentionNorm: layerNorm, attention: attention(heads 2, causal, no bias), ` +
      `crossAttentionNorm: layerNorm, crossAttention: crossAttention(heads 2, no bias), feedForwardNorm: layerNorm, ` +
      `feedForward: sequence(hidden: dense(3, no bias), activation: geluTanh, output: dense(4, no bias)))`
    ]: {
      layer: transformerBlock({
        ...{ features: 4, heads: 2, causal: true, memory: true, units: 3, activation: "geluTanh", bias: false }
      }),
      ...{ input: { x: [3, 4], memory: [2, 5] }, output: [3, 4], open: { x: [null, 4], memory: [null, 5] } },
      wrong: [[{ x: [3, 4] }, "{ x, memory }"]],
      wrongBatch: [
        [{ x: [2, 3, 4] }, "transformerBlock expects { x, memory }, got { x }"],
        [
          { x: [2, 3, 4], memory: [2, 3, 4] },
          "crossAttention (crossAttention) expects memory [batch, time, 5], got [2, 3, 4]"
        ]
      ]
    }
  }
} satisfies { readonly [kind: string]: Lines }
