import { assert, describe, it } from "vitest"
import { chromium } from "../../support/chromium.ts"
import { reason, sharedTab, until } from "../../support/dashboardPage.ts"

describe.skipIf(chromium === undefined)(`a generator in a page${reason}`, () => {
  const shared = sharedTab()

  it("shows what it draws: of the same noise as it learns, and of any noise", async () => {
    const { name, page, phase, press, view } = shared.tab
    await page.getByLabel("Experiment", { exact: true }).selectOption("generator")
    await page.getByRole("spinbutton", { name: "Examples" }).fill("500")
    await page.getByLabel("Batch size").fill("32")
    await press("Start a new run")
    await until(async () => (await name()).includes("generator"))
    await phase("running")
    await view("Training")
    await page.getByRole("heading", { name: "Critic loss" }).waitFor()
    await page.getByRole("heading", { name: "Sliced Wasserstein distance" }).waitFor()
    assert.strictEqual(await page.getByRole("link", { name: "Mistakes" }).count(), 0)
    await view("Try it")
    const timeline = page.getByRole("slider", { name: "step" })
    await until(async () => Number(await timeline.getAttribute("max")) >= 2)
    await press("Pause")
    await phase("paused")
    await timeline.press("Home")
    // How far the training is when the first picture is drawn is up to the machine.
    await until(async () => await timeline.inputValue() === "0")
    await page.getByRole("img", { name: "images of always the same noise" }).waitFor()

    const pixels = () =>
      page.getByRole("img", { name: "the generated" }).evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL())
    const changes = async (act: () => Promise<unknown>) => {
      const before = await pixels()
      await act()
      await until(async () => await pixels() !== before)
    }
    await changes(() => page.getByRole("slider", { name: "from one point to the other" }).press("End"))
    await changes(() => page.getByRole("slider", { name: "its value" }).press("End"))
    await changes(() => page.getByRole("combobox", { name: "Class", exact: true }).selectOption("8"))
    assert.strictEqual(await page.getByRole("slider", { name: "from one point to the other" }).inputValue(), "1")
  })

  it("is one network with its critic, and both are there when the page is loaded again", async () => {
    const { number, page, phase, settled, view } = shared.tab
    await view("Network")
    const layers = page.getByRole("combobox", { name: "layer", exact: true })
    await layers.selectOption({ label: "critic hidden1" })
    assert.include(await layers.innerText(), "generator head")
    assert.include(await page.locator(".details").innerText(), "critic hidden1, unit 0")
    const found = await shared.person.audit(shared.tab), step = await settled()
    await page.reload()
    await phase("paused")
    assert.strictEqual(await number("step"), step)
    await view("Try it")
    assert.isAtLeast(Number(await page.getByRole("slider", { name: "step" }).getAttribute("max")), 2)
    await page.getByRole("img", { name: "the generated" }).waitFor()
    assert.deepStrictEqual([...found, ...await shared.person.audit(shared.tab)], [])
    assert.deepStrictEqual([shared.person.problems, shared.person.elsewhere], [[], []])
  })

  it("says how long its main thread was busy meanwhile", ({ annotate }) => shared.person.sayHowBusy(annotate))
})
