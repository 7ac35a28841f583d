import type { Page } from "playwright"
import { assert, describe, it } from "vitest"
import { chromium } from "../../support/chromium.ts"
import { reason, sharedDashboard, until } from "../../support/dashboardPage.ts"

const BESIDE = "icon.svg"

/** Opens the database of runs as a page of another version would, and holds it. */
const hold = (page: Page, version: number, runs: ReadonlyArray<{ readonly id: string }> = []) =>
  page.evaluate(async ({ runs, version }) => {
    const request = indexedDB.open("effect-neuron dashboard", version)
    request.addEventListener("upgradeneeded", ({ oldVersion }) => {
      if (oldVersion > 0) return
      request.result.createObjectStore("runs", { keyPath: "id" })
      request.result.createObjectStore("checkpoints")
      for (const run of runs) request.transaction!.objectStore("runs").put(run)
    })
    await new Promise((resolve) => request.addEventListener("success", resolve))
    Object.assign(globalThis, { held: request.result })
  }, { runs, version })

const release = (page: Page) => page.evaluate(() => (globalThis as unknown as { held: IDBDatabase }).held.close())

const series = (steps: ReadonlyArray<number>) => ({
  steps,
  weights: steps.map(() => 1),
  values: { loss: steps.map((step) => 1 / step) },
  stride: 1
})

/** A run as earlier pages have kept it: the first of them trained classifiers alone. */
const oldRun = (version: 1 | 2) => ({
  id: `of version ${version}`,
  name: `1 of version ${version}`,
  color: 0,
  kind: "page",
  created: 1,
  choice: {
    ...(version === 1 ? {} : { task: "classifier" }),
    dataset: "digits",
    examples: 200,
    model: "dense 32-16",
    optimizer: "adam",
    learningRate: 0.001,
    schedule: "constant",
    batchSize: 32,
    epochs: 1000,
    seed: 1
  },
  train: series([1, 2, 3]),
  test: series([3]),
  norms: series([]),
  ...(version === 1 ? {} : { samples: { steps: [], pictures: [], stride: 1 } }),
  visible: true,
  phase: "running"
})

