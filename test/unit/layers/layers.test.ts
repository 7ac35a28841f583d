import { assert, describe, it } from "@effect/vitest"
import { Layers } from "effect-neuron"
import { catalogue } from "./catalogue/index.ts"
import type { Line } from "./catalogue/index.ts"
import { properties } from "./properties.ts"

/** What is exported and makes no layers of a kind, and why. */
const others: { readonly [name: string]: string } = {
  make: "its functions are the user's",
  stateless: "its functions are the user's",
  activation: "its function is the user's",
  lambda: "its functions are the user's",
  activations: "reads a model",
  attentions: "reads a model",
  applyChild: "a part of combinators",
  initChild: "a part of combinators",
  childrenOf: "a part of combinators",
  under: "a part of combinators",
  known: "a check",
  summary: "reads a model",
  formatSummary: "shows what was read",
  mismatch: "an error",
  kind: "makes kinds",
  kinds: "the list of kinds",
  build: "makes layers of descriptions",
  describe: "describes them",
  mergeLora: "reads a model",
  transformerEncoder: "a sequence of blocks",
  transformerDecoder: "a graph of blocks",
  stateful: "makes a model of a model",
  outline: "describes them, with layers of no kind"
}

const lines = Object.entries(catalogue).flatMap(([kind, lines]) =>
  Object.entries(lines).map(([name, line]) => ({ kind, name, line }))
)

for (const [what, holds] of Object.entries(properties)) {
  describe(`every layer ${what}`, () => {
    for (const { line, name } of lines) {
      const program = holds(line)
      if (program !== undefined) it.effect(name, () => program)
    }
  })
}

describe("the catalogue of layers", () => {
  it("has all that is exported, or there is a reason", () => {
    assert.deepStrictEqual(Object.keys({ ...catalogue, ...others }).sort(), Object.keys(Layers).sort())
  })

  it("has all kinds, and lines of theirs under their names", () => {
    const kinds = Layers.kinds.flatMap((like) => {
      const kind = "kind" in like ? like.kind : "configuration" in like ? like.configuration?.kind : undefined
      return kind?.makes === "layer" ? [kind.name] : []
    })
    assert.deepStrictEqual(Object.keys(catalogue).sort(), kinds.sort())
    for (const { kind, line, name } of lines) {
      assert.strictEqual(line.layer.name, name)
      assert.strictEqual(line.layer.configuration?.kind.name, kind)
    }
  })

  it("says of every kind what it refuses, and whether it takes dimensions that are not known", () => {
    const isOpen = ({ open, wrong = [] }: Line) =>
      open !== undefined || wrong.some(([shape]) => JSON.stringify(shape).includes("null"))
    for (const [kind, byName] of Object.entries(catalogue)) {
      const lines: ReadonlyArray<Line> = Object.values(byName)
      assert.isTrue(lines.some(({ takesAny, wrong }) => wrong !== undefined || takesAny === "shape"), kind)
      assert.isTrue(lines.some(({ takesAny, wrongBatch }) => wrongBatch !== undefined || takesAny !== undefined), kind)
      assert.isTrue(lines.some(isOpen), kind)
    }
  })
})
