import { assert, describe, it } from "vitest"
import { chromium } from "../../support/chromium.ts"
import { reason, sharedDashboard, until } from "../../support/dashboardPage.ts"
import type { Hands } from "../../support/dashboardPage.ts"

const start = async ({ button, name, phase }: Hands): Promise<void> => {
  const before = await name()
  await button("Start a new run").click()
  await until(async () => await name() !== before)
  await phase("running")
}

/** The names of the runs in the table, as soon as there are so many. */
const names = async ({ page }: Hands, count: number): Promise<ReadonlyArray<string>> => {
  const heads = page.locator(".page-runs tbody th")
  await until(async () => await heads.count() === count)
  return heads.allInnerTexts()
}

describe.skipIf(chromium === undefined)(`runs of a page${reason}`, () => {
  const { visit } = sharedDashboard()

  it("go on when the page is loaded again, in the phase that they had", () =>
    visit(async ({ open }) => {
      const tab = await open(), { button, kept, name, number, page, phase, press, settled, view } = tab
      await phase("running")
      await until(async () => await kept() > 0)
      const first = await name(), atLeast = await kept()
      await page.reload()
      await phase("running")
      assert.strictEqual(await name(), first)
      assert.isAtLeast(await kept(), atLeast)
      await until(async () => await number("step") > atLeast)

      await press("Pause")
      await phase("paused")
      const paused = await settled()
      assert.strictEqual(await kept(), paused)
      await page.reload()
      await phase("paused")
      assert.deepStrictEqual([await number("step"), await kept()], [paused, paused])

      await press("Stop")
      await phase("stopped")
      await page.reload()
      await phase("stopped")
      assert.deepStrictEqual([await name(), await number("step")], [first, paused])
      // What has stopped is looked at and taken out all the same.
      assert.isTrue(await button("Export weights").isEnabled())
      await view("Try it")
      await page.locator(".best").waitFor()
      await view("Mistakes")
      await page.locator(".confusion tbody tr").nth(9).waitFor()
      await view("Network")
      await page.locator("canvas.network").waitFor()
      await press("Continue")
      await phase("running")
      await until(async () => await number("step") > paused)
    }))

  it("that have finished stay so", () =>
    visit(async ({ open }) => {
      const { button, number, page, phase, press, settled } = await open()
      await phase("running")
      await page.getByRole("spinbutton", { name: "Examples" }).fill("100")
      await page.getByLabel("Epochs").fill("2")
      await press("Start a new run")
      await phase("finished")
      assert.strictEqual(await settled(), 6)
      await page.reload()
      await phase("finished")
      assert.strictEqual(await number("step"), 6)
      assert.isFalse(await button("Continue").isEnabled())
      assert.isTrue(await button("Export weights").isEnabled())
    }))

  it("are each of one tab, which goes on with its own", () =>
    visit(async ({ open }) => {
      const one = await open()
      await one.phase("running")
      const first = await one.name()
      const two = await open()
      await two.phase("running")
      const second = await two.name()
      assert.notStrictEqual(second, first)
      await one.page.reload()
      await one.phase("running")
      assert.strictEqual(await one.name(), first)
      await one.view("Runs")
      const row = one.row(second)
      await row.getByText("in another tab").waitFor()
      assert.deepStrictEqual(await row.getByRole("button").allInnerTexts(), ["Fork"])
      await until(async () => await two.kept() > 0)
      const kept = await two.kept()
      await two.page.close()
      await row.getByRole("button", { name: "Open" }).click()
      await until(async () => await one.name() === second)
      await one.phase("paused")
      assert.isAtLeast(await one.kept(), kept)
      assert.include(await one.row(first).innerText(), "paused")
    }))

  it("are not shared by a tab that is a copy of another", () =>
    visit(async ({ context, open }) => {
      const one = await open()
      await one.phase("running")
      const id = await one.page.evaluate(() => sessionStorage.getItem("effect-neuron current run")!)
      await context.addInitScript((id) => {
        if (location.protocol === "http:") sessionStorage.setItem("effect-neuron current run", id)
      }, id)
      const two = await open()
      await two.phase("running")
      assert.notStrictEqual(await two.name(), await one.name())
    }))

  it("go on in a new tab when theirs was closed", () =>
    visit(async ({ open }) => {
      const one = await open()
      await until(async () => await one.kept() > 0)
      const first = await one.name(), kept = await one.kept()
      await one.page.close()
      const two = await open()
      await two.phase("running")
      assert.strictEqual(await two.name(), first)
      assert.isAtLeast(await two.kept(), kept)
    }))

  it("can be opened again, and forked, which leaves them as they were", () =>
    visit(async ({ open }) => {
      const tab = await open(), { name, number, page, phase, press, row, settled, view, weights } = tab
      await phase("running")
      await until(async () => await number("step") > 20)
      await press("Stop")
      await phase("stopped")
      const first = await name(), step = await settled(), { bytes } = await weights()
      await page.getByLabel("Model").selectOption("mlp")
      await start(tab)
      await view("Runs")
      await row(first).getByRole("button", { name: "Fork" }).click()
      await until(async () => (await name()).endsWith(", fork of 1"))
      await phase("paused")
      const fork = await name()
      assert.strictEqual(await settled(), step)
      assert.deepStrictEqual((await weights()).bytes, bytes)
      assert.include(
        await page.locator(".runbar").innerText(),
        `begun at step ${step.toLocaleString("en-US")} of ${first}`
      )
      await press("Continue")
      await until(async () => await number("step") > step + 20)
      await row(first).getByRole("button", { name: "Open" }).click()
      await until(async () => await name() === first)
      await phase("paused")
      assert.strictEqual(await settled(), step)
      assert.deepStrictEqual((await weights()).bytes, bytes)
      assert.include(await row(fork).innerText(), "paused")
      await press("Continue")
      await until(async () => await number("step") > step)
    }))

  it("begin once by a double click", () =>
    visit(async ({ open }) => {
      const tab = await open()
      await tab.phase("running")
      const first = await tab.name()
      await tab.button("Start a new run").dblclick({ delay: 150 })
      await until(async () => await tab.name() !== first)
      await tab.phase("running")
      await tab.view("Runs")
      await tab.row(first).waitFor()
      await names(tab, 2)
    }))

  it("are kept, however many there are, and forgotten when that was asked for and answered", () =>
    visit(async ({ open }) => {
      const tab = await open(), { page, phase, row, view } = tab
      await phase("running")
      for (let i = 1; i < 13; i++) await start(tab)
      await page.reload()
      await phase("running")
      await view("Runs")
      await row("13 digits").waitFor()
      await names(tab, 13)
      assert.match(await page.getByTestId("room").innerText(), /Runs take .*B of the .*B/)
      const mark = async (...numbers: ReadonlyArray<number>) => {
        for (const number of numbers) await page.getByRole("button", { name: new RegExp(`^Forget ${number} `) }).click()
      }
      const question = page.getByRole("group", { name: "Forget runs" })
      await mark(2, 3, 5)
      await question.getByText("Forget 3 runs, with their weights?").waitFor()
      await question.getByRole("button", { name: "Keep" }).click()
      assert.lengthOf(await names(tab, 13), 13)
      await mark(2, 3, 5)
      await question.getByRole("button", { name: "Forget" }).click()
      await names(tab, 10)
      await page.reload()
      assert.deepStrictEqual((await names(tab, 10)).map((name) => Number.parseInt(name)), [
        13,
        12,
        11,
        10,
        9,
        8,
        7,
        6,
        4,
        1
      ])
    }))

  it("have the names and notes that a person gives them", () =>
    visit(async ({ open }) => {
      const { name, page, phase, view } = await open()
      await phase("running")
      await view("Runs")
      await page.getByRole("button", { name: "Rename 1 digits" }).click()
      await page.getByRole("textbox", { name: "name" }).fill("first try")
      await page.getByRole("textbox", { name: "note" }).fill("to compare with")
      await page.getByRole("button", { name: "Save" }).click()
      await until(async () => await name() === "first try")
      await page.reload()
      await phase("running")
      assert.strictEqual(await name(), "first try")
      assert.include(await page.locator(".page-runs").innerText(), "to compare with")
    }))

  it("keep their backend, whatever the form says", () =>
    visit(async ({ open }) => {
      const { page, phase } = await open()
      await phase("running")
      await page.getByLabel("Backend").selectOption("webgl")
      await page.reload()
      await phase("running")
      assert.include(await page.locator(".runbar").innerText(), "wasm, 1 thread")
      assert.strictEqual(await page.getByLabel("Backend").inputValue(), "webgl")
    }))
})
