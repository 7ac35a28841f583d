import { Layers } from "effect-neuron"
import { IMAGE, IMAGES } from "./line.ts"
import type { Line, Lines } from "./line.ts"

const { batchNorm, concatenate, conv2d, dense, dropout, each, flatten, frozen, graph, maxPool2d, named, parallel } =
  Layers
const { relu, reshape, residual, sequence, serial, spectralNorm, tanh } = Layers

const convolution = conv2d({ filters: 1, kernelSize: 3 })
const oneShape = "inputs of one shape up to their last axis, or with fewer leading axes"
const beforeIt = "the shape of what stands before it"
const ofDense = (path: string, actual: string): string =>
  `${path}dense${path === "" ? "" : ")"} expects x [..., features] and a kernel [features, units], got ${actual}`

// Of more than ten, the positions are not in the order of their digits.
const eleven = Array.from({ length: 11 }, (_, i) => i % 5 === 0 ? dense(2) : tanh)

const valueByValue = (kind: string, layer: Layers.Any): Line => ({
  ...{ layer, input: { x: [3, 2], y: [3, 2], z: [3, 2] }, output: [3, 2] },
  open: { x: [null, 2], y: [null, 2], z: [null, 2] },
  wrong: [
    [{ x: [4, 3], y: [4, 3], z: [4, 1] }, `${kind} expects z of [4, 3], ${beforeIt}, got [4, 1]`],
    [{ x: [null, 3], y: [4, null], z: [5, 3] }, `${kind} expects z of [4, 3], ${beforeIt}, got [5, 3]`],
    [{ x: [1], y: [], z: [] }, `${kind} expects x of [], ${beforeIt}, got [1]`],
    [{ x: [4] }, "{ y, x, z }"],
    [[4], "{ y, x, z }"]
  ],
  wrongBatch: [
    [{ x: [2, 3], y: [1, 3], z: [1, 3] }, `${kind} expects x of [1, 3], ${beforeIt}, got [2, 3]`],
    [{ x: [2, 3], y: [2, 3], z: [2, 1] }, `${kind} expects z of [2, 3], ${beforeIt}, got [2, 1]`],
    [{ x: [2, 3], y: [2, 3] }, `${kind} expects { y, x, z }, got { x, y }`]
  ]
})