describe.skipIf(chromium === undefined)(`a page in trouble${reason}`, () => {
  const { visit } = sharedDashboard()

  it("refuses wrong values at their fields, and trains on", () =>
    visit(async ({ open }) => {
      const { button, name, number, page, phase, press, row, view } = await open()
      await phase("running")
      const first = await name()
      await page.locator(".live").getByLabel("learning rate").fill("1e400")
      await page.getByText("This has to be a number above 0, such as 0.001.").waitFor()
      assert.isFalse(await button("Set").isEnabled())
      const seed = page.getByRole("spinbutton", { name: "Seed" })
      for (
        const [label, wrong, sentence] of [
          ["Seed", "99999999999999999999", "This has to be a whole number from 0 on."],
          ["Seed", "1.5", "This has to be a whole number from 0 on."],
          ["Batch size", "0", "This has to be a whole number from 1 on."],
          ["Learning rate", "0", "This has to be a number above 0, such as 0.001."]
        ] as const
      ) {
        const field = page.getByRole("spinbutton", { name: label }), right = await field.inputValue()
        await field.fill(wrong)
        await press("Start a new run")
        await page.getByText(sentence).last().waitFor()
        assert.strictEqual(await field.inputValue(), wrong)
        assert.strictEqual(await field.getAttribute("aria-invalid"), "true")
        await field.fill(right)
        await until(async () => await field.getAttribute("aria-invalid") === "false")
      }
      await phase("running")
      const step = await number("step")
      await until(async () => await number("step") > step)
      await press("Pause")
      await phase("paused")
      await view("Runs")
      await row(first).waitFor()
      assert.strictEqual(await page.locator(".page-runs tbody tr").count(), 1)
      assert.strictEqual(await name(), first)
      await seed.fill("7")
      await press("Start a new run")
      await until(async () => await name() !== first)
      await phase("running")
    }))

  it("refuses to begin with what was chosen wrongly before, in a sentence", () =>
    visit(async ({ open }) => {
      const { page, phase, press } = await open()
      await phase("running")
      await press("Stop")
      await phase("stopped")
      const wrong = JSON.stringify({ configs: { digits: { batchSize: 0 } } })
      const other = await open(BESIDE)
      await other.page.evaluate((wrong) => {
        localStorage.clear()
        localStorage.setItem("effect-neuron dashboard", wrong)
      }, wrong)
      const { page: third } = await open()
      await third.getByRole("alert").getByText("batchSize: This has to be a whole number from 1 on.").waitFor()
      await third.getByRole("spinbutton", { name: "Batch size" }).fill("32")
      await third.getByRole("button", { name: "Start a new run" }).click()
      await third.getByTestId("phase").filter({ hasText: "running" }).waitFor()
      await third.getByRole("alert").waitFor({ state: "detached" })
      assert.strictEqual(await page.getByTestId("phase").innerText(), "stopped")
    }))

  it("says that the server is gone, and hears of it again", () =>
    visit(async ({ context, open, problems }) => {
      const { number, page, phase, view } = await open()
      await phase("running")
      await view("Runs")
      const silence = page.getByText("The server of the dashboard does not answer")
      await page.getByRole("table").first().waitFor()
      assert.strictEqual(await silence.count(), 0)
      await context.route("**/api/**", (route) => route.abort("connectionrefused"))
      await silence.waitFor()
      const step = await number("step")
      await until(async () => await number("step") > step)
      await context.unroute("**/api/**")
      await silence.waitFor({ state: "detached" })
      // The browser's own words about requests that failed.
      for (const problem of problems.splice(0)) assert.include(problem, "ERR_CONNECTION_REFUSED")
    }))

  for (const version of [1, 2] as const) {
    it(`finds the runs of a page of version ${version}, and goes on with them`, () =>
      visit(async ({ open }) => {
        const beside = await open(BESIDE), { name } = oldRun(version)
        await hold(beside.page, version, [oldRun(version)])
        await release(beside.page)
        const tab = await open()
        await tab.phase("running")
        await tab.view("Runs")
        assert.match(await tab.row(name).innerText(), /paused[^]*3[^]*0\.3333/)
        await tab.row(name).getByRole("button", { name: "Open" }).click()
        await until(async () => await tab.name() === name)
        await tab.phase("paused")
        await tab.press("Continue")
        await until(async () => await tab.number("step") > 3)
      }))
  }

  it("asks that tabs with an older database be closed, and then goes on", () =>
    visit(async ({ open }) => {
      const old = await open(BESIDE)
      await hold(old.page, 2, [oldRun(2)])
      const tab = await open()
      await tab.page.getByRole("alert").getByText("Close the other tabs").waitFor()
      await old.page.close()
      await tab.phase("running")
      await tab.page.getByRole("alert").waitFor({ state: "detached" })
      await tab.view("Runs")
      await tab.row("of version 2").waitFor()
    }))

  it("gives up its database for a newer page, says so, and trains on", () =>
    visit(async ({ open }) => {
      const { number, page, phase } = await open()
      await phase("running")
      const beside = await open(BESIDE)
      await hold(beside.page, 1000)
      await page.getByRole("alert").getByText("Another tab has a newer version of this page").waitFor()
      const step = await number("step")
      await until(async () => await number("step") > step)
    }))

  it("says that there is no room for its runs, and trains on", () =>
    visit(async ({ context, open, url }) => {
      // A browser asks how much room there is only from time to time.
      const { page: beside } = await open(BESIDE), browser = await context.newCDPSession(beside)
      await browser.send("Storage.overrideQuotaForOrigin", { origin: url, quotaSize: 1 })
      const { number, page, phase } = await open()
      await phase("running")
      await page.getByRole("alert").getByText("The browser has no more room").waitFor()
      const step = await number("step")
      await until(async () => await number("step") > step)
    }))

  it("has what it said to be kept when it ends without a word", () =>
    visit(async ({ context, open }) => {
      const { kept, name, page, phase } = await open()
      await phase("running")
      await until(async () => await kept() > 0)
      const first = await name(), browser = await context.newCDPSession(page)
      let last = await kept()
      await until(async () => await kept() > last)
      last = await kept()
      const crash = page.waitForEvent("crash")
      void browser.send("Page.crash").catch(() => undefined)
      await crash
      const again = await open()
      await again.phase("running")
      assert.strictEqual(await again.name(), first)
      assert.isAtLeast(await again.kept(), last)
    }))
})
