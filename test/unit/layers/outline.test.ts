import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { Kind, Layers } from "effect-neuron"

const own = Layers.activation("own", (x) => x)

describe("the outline of a model", () => {
  it("is its description, without what parameters begin as, where every layer is of a kind", () => {
    const model = Layers.graph(
      { inputs: { a: "left", b: "right" } },
      ["both", Layers.concatenate("a", "b"), { a: "left", b: "right" }],
      ["hidden", Layers.residual(Layers.named({ relu: Layers.relu, flat: Layers.flatten }))],
      ["out", Layers.parallel({ x: Layers.relu, y: Layers.tanh }, { merge: "add" })]
    )
    assert.deepStrictEqual(Layers.outline(model), Result.getOrThrow(Layers.describe(model)))
    const { options } = Layers.outline(Layers.dense(3)) as { readonly options: object }
    assert.deepStrictEqual(options, { units: 3, bias: true })
  })

  it("has a layer of no kind, and a copy with another function, by the name alone", () => {
    const copy = { ...Layers.relu, apply: own.apply }
    assert.deepStrictEqual(Layers.outline(own), { name: "own" })
    assert.deepStrictEqual(Layers.outline(Layers.serial(own, copy)), {
      kind: "serial",
      children: { 0: { name: "own" }, 1: { name: "relu" } }
    })
  })

  it("is JSON, and leaves out an option that is none", () => {
    const any: Kind.OptionType = { expected: "anything", parse: (u) => u }
    const strange = Layers.kind("strange", {
      options: { f: { type: any }, n: { type: Kind.finite } },
      make: () => own
    })
    const outline = Layers.outline(strange({ f: () => 1, n: 2 }))
    assert.deepStrictEqual(outline, { kind: "strange", options: { n: 2 } })
    assert.deepStrictEqual(JSON.parse(JSON.stringify(outline)), outline)
  })
})
