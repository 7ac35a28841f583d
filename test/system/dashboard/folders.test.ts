import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { hostname } from "node:os"
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
      const holder = { token: "of-a-test", pid: process.pid, host: hostname(), since: run.created }
      writeFileSync(join(folder, "run.lock"), JSON.stringify(holder))
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
      await until(async () => /finished\t/.test(await listed.innerText()))
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

  it("stand in one table with the runs of the page, which is sorted, searched, and shows what differs", () =>
    visit(async (person) => {
      const { audit, open, runs } = person, base = mkdtempSync(join(runs, "table-")).slice(runs.length + 1)
      const made = [["a", 0.01, 0.9], ["b", 0.1, 0.7], ["c", 0.02, 0.95]] as const
      for (const [name, learningRate, accuracy] of made) {
        mkdirSync(join(runs, `${base}-${name}`))
        const run = {
          ...{ format: 1, experiment: "digits", state: "tested", step: 9, created: "2026-01-02T03:04:05.678Z" },
          ...{ config: { model: "mlp", learningRate, seed: 7 }, results: { test: { accuracy } } },
          ...(name === "b" ? { state: "failed", reason: "its loss was no number" } : {})
        }
        writeFileSync(join(runs, `${base}-${name}`, "run.json"), JSON.stringify(run))
      }
      writeFileSync(join(runs, `${base}-a`, "report.html"), "<h1>of a</h1><script>document.title = 'ran'</script>")
      writeFileSync(join(runs, `${base}-a`, "model.safetensors"), "weights of a")
      const tab = await open(), { page, phase, view } = tab
      await phase("running")
      await view("Runs")
      const order = async () =>
        (await page.locator(".page-runs tbody th").allInnerTexts()).map((text) => text.trim().slice(-2))
      await page.getByRole("searchbox", { name: "Find runs" }).fill(base)
      await until(async () => (await order()).length === 3)
      const head = page.getByRole("columnheader", { name: "test accuracy" })
      await head.getByRole("button").focus()
      await page.keyboard.press("Enter")
      assert.strictEqual(await head.getAttribute("aria-sort"), "descending")
      assert.deepStrictEqual(await order(), ["-c", "-a", "-b"])
      await page.keyboard.press("Enter")
      assert.strictEqual(await head.getAttribute("aria-sort"), "ascending")
      assert.deepStrictEqual(await order(), ["-b", "-a", "-c"])
      assert.include(await tab.row(`${base}-b`).innerText(), "its loss was no number")

      const heads = async () => (await page.getByRole("columnheader").allInnerTexts()).join()
      assert.notInclude(await heads(), "learning rate")
      await page.getByLabel("only differences").check()
      assert.include(await heads(), "learning rate")
      assert.notInclude(await heads(), "model")
      await page.getByText("Columns", { exact: true }).click()
      await page.getByLabel("duration", { exact: true }).uncheck()
      assert.notInclude(await heads(), "duration")

      const condition = page.getByRole("form", { name: "Condition" })
      await condition.getByLabel("column").selectOption("test accuracy")
      await condition.getByLabel("relation").selectOption("≥")
      await condition.getByLabel("value").fill("90 %")
      await page.keyboard.press("Enter")
      assert.deepStrictEqual(await order(), ["-a", "-c"])
      assert.match(await page.getByTestId("count").innerText(), /^2 of \d+ runs$/)
      assert.deepStrictEqual(await audit(tab), [])

      const row = tab.row(`${base}-a`)
      const [report] = await Promise.all([
        page.waitForEvent("popup"),
        row.getByRole("link", { name: `Report of ${base}-a` }).click()
      ])
      await report.getByRole("heading", { name: "of a" }).waitFor()
      assert.notStrictEqual(await report.title(), "ran")
      await report.close()
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        row.getByRole("link", { name: `Weights of ${base}-a`, exact: true }).click()
      ])
      assert.strictEqual(download.suggestedFilename(), `${base}-a.safetensors`)
      assert.strictEqual(readFileSync(await download.path(), "utf8"), "weights of a")

      await page.getByRole("button", { name: "Remove test accuracy ≥ 90 %" }).click()
      assert.deepStrictEqual(await order(), ["-b", "-a", "-c"])
      // The sandbox says what it has kept from running.
      person.problems.splice(0)
    }))
})
