import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { Initializers, Layers } from "effect-neuron"
import type { Shape } from "effect-neuron"
import { failure } from "../../support/failure.ts"

const { conv2d, dense, relu } = Layers

/** An object as JSON gives it, also with a key that is special in JavaScript. */
const parsed = (text: string): unknown => JSON.parse(text)

const nested = (depth: number): string =>
  `${`{"kind":"residual","children":{"":`.repeat(depth)}{"kind":"relu"}${"}}".repeat(depth)}`

const wrong: ReadonlyArray<readonly [json: unknown, message: string]> = [
  [undefined, "description: expected the description of a layer, found undefined"],
  [null, "description: expected the description of a layer, found null"],
  ["relu", `description: expected the description of a layer, found "relu"`],
  [[1, 2], "description: expected the description of a layer, found [1, 2]"],
  [{}, "kind: expected one of the kinds of a layer that are given (dense, named, residual), found undefined"],
  [
    { kind: "conv2d" },
    `kind: expected one of the kinds of a layer that are given (dense, named, residual), found "conv2d"`
  ],
  [{ kind: "__proto__" }, `(dense, named, residual), found "__proto__"`],
  [
    { kind: "zeros" },
    `kind: expected one of the kinds of a layer that are given (dense, named, residual), found "zeros"`
  ],
  [{ kind: ["dense"] }, `(dense, named, residual), found ["dense"]`],
  [{ kind: "dense" }, "options.units: expected a positive integer, found none"],
  [{ kind: "dense", options: null }, "options: expected a record, found null"],
  [{ kind: "dense", options: [1] }, "options: expected a record, found [1]"],
  [{ kind: "dense", options: { units: "x" } }, `options.units: expected a positive integer, found "x"`],
  [{ kind: "dense", options: { units: 1e99 } }, "options.units: expected a positive integer, found 1e+99"],
  [{ kind: "dense", options: { units: null } }, "options.units: expected a positive integer, found null"],
  [{ kind: "dense", options: { units: {} } }, "options.units: expected a positive integer, found an object"],
  [{ kind: "dense", options: { units: 1, bias: 1 } }, "options.bias: expected true or false, found 1"],
  [
    { kind: "dense", options: { units: 1, unit: 1 } },
    `options: expected options of dense (units, bias, kernelInitializer, biasInitializer), found "unit"`
  ],
  [
    parsed(`{"kind":"dense","options":{"units":1,"__proto__":{"bias":false}}}`),
    `options: expected options of dense (units, bias, kernelInitializer, biasInitializer), found "__proto__"`
  ],
  [
    parsed(`{"kind":"dense","__proto__":{}}`),
    `expected the parts of a description (kind, options, children), found "__proto__"`
  ],
  [
    { kind: "dense", options: { units: 1, kernelInitializer: "heNormal" } },
    `options.kernelInitializer: expected the description of an initializer, found "heNormal"`
  ],
  [
    { kind: "dense", options: { units: 1, kernelInitializer: { kind: "dense", options: { units: 1 } } } },
    `options.kernelInitializer.kind: expected one of the kinds of an initializer that are given (zeros), found "dense"`
  ],
  [
    { kind: "dense", options: { units: 1 }, children: { a: { kind: "dense", options: { units: 1 } } } },
    `children: expected none, for dense has no children, found "a"`
  ],
  [{ kind: "named", children: [] }, "children: expected a record, found []"],
  [{ kind: "named", children: { a: null } }, "children.a: expected the description of a layer, found null"],
  [
    { kind: "named", children: { a: { kind: "named", children: { b: { kind: "dense", options: { units: 0 } } } } } },
    "children.a.children.b.options.units: expected a positive integer, found 0"
  ],
  [
    { kind: "named", children: { "a.b": { kind: "dense", options: { units: 1 } } } },
    "description: expected a named that can be made, found \"named: a name is not empty, not a number and without dots, " +
    `got \\"a.b\\""`
  ],
  [
    parsed(`{"kind":"named","children":{"__proto__":{"kind":"dense","options":{"units":1}}}}`),
    "a named that can be made"
  ],
  [{ kind: "residual" }, `children: expected one child of residual, under "", found none`],
  [
    { kind: "residual", children: { layer: { kind: "dense", options: { units: 1 } } } },
    `children: expected one child of residual, under "", found "layer"`
  ],
  [{ kind: "residual", children: { "": 7 } }, `children."": expected the description of a layer, found 7`]
]

describe("what is no description", () => {
  const build = Layers.build([dense, Layers.named, Layers.residual, Initializers.zeros])

  for (const [json, message] of wrong) {
    it(`is an error: ${message}`, () => assert.include(failure(build(json)), message))
  }

  it("is an error that says so also of what a kind checks by itself", () => {
    const given = { filters: 1, kernelSize: 3, strides: 2, dilations: 2 }
    assert.strictEqual(
      failure(Layers.build([conv2d])({ kind: "conv2d", options: given })),
      `description: expected a conv2d that can be made, found "conv2d: strides or dilations are 1, got strides 2x2 with ` +
        `dilations 2x2"`
    )
    const all = Layers.build(Layers.kinds)
    for (
      const json of [
        { kind: "serial", children: { 1: { kind: "relu" } } },
        { kind: "each" },
        { kind: "parallel", options: { merge: "max" }, children: { a: { kind: "relu" } } },
        { kind: "concatenate", options: { keys: [] } },
        { kind: "concatenate", options: { keys: [{}] } },
        { kind: "add", options: { keys: ["a"] } },
        { kind: "multiply", options: { keys: "ab" } },
        { kind: "reshape", options: { shape: [-1, -1] } },
        { kind: "graph", options: { inputs: 1 } },
        { kind: "graph", options: { inputs: "x", outputs: "y" } },
        { kind: "graph", options: { inputs: "x", takes: { y: "x" } } },
        { kind: "graph", options: { inputs: { a: { b: "x" } } } },
        { kind: "graph", options: { inputs: "x", takes: parsed(`{"__proto__":"x"}`) } },
        { kind: "graph", options: { inputs: "x" }, children: { x: { kind: "relu" } } },
        { kind: "rescale", options: { scale: 1, offset: "1" } },
        { kind: "spectralNorm", options: { iterations: 1.5 }, children: { "": { kind: "relu" } } }
      ]
    ) failure(all(json))
  })

  it("is an error when it is too deep or too large, and never runs out of the stack", () => {
    const build = Layers.build(Layers.kinds), levels = "at most 64 levels"
    assert.isTrue(Result.isSuccess(build(JSON.parse(nested(63)))))
    assert.include(failure(build(JSON.parse(nested(64)))), levels)
    assert.include(failure(build(JSON.parse(nested(5000)))), levels)
    const cyclic: { kind: string; children: { [name: string]: unknown } } = { kind: "residual", children: {} }
    cyclic.children[""] = cyclic
    assert.include(failure(build(cyclic)), levels)
    const wide = (n: number) => ({
      kind: "serial",
      children: Object.fromEntries(Array.from({ length: n }, (_, i) => [i, { kind: "relu" }]))
    })
    assert.isTrue(Result.isSuccess(build(wide(9999))))
    assert.include(failure(build(wide(10_000))), "at most 10000 layers and initializers")

    let deep: Layers.Any = relu
    for (let i = 0; i < 64; i++) deep = Layers.residual(deep)
    assert.include(failure(Layers.describe(deep)), levels)
  })

  it("is a list of kinds with two of one name, or with what is none", () => {
    const other = Layers.kind("dense", { options: {}, make: () => relu })
    assert.throws(() => Layers.build([dense, other]), RangeError, "build: two kinds have the name dense")
    assert.throws(() => Layers.build([Layers.lambda as never]), RangeError, "build: a list of kinds, got something")
    assert.isTrue(Result.isSuccess(Layers.build([relu, relu])({ kind: "relu" })))
  })
})

describe("layers without a description", () => {
  it("are named by what contains them", () => {
    const own = Layers.lambda("double", { shape: (input: Shape.Shape) => input, apply: (x: tf.Tensor) => tf.mul(x, 2) })
    const model = Layers.named({ block: Layers.serial(relu, Layers.residual(own)) })
    assert.strictEqual(model.name, "named(block: serial(relu, residual(double)))")
    assert.strictEqual(
      failure(Layers.describe(model)),
      `children.block.children.1.children."": expected a layer of a kind, found "double", which is of none`
    )
  })

  it("are copies that do something else, but not those that are only called something else", () => {
    const copy = { ...dense(3), name: "mine" }
    assert.deepStrictEqual(Layers.describe(copy), Layers.describe(dense(3)))
    const apply: Layers.Any["apply"] = (_, state, x) => [x, state]
    const changed = [{ ...relu, apply }, { ...relu, init: dense(1).init }] as unknown as ReadonlyArray<Layers.Any>
    assert.deepStrictEqual(changed.map((layer) => failure(Layers.describe(layer))), [
      "description: expected relu itself, found a copy with another apply, which is of no kind",
      "description: expected relu itself, found a copy with another init, which is of no kind"
    ])
    assert.include(failure(Layers.describe(Layers.make({ ...relu, name: "mine" }))), "a copy with another init")
  })
})
