import { assert, describe, it } from "@effect/vitest"
import { columnsOf, differs, moment, sorted } from "../../../dashboard/app/compare/columns.ts"
import { matching } from "../../../dashboard/app/compare/filter.ts"
import type { Relation } from "../../../dashboard/app/compare/filter.ts"
import { rowOfFolder, rowOfRun } from "../../../dashboard/app/compare/rows.ts"
import { newRun } from "../../../dashboard/app/state/runs.ts"
import { append, empty } from "../../../dashboard/app/state/series.ts"
import type { RunFolder } from "../../../src/cli/dashboard/runFolders.ts"

const run = {
  ...{ format: 1, experiment: "digits", kind: "supervised", state: "tested", step: 20, versions: {} },
  ...{ created: "2026-01-02T03:04:05.678Z", updated: "2026-01-02T03:04:05.678Z", seconds: { train: 75 } }
}

const folderOf = (name: string, more: object = {}, killed?: true) =>
  rowOfFolder({
    ...{ name, hasWeights: true, hasBest: false, hasReport: false, samples: [], run: { ...run, config: {}, ...more } },
    ...(killed === undefined ? {} : { killed })
  } as RunFolder)

const rows = [
  folderOf("a", { config: { model: "mlp", layers: 10 }, results: { test: { loss: 0.5, accuracy: 0.9 } } }),
  folderOf("b", { config: { model: "mlp", layers: 9 }, results: { test: { loss: 0.25, accuracy: 0.95 } } }),
  folderOf("c", { config: { model: "mlp" }, note: "by hand", state: "failed", reason: "out of memory" })
]
const columns = columnsOf(rows), columnOf = (title: string) => columns.find((column) => column.title === title)!
const names = (found: typeof rows | ReturnType<typeof sorted>) => found.map(({ name }) => name).join("")

describe("the table of runs", () => {
  it("has a row of what a run of the page has measured, the last and the best of it", () => {
    const train = empty(), test = empty()
    for (const [step, loss] of [[1, 3], [2, 1], [3, 2]] as const) append(train, step, { loss, time: step / 2 })
    for (const [step, accuracy] of [[1, 0.5], [2, 0.8], [3, NaN]] as const) append(test, step, { accuracy })
    const choice = { experiment: "digits", config: { seed: 1 } }
    const page = newRun({
      id: "1",
      name: "one",
      kind: "page",
      phase: "running",
      train,
      others: { validation: test },
      choice
    })
    const row = rowOfRun(page, { isCurrent: false, isElsewhere: false })
    assert.deepStrictEqual([row.state, row.seconds, row.step, row.experiment], ["paused", 1.5, 3, "digits"])
    assert.deepStrictEqual(row.metrics, {
      "train loss": 2,
      "best train loss": 1,
      "validation accuracy": 0.8,
      "best validation accuracy": 0.8
    })
    append(train, 4, { loss: 0.5 })
    assert.strictEqual(rowOfRun(page, { isCurrent: true, isElsewhere: false }).metrics["best train loss"], 0.5)
  })

  it("says how long a folder's run took all together, its test too, where that is known", () => {
    assert.strictEqual(folderOf("x", { seconds: { train: 75, total: 80 } }).seconds, 80)
    assert.strictEqual(folderOf("x").seconds, 75)
  })

  it("tells runs that were killed from those that go on, and says what is wrong with what is no run", () => {
    const going = { state: "running" }
    assert.strictEqual(folderOf("x", going).state, "running")
    const killed = folderOf("x", going, true)
    assert.deepStrictEqual([killed.state, killed.reason], [
      "killed",
      "its process is gone; it said that it was running"
    ])
    const broken = rowOfFolder({
      ...{ name: "y", hasWeights: false, hasBest: false, hasReport: false },
      samples: [],
      problem: "no JSON"
    })
    assert.deepStrictEqual([broken.state, broken.reason, broken.created], ["unreadable", "no JSON", undefined])
  })

  it("is sorted by numbers as numbers, with what is missing at its end in both directions", () => {
    assert.strictEqual(names(sorted(rows, columnOf("layers"), false)), "bac")
    assert.strictEqual(names(sorted(rows, columnOf("layers"), true)), "abc")
    assert.strictEqual(names(sorted(rows, columnOf("test loss"), false)), "bac")
    assert.strictEqual(names(sorted(rows, columnOf("model"), true)), "abc")
    assert.strictEqual(names(sorted(rows, undefined, true)), "abc")
  })

  it("has columns of configuration and metrics, and knows in which of them runs differ", () => {
    const differing = columns.filter((column) => differs(rows, column)).map(({ title }) => title)
    assert.deepStrictEqual(differing, ["run", "state", "layers", "test loss", "test accuracy"])
    assert.isFalse(differs(rows.slice(0, 2), columnOf("state")))
  })

  it("shows the runs that have all words, and for which all conditions hold", () => {
    const found = (words: string, ...conditions: ReadonlyArray<readonly [string, Relation, string]>) =>
      names(matching(
        rows,
        columns,
        words,
        conditions.map(([title, relation, value]) => ({ column: columnOf(title).id, relation, value }))
      ))
    assert.strictEqual(found(""), "abc")
    assert.strictEqual(found("MLP tested"), "ab")
    assert.strictEqual(found("hand memory"), "c")
    assert.strictEqual(found("", ["test accuracy", "≥", "90 %"]), "ab")
    assert.strictEqual(found("", ["test accuracy", ">", "0.9"]), "b")
    assert.strictEqual(found("", ["test accuracy", "<", "1"]), "ab")
    assert.strictEqual(found("", ["layers", "=", "10"]), "a")
    assert.strictEqual(found("", ["layers", "≠", "10"]), "bc")
    assert.strictEqual(found("", ["state", "=", "Failed"]), "c")
    assert.strictEqual(found("", ["run", "≤", "b"]), "ab")
    assert.strictEqual(found("", ["model", "contains", "ML"], ["test loss", "<", "0.3"]), "b")
    assert.strictEqual(found("", ["began", "≥", "2027-01-01"]), "")
  })

  it("says how long something took, as a report does, and when it began", () => {
    const took = columnOf("duration"), steps = columnOf("steps")
    assert.strictEqual(took.text(took.valueOf(rows[0]!)), "1 min 15 s")
    assert.strictEqual(steps.text(12_000), "12,000")
    assert.strictEqual(moment(new Date(2026, 0, 2, 3, 4).getTime()), "2026-01-02 03:04")
  })
})
