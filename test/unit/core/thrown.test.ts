import { assert, describe, it } from "@effect/vitest"
import { placeOf, thrownInWords } from "../../../src/core/thrown.ts"
import { Layers } from "../../../src/index.ts"

const withStack = (...lines: ReadonlyArray<string>) =>
  Object.assign(new Error("x"), { stack: ["Error: x", ...lines].join("\n") })

const thrownBy = (f: () => unknown): unknown => {
  try {
    return f()
  } catch (error) {
    return error
  }
}

describe("what a user's function throws", () => {
  it("is placed in the user's own file, whatever of the library it went through", () => {
    assert.match(placeOf(new Error("here"))!, /^test\/unit\/core\/thrown\.test\.ts:\d+:\d+$/)
    const ofLayer = thrownBy(() => Layers.dense(0))
    assert.instanceOf(ofLayer, RangeError)
    assert.match(placeOf(ofLayer)!, /^test\/unit\/core\/thrown\.test\.ts:\d+:\d+$/)
  })

  it("is placed by the stacks of every engine, past packages and Node's own files", () => {
    const packages = ["    at run (/a/node_modules/effect/x.js:1:2)", "    at node:internal/modules:3:4"]
    const cases: ReadonlyArray<readonly [string, string]> = [
      ["    at model (file:///home/a%20b/my.ts:12:5)", "/home/a b/my.ts:12:5"],
      ["    at file:///home/my.ts?v=2:12:5", "/home/my.ts:12:5"],
      ["    at async Object.data (/home/my.ts:12:5)", "/home/my.ts:12:5"],
      ["model@https://page.org/my.js:12:5", "https://page.org/my.js:12:5"],
      ["    at model (C:\\code\\my.ts:12:5)", "C:\\code\\my.ts:12:5"]
    ]
    for (const [line, expected] of cases) assert.strictEqual(placeOf(withStack(...packages, line)), expected)
    assert.isUndefined(placeOf(withStack(...packages)))
    assert.isUndefined(placeOf("a word"))
    assert.isUndefined(placeOf(undefined))
  })

  it("is said with its kind where that says more", () => {
    assert.strictEqual(thrownInWords(new TypeError("x is not a function")), "TypeError: x is not a function")
    assert.strictEqual(thrownInWords(new RangeError("units: at least 1")), "units: at least 1")
    assert.strictEqual(thrownInWords(new Error("no luck")), "no luck")
    assert.strictEqual(thrownInWords(new SyntaxError("")), "SyntaxError")
    assert.strictEqual(thrownInWords("a word"), "a word")
  })
})
