import { Layers } from "effect-neuron"
import { LAST_KNOWN } from "./line.ts"
import type { Line, Lines } from "./line.ts"

const { bidirectional, concatenate, dense, graph, gru, lstm, positions, rnn, scan, tanh, timeDistributed } = Layers

/** Takes sequences of three features and gives those of two units. */
const recurrent = (layer: Layers.Any, rest: Partial<Line> = {}): Line => {
  const kind = layer.name.split("(")[0]!
  return {
    ...{ layer, input: [4, 3], output: [4, 2], open: [null, 3] },
    wrong: [
      [[3], "[time, features]"],
      [[4, null], `[time, features], ${LAST_KNOWN}`],
      [{ y: [4, 3] }, `${kind} expects a tensor, got { y: [4, 3] }`]
    ],
    wrongBatch: [[[3, 4, 5], `${kind} expects x [batch, time, 3], got [3, 4, 5]`], [[3, 3], "x [batch, time, 3]"]],
    ...rest
  }
}

const inBoth = (layer: Layers.Any, rest: Partial<Line> = {}): Line => ({
  ...{ layer, input: [4, 3], output: [4, 4], open: [null, 3] },
  wrong: [[[3], "forward (lstm) expects [time, features], got [3]"]],
  wrongBatch: [[[3, 4, 5], "forward (lstm) expects x [batch, time, 3], got [3, 4, 5]"]],
  ...rest
})

/** The cell of a recurrent network (Elman), of layers. */
const elman = graph(
  { inputs: { x: "x", state: "state" }, outputs: { y: "tanh", state: "tanh" } },
  ["both", concatenate("0", "1"), ["x", "state"]],
  ["dense", dense(2)],
  ["tanh", tanh]
)
const inner = "graph(both: concatenate(0, 1), dense: dense(2), tanh: tanh)"

const scanned = (layer: Layers.Any, rest: Partial<Line> = {}): Line => ({
  ...{ layer, input: [4, 3], output: [4, 2], open: [null, 3] },
  wrong: [[[], "[time, ...]"], [[4, null], "dense (dense) expects [..., features], the last dimension known, got [?]"]],
  wrongBatch: [[
    [3, 4, 5],
    "dense (dense) expects x [..., features] and a kernel [features, units], got [3, 7] and [5, 2]"
  ]],
  ...rest
})

/** Kinds that take sequences. */
export const sequences = {
  bidirectional: {
    "bidirectional(forward: lstm(2), backward: lstm(2, reverse))": inBoth(bidirectional(lstm(2))),
    "bidirectional(forward: lstm(2, last), backward: lstm(2, last, reverse))": inBoth(
      bidirectional(lstm(2, { returns: "last" })),
      { output: [4] }
    ),
    "bidirectional(forward: gru(2, state), backward: gru(2, state, reverse))": inBoth(
      bidirectional(gru(2, { returns: "state" })),
      {
        output: { x: [4, 4], state: { hidden: [4] } },
        wrong: [[[3], "forward (gru) expects [time, features], got [3]"]],
        wrongBatch: [[[3, 4, 5], "forward (gru) expects x [batch, time, 3], got [3, 4, 5]"]]
      }
    )
  },
  gru: {
    "gru(2)": recurrent(gru(2)),
    "gru(2, last, reverse)": recurrent(gru(2, { returns: "last", reverse: true }), { output: [2] })
  },
  lstm: {
    "lstm(2)": recurrent(lstm(2)),
    "lstm(2, last)": recurrent(lstm(2, { returns: "last" }), { output: [2] }),
    "lstm(2, state)": recurrent(lstm(2, { returns: "state" }), {
      output: { x: [4, 2], state: { hidden: [2], cells: [2] } }
    })
  },
  positions: {
    positions: {
      ...{ layer: positions(), input: [4, 3], output: [4, 3], open: [null, 3] },
      wrong: [[[3], "[time, features]"], [[4, null], `[time, features], ${LAST_KNOWN}`]],
      wrongBatch: [[[3, 3], "x [batch, time, features]"]]
    },
    "positions(length 5)": {
      ...{ layer: positions({ length: 5 }), input: [4, 3], output: [4, 3] },
      wrong: [[[6, 3], "[time, features] of at most 5 steps"]],
      wrongBatch: [[[3, 4, 2], "x [batch, time, 3]"], [[2, 6, 3], "positions expects at most 5 steps, got 6"]]
    }
  },
  rnn: {
    "rnn(2)": recurrent(rnn(2)),
    "rnn(2, relu)": recurrent(rnn(2, { activation: "relu" }))
  },
  scan: {
    [`scan(${inner}, state [2])`]: scanned(scan(elman, { state: [2] })),
    [`scan(${inner}, state [2], last, reverse)`]: scanned(
      scan(elman, { state: [2], returns: "last", reverse: true }),
      { output: [2] }
    ),
    [`scan(${inner}, state [2], state)`]: scanned(
      scan(elman, { state: [2], returns: "state" }),
      { output: { x: [4, 2], state: [2] } }
    )
  },
  timeDistributed: {
    "timeDistributed(conv2d(2, 2x2))": {
      layer: timeDistributed(Layers.conv2d({ filters: 2, kernelSize: 2 })),
      ...{ input: [2, 3, 4, 1], output: [2, 3, 4, 2], open: [null, null, null, 1] },
      wrong: [
        [[], "[time, ...]"],
        [[4, 3], "conv2d expects [height, width, channels], got [3]"]
      ],
      wrongBatch: [[[3], "x [batch, time, ...]"]]
    },
    "timeDistributed(batchNorm)": {
      ...{ layer: timeDistributed(Layers.batchNorm()), input: [3, 2], output: [3, 2], open: [null, 2] }
    }
  }
} satisfies Record<string, Lines>