/** Kinds that are made of others, or take several inputs. */
export const combinators = {
  add: { "add(y, x, z)": valueByValue("add", Layers.add("y", "x", "z")) },
  concatenate: {
    "concatenate(y, x)": {
      layer: concatenate("y", "x"),
      ...{ input: { x: [3, 2], y: [4] }, output: [3, 6], open: { x: [null, 2], y: [4] } },
      wrong: [
        [{ x: [4, 4, 1], y: [4, 3, 1] }, oneShape],
        [{ x: [4, 4, 1], y: [3, 1] }, oneShape],
        [{ x: [4], y: [] }, oneShape],
        [{ x: [4] }, "{ y, x }"],
        [[4], "{ y, x }"]
      ],
      wrongBatch: [
        [{ x: [2, 3, 1], y: [2, 4, 1] }, `concatenate expects ${oneShape}, got { x: [2, 3, 1], y: [2, 4, 1] }`],
        [{ x: [2, 3, 1] }, "concatenate expects { y, x }, got { x }"],
        [[2, 3], "concatenate expects { y, x }, got [2, 3]"]
      ]
    },
    "concatenate(0, 1)": { layer: concatenate(0, 1), input: [[2, 1], [2, 2]], output: [2, 3] }
  },
  each: {
    "each(x: relu, y: dense(2))": {
      layer: each({ x: relu, y: dense(2) }),
      ...{ input: { x: [3], y: [4, 3] }, output: { x: [3], y: [4, 2] }, open: { x: [null], y: [null, 3] } },
      wrong: [
        [{ x: [4] }, "{ x, y }"],
        [{ x: [4], y: [] }, "y (dense) expects [..., features], got []"]
      ],
      wrongBatch: [
        [{ x: [3, 3], y: [3, 5] }, ofDense("y (", "[3, 5] and [3, 2]")],
        [{ x: [3, 3] }, "each expects { x, y }, got { x }"]
      ]
    }
  },
  frozen: {
    "frozen(dense(2))": {
      ...{ layer: frozen(dense(2)), input: [4], output: [2], frozen: true },
      wrong: [[[], "dense expects [..., features], got []"]],
      wrongBatch: [[[3, 5], ofDense("", "[3, 5] and [4, 2]")]]
    },
    "frozen(batchNorm)": {
      ...{ layer: frozen(batchNorm()), input: [3, 2], output: [3, 2], open: [null, 2], frozen: true }
    }
  },
  graph: {
    "graph(joined: concatenate(0, 1), parts: each(x: relu, y: dense(2)), both: concatenate(x, y), head: dense(1))": {
      layer: graph(
        { inputs: { x: "a", y: "b" }, outputs: ["head", "joined"] },
        ["joined", concatenate("0", "1"), ["a", "b"]],
        ["parts", each({ x: relu, y: dense(2) }), { x: "a", y: "joined" }],
        ["both", concatenate("x", "y")],
        ["head", dense(1)]
      ),
      ...{ input: { x: [4], y: [4] }, output: [[1], [8]] },
      wrong: [
        [{ x: [2] }, "{ x, y }"],
        [{ x: [4, 1], y: [3, 1] }, `joined (concatenate) expects ${oneShape}, got [[4, 1], [3, 1]]`]
      ],
      wrongBatch: [
        [{ x: [2, 4], y: [2, 5] }, ofDense("parts.y (", "[2, 9] and [8, 2]")],
        [{ y: [2, 4] }, "graph expects { x, y }, got { y }"]
      ]
    },
    "graph(fine: conv2d(2, 3x3), act: relu, coarse: maxPool2d(2x2), up: upsample2d(2x2), both: concatenate(0, 1))": {
      layer: graph(
        { inputs: "image" },
        ["fine", conv2d({ filters: 2, kernelSize: 3 })],
        ["act", relu],
        ["coarse", maxPool2d(2)],
        ["up", Layers.upsample2d(2)],
        ["both", concatenate("0", "1"), ["up", "act"]]
      ),
      ...{ input: [4, 2, 1], output: [4, 2, 4], open: [null, null, 1] },
      wrong: [[
        [1, 4, 1],
        `coarse (maxPool2d) expects a height and width of at least 2x2 for padding "valid", got [1, 4, 2]`
      ]]
    }
  },
  lora: {
    "lora(serial(dense(3), relu, dense(2)), 2, alpha 4)": {
      layer: Layers.lora(serial(dense(3), relu, dense(2)), { rank: 2, alpha: 4 }),
      ...{ input: [2, 4], output: [2, 2], open: [null, 4], frozen: true },
      wrong: [[[], "0 (dense) expects [..., features], got []"]],
      wrongBatch: [[[3, 5], ofDense("0 (", "[3, 5] and [4, 3]")]]
    },
    "lora(conv2d(2, 3x3), 1, targets kernel)": {
      layer: Layers.lora(conv2d({ filters: 2, kernelSize: 3 }), { rank: 1, targets: ["kernel"] }),
      ...{ input: [3, 4, 1], output: [3, 4, 2], frozen: true }
    }
  },
  multiply: { "multiply(y, x, z)": valueByValue("multiply", Layers.multiply("y", "x", "z")) },
  named: {
    "named(hidden: dense(3), act: relu, norm: batchNorm, drop: dropout(0.5), head: dense(1))": {
      layer: named({ hidden: dense(3), act: relu, norm: batchNorm(), drop: dropout(0.5), head: dense(1) }),
      ...{ input: [2, 4], output: [2, 1], open: [null, 4], random: true },
      wrong: [[[], "hidden (dense) expects [..., features], got []"]],
      wrongBatch: [[[3, 5], ofDense("hidden (", "[3, 5] and [4, 3]")]]
    },
    "named(conv1: conv2d(1, 3x3), rectifier: leakyRelu, block: named(flat: flatten, head: dense(5)))": {
      layer: named({
        ...{ conv1: convolution, rectifier: Layers.leakyRelu() },
        block: named({ flat: flatten, head: dense(5) })
      }),
      ...{ input: [3, 4, 2], output: [5] },
      wrong: [[[784], `conv1 (conv2d) expects ${IMAGE}, got [784]`]],
      wrongBatch: [[[2, 4, 4, 2], ofDense("block.head (", "[2, 16] and [12, 5]")]]
    }
  },
  parallel: {
    "parallel(a: dense(2), b: tanh)": {
      ...{ layer: parallel({ a: dense(2), b: tanh }), input: [2, 3], output: [2, 5], open: [null, 3] },
      wrong: [[[], "a (dense) expects [..., features], got []"]],
      wrongBatch: [[[3, 5], ofDense("a (", "[3, 5] and [3, 2]")]]
    },
    "parallel(a: relu, b: reshape([2, -1]))": {
      ...{ layer: parallel({ a: relu, b: reshape([2, -1]) }), input: [2, 3], output: [2, 6] },
      wrong: [
        [[4], "parallel expects branches of the same shape up to their last axis, got { a: [4], b: [2, 2] }"],
        [[5], "b (reshape) expects a multiple of 2 values for [2, -1], got [5]"]
      ],
      wrongBatch: [[
        [3, 4],
        "parallel expects branches of the same shape up to their last axis, got { a: [3, 4], b: [3, 2, 2] }"
      ]]
    },
    "parallel(a: dense(4), b: serial(dense(4), relu), add)": {
      layer: parallel({ a: dense(4), b: serial(dense(4), relu) }, { merge: "add" }),
      ...{ input: [2, 4], output: [2, 4], open: [null, 4] }
    },
    "parallel(a: relu, b: reshape([4]), add)": {
      ...{ layer: parallel({ a: relu, b: reshape([4]) }, { merge: "add" }), input: [4], output: [4] },
      wrong: [[[2, 2], "parallel expects branches of the same shape, got { a: [2, 2], b: [4] }"]],
      wrongBatch: [[[3, 2, 2], "parallel expects branches of the same shape, got { a: [3, 2, 2], b: [3, 4] }"]]
    }
  },
  residual: {
    "residual(named(a: dense(3), t: tanh))": {
      ...{ layer: residual(named({ a: dense(3), t: tanh })), input: [2, 3], output: [2, 3], open: [null, 3] },
      wrong: [
        [[], "a (dense) expects [..., features], got []"],
        [[null, 4], "residual expects a layer that keeps the shape [?, 4], got one that gives [?, 3]"]
      ],
      wrongBatch: [[[2, 4], ofDense("a (", "[2, 4] and [3, 3]")]]
    },
    "residual(reshape([4]))": {
      ...{ layer: residual(reshape([4])), input: [4], output: [4] },
      wrong: [[[2, 2], "residual expects a layer that keeps the shape [2, 2], got one that gives [4]"]],
      wrongBatch: [[[3, 2, 2], "residual expects a layer that keeps the shape [3, 2, 2], got one that gives [3, 4]"]]
    }
  },
  sequence: {
    "sequence(a: dense(3), b: relu)": {
      ...{ layer: sequence(["a", dense(3)], ["b", relu]), input: [2, 4], output: [2, 3], open: [null, 4] },
      wrong: [[[], "a (dense) expects [..., features], got []"]],
      wrongBatch: [[[3, 5], ofDense("a (", "[3, 5] and [4, 3]")]]
    }
  },
  serial: {
    [`serial(flatten, ${eleven.map(({ name }) => name).join(", ")})`]: {
      ...{ layer: serial(flatten, ...eleven), input: [], output: [2] },
      wrong: [[[null], "0 (flatten) expects a shape, all dimensions known, got [?]"]]
    },
    "serial(relu, residual(named(pool: maxPool2d(3x3, strides 1x1, same))))": {
      layer: serial(relu, residual(named({ pool: maxPool2d({ poolSize: 3, strides: 1, padding: "same" }) }))),
      ...{ input: [3, 2, 1], output: [3, 2, 1], open: [null, null, 1] },
      wrong: [[[5], `1.pool (maxPool2d) expects ${IMAGE}, got [5]`]],
      wrongBatch: [[[2, 3, 3], `1.pool (maxPool2d) expects ${IMAGES}, got [2, 3, 3]`]]
    }
  },
  spectralNorm: {
    "spectralNorm(dense(4))": {
      ...{ layer: spectralNorm(dense(4)), input: [3, 6], output: [3, 4], open: [null, 6], holds: true },
      wrong: [[[], "dense expects [..., features], got []"]],
      wrongBatch: [[[3, 5], ofDense("", "[3, 5] and [6, 4]")]]
    },
    "spectralNorm(conv2d(4, 3x3, no bias), iterations 3)": {
      layer: spectralNorm(conv2d({ filters: 4, kernelSize: 3, bias: false }), { iterations: 3 }),
      ...{ input: [5, 4, 2], output: [5, 4, 4], open: [null, null, 2], holds: true }
    },
    "spectralNorm(conv2dTranspose(2, 2x2, strides 2x2))": {
      layer: spectralNorm(Layers.conv2dTranspose({ filters: 2, kernelSize: 2, strides: 2 })),
      ...{ input: [3, 2, 4], output: [6, 4, 2], open: [null, null, 4], holds: true }
    }
  }
} satisfies { readonly [kind: string]: Lines }
