import { assert, describe, it } from "@effect/vitest"
import { called, calledBy } from "../../../src/cli/called.ts"

describe("how the command line is called", () => {
  it("is what was typed: in a clone, by npx beside a project, on the path", () => {
    assert.strictEqual(calledBy("/home/me/effect-neuron/src/cli/main.ts"), "npm run cli --")
    assert.strictEqual(calledBy("C:\\me\\effect-neuron\\src\\cli\\main.ts"), "npm run cli --")
    assert.strictEqual(calledBy("/home/me/project/node_modules/.bin/effect-neuron"), "npx effect-neuron")
    assert.strictEqual(
      calledBy("C:\\me\\project\\node_modules\\effect-neuron\\dist\\cli\\main.js"),
      "npx effect-neuron"
    )
    assert.strictEqual(calledBy("/usr/local/bin/effect-neuron"), "effect-neuron")
    assert.strictEqual(calledBy("/home/me/project/node_modules/.bin/tools"), "effect-neuron")
    assert.strictEqual(calledBy(undefined), "effect-neuron")
  })

  it("stands in place of the program's name alone", () => {
    assert.strictEqual(called("effect-neuron train --out effect-neuron"), "effect-neuron train --out effect-neuron")
  })
})
