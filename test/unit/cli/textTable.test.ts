import { assert, describe, it } from "@effect/vitest"
import { fittingTable, textTable } from "../../../src/cli/textTable.ts"

const heads = ["run", "steps", "state"], rows = [["digits-1", "1,234", "tested"], ["a", "7", "stopped"]]

describe("a table of text", () => {
  it("sets numbers to the right, and is as wide as its columns", () => {
    assert.deepStrictEqual(textTable(heads, rows), [
      "run       steps  state",
      "────────────────────────",
      "digits-1  1,234  tested",
      "a             7  stopped"
    ])
  })

  it("leaves out columns where it is narrow, what matters least first, and cuts lines in the end", () => {
    const at = (columns: number) => fittingTable(heads, rows, { columns, least: ["steps", "state"] })
    assert.deepStrictEqual(at(24), textTable(heads, rows))
    assert.deepStrictEqual(at(23), ["run       state", "─────────────────", "digits-1  tested", "a         stopped"])
    assert.deepStrictEqual(at(16), ["run", "────────", "digits-1", "a"])
    assert.deepStrictEqual(at(5), ["run", "─────", "digit", "a"])
  })
})
