import { assert, describe, it } from "vitest"
import { chromium } from "../../support/chromium.ts"
import { reason, sharedTab } from "../../support/dashboardPage.ts"

describe.skipIf(chromium === undefined)(`the dashboard's page${reason}`, () => {
  const shared = sharedTab()

  it("has nothing that an audit of accessibility finds, in any view, theme or width", async () => {
    const { page, phase, press, view } = shared.tab
    const ready = [
      ["Training", ".charts .u-over"],
      ["Network", "canvas.network"],
      ["Try it", ".best"],
      ["Mistakes", ".gallery li"],
      ["Summary", "table.summary tbody tr"],
      ["Runs", ".runs td"]
    ] as const
    // A second run, so that there is one that can be forgotten.
    await press("Start a new run")
    await page.locator(".runbar .name", { hasText: /^2 / }).waitFor()
    await phase("running")
    await press("Pause")
    await phase("paused")
    const found: Array<string> = []
    for (const [name, selector] of ready) {
      await view(name)
      await page.locator(selector).first().waitFor()
      if (name === "Training") await page.getByLabel("as a table").check()
      if (name === "Network") {
        await page.getByRole("combobox", { name: "layer", exact: true }).selectOption({ label: "hidden1" })
      }
      if (name === "Runs") {
        await page.getByRole("button", { name: "Rename 2" }).click()
        await page.getByRole("button", { name: "Forget 1" }).click()
        await page.getByRole("spinbutton", { name: "Seed" }).fill("1.5")
        await press("Start a new run")
      }
      for (const text of await shared.person.audit(shared.tab)) found.push(`${name}, ${text}`)
    }
    await page.getByRole("spinbutton", { name: "Seed" }).fill("1")
    assert.deepStrictEqual(found, [])
  })

  it("fits a phone, asks no other server, and reports no error", async () => {
    const { page, press, view } = shared.tab
    await page.setViewportSize({ width: 390, height: 844 })
    const fit = async (names: ReadonlyArray<string>) => {
      for (const name of names) {
        await view(name)
        await page.locator("main h2", { hasText: name }).waitFor()
        const width = await page.evaluate(() => document.documentElement.scrollWidth)
        assert.isAtMost(width, 390, `${name} is wider than a phone`)
      }
    }
    await fit(["Training", "Network", "Try it", "Mistakes", "Summary", "Runs"])
    await press("New run")
    await page.getByLabel("Experiment", { exact: true }).selectOption("generator")
    await press("Start a new run")
    await page.locator(".runbar .name", { hasText: "generator" }).waitFor()
    await fit(["Training", "Network", "Try it", "Summary", "Runs"])
    assert.deepStrictEqual([shared.person.problems, shared.person.elsewhere], [[], []])
  })

  it("says how long its main thread was busy meanwhile", ({ annotate }) => shared.person.sayHowBusy(annotate))
})
