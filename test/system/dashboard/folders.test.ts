import { mkdtempSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { chromium } from "../../support/chromium.ts"
import { reason, sharedDashboard, until } from "../../support/dashboardPage.ts"
import type { Hands } from "../../support/dashboardPage.ts"

const folderIn = (runs: string) => {
  const folder = mkdtempSync(join(runs, "cli-"))
  return { folder, name: folder.slice(runs.length + 1) }
}

/** Brings a folder into the charts, and gives its row of the table of latest values. */
const inCharts = async ({ page, phase, view }: Hands, name: string) => {
  await phase("running")
  await view("Runs")
  await page.getByLabel(`${name} in the charts`).check()
  await view("Training")
  await page.getByLabel("as a table").check()
  return page.locator("table tr").filter({ has: page.getByRole("rowheader", { name }) })
}

describe.skipIf(chromium === undefined)(`run folders in a page${reason}`, () => {
  const { visit } = sharedDashboard()

  it("are shown while they are being written", () =>
    visit(async ({ open, runs }) => {
      const { folder, name } = folderIn(runs)
      const lines = (from: number, to: number) =>
        Array.from({ length: to - from }, (_, i) => `{"split":"train","step":${from + i},"loss":${1 / (from + i)}}\n`)
          .join("")
      writeFileSync(join(folder, "metrics.jsonl"), lines(1, 50))
      const run = { format: 1, experiment: "digits", state: "running", step: 49, created: "2026-01-02T03:04:05.678Z" }
      writeFileSync(join(folder, "run.json"), JSON.stringify(run))
      const row = await inCharts(await open(), name)
      await until(async () => (await row.innerText()).includes("\t49\t"))
      writeFileSync(join(folder, "metrics.jsonl"), lines(50, 80), { flag: "a" })
      await until(async () => (await row.innerText()).includes("\t79\t"))
    }))

  it("of generators show what was measured at each step, and what a judge said of it beside", () =>
    visit(async ({ open, runs }) => {
      const { folder, name } = folderIn(runs)
      const step = (i: number) => `{"step":${i},"size":8,"criticLoss":${i / 64}}\n`
      const judged = (i: number) => `{"split":"judged","step":${i},"frechetDistance":${100 - i}.25,"counts":[1,2]}\n`
      const lines = Array.from({ length: 40 }, (_, i) => step(i + 1) + ((i + 1) % 20 === 0 ? judged(i + 1) : ""))
      writeFileSync(join(folder, "metrics.jsonl"), judged(0) + lines.join(""))
      const said = { status: "finished", step: 40, versions: {}, config: { dataset: "digits", criticSteps: 1 } }
      writeFileSync(join(folder, "summary.json"), JSON.stringify(said))
      const tab = await open()
      await tab.view("Runs")
      const listed = tab.page.locator("tr").filter({ has: tab.page.getByRole("rowheader", { name }) })
      await until(async () => /finished\tdigits/.test(await listed.innerText()))
      const row = await inCharts(tab, name)
      await until(async () => /\t40\t/.test(await row.innerText()) && /60\.25/.test(await row.innerText()))
      assert.include(await row.innerText(), "0.625")
    }))

  it("may be of a long run, with metrics of some megabytes", () =>
    visit(async ({ open, runs }) => {
      const { folder, name } = folderIn(runs), steps = 40_000
      const line = (step: number) =>
        `{"split":"train","epoch":1,"step":${step},"loss":${1 / step},"accuracy":${1 - 1 / step}}\n`
      writeFileSync(join(folder, "metrics.jsonl"), Array.from({ length: steps }, (_, i) => line(i + 1)).join(""))
      const row = await inCharts(await open(), name)
      await until(async () => (await row.innerText()).includes(`\t${steps}\t`))
    }))
})
