import { assert, describe, it } from "vitest"
import { chromium } from "../../support/chromium.ts"
import { reason, sharedTab, until } from "../../support/dashboardPage.ts"

describe.skipIf(chromium === undefined)(`a network in a page${reason}`, () => {
  const shared = sharedTab()

  it("is drawn, zoomed and moved by keys, and tells the numbers of a unit", async () => {
    const { page, view } = shared.tab
    await view("Network")
    const canvas = page.locator("canvas.network")
    await canvas.waitFor()
    const transform = () => canvas.getAttribute("data-transform")
    const at = async () => (await transform())!.split(" ").map(Number)
    await until(async () => await transform() !== null)
    await canvas.focus()
    await page.keyboard.press("0")
    const fitted = await at()
    await page.keyboard.press("+")
    await until(async () => (await at())[0]! > fitted[0]! * 1.2)
    const zoomed = await at()
    await page.keyboard.press("ArrowRight")
    await until(async () => (await at())[1]! < zoomed[1]!)
    await page.keyboard.press("0")
    await until(async () => (await at()).join() === fitted.join())
    await page.mouse.move(640, 560)
    await page.mouse.wheel(0, -300)
    await until(async () => (await at())[0]! > fitted[0]!)
    const before = await at()
    await page.mouse.down()
    await page.mouse.move(740, 500, { steps: 10 })
    await page.mouse.move(600, 590, { steps: 10 })
    await page.mouse.up()
    await until(async () => (await at()).join() === [before[0]!, before[1]! - 40, before[2]! + 30].join())
    await page.getByRole("combobox", { name: "layer", exact: true }).selectOption({ label: "hidden1" })
    await page.getByRole("combobox", { name: "unit", exact: true }).selectOption("3")
    const details = page.locator(".details")
    assert.include(await details.innerText(), "hidden1, unit 3")
    assert.include(await details.getByRole("row", { name: "weights" }).innerText(), "784")
  })

  it("guesses what is drawn", async () => {
    const { number, page, view } = shared.tab
    await view("Try it")
    await until(async () => await number("validation accuracy") > 85)
    const box = (await page.getByTestId("pad").boundingBox())!
    const to = (x: number, y: number, steps = 8) =>
      page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps })
    // A seven: a bar, then a line down to the left.
    await to(0.3, 0.25, 1)
    await page.mouse.down()
    await to(0.7, 0.25)
    await to(0.45, 0.85)
    await page.mouse.up()
    await page.getByText("your drawing").waitFor()
    const likely = () =>
      page.locator(".bars tr").filter({ has: page.getByRole("rowheader", { name: "7" }) }).innerText()
    await until(async () => Number.parseFloat((await likely()).split(/\s+/).at(-2)!) > 30)
  })

  it("takes a drawing from the keyboard", async () => {
    const { page, press } = shared.tab
    await press("Clear")
    await page.getByText("your drawing").waitFor({ state: "detached" })
    await page.getByTestId("pad").focus()
    await page.keyboard.press(" ")
    for (let i = 0; i < 14; i++) await page.keyboard.press("ArrowDown")
    await page.keyboard.press(" ")
    await page.getByText("your drawing").waitFor()
    await until(async () => await page.getByTestId("guess").innerText() === "1")
  })

  it("counts its mistakes in a table", async () => {
    const { page, view } = shared.tab
    await view("Mistakes")
    const rows = page.locator(".confusion tbody tr")
    await rows.nth(9).waitFor()
    const cells = await page.locator(".confusion tbody td:not(.muted)").allInnerTexts()
    assert.strictEqual(cells.length, 100)
    const title = await page.getByRole("heading", { name: "examples are wrong" }).innerText()
    assert.strictEqual(cells.reduce((sum, cell) => sum + Number(cell), 0), Number(/of (\d+)/.exec(title)![1]))
    await page.locator(".gallery li").first().waitFor()
  })

  it("says why there is nothing to be seen when its worker is gone", async () => {
    const { page, phase, press, view } = shared.tab
    await view("Training")
    for (const worker of page.workers()) {
      if (worker.url().includes("painter")) continue
      await worker.evaluate(() => {
        setTimeout(() => {
          throw new Error("out of order")
        })
      })
    }
    await phase("failed")
    for (const name of ["Network", "Try it", "Mistakes"]) {
      await view(name)
      await page.getByText("its worker is gone: Continue begins again").first().waitFor()
    }
    await press("Continue")
    await page.locator(".gallery li").first().waitFor()
  })

  it("of another run, a convolutional one, shows its maps and filters", async () => {
    const { name, number, page, phase, press, view } = shared.tab
    await page.getByLabel("Model").selectOption("small-cnn")
    await press("Start a new run")
    await until(async () => (await name()).includes("small-cnn"))
    await phase("running")
    await until(async () => await number("step") > 20)
    await view("Network")
    await page.getByRole("combobox", { name: "layer", exact: true }).selectOption({ label: "conv2" })
    await page.locator(".details .pictures canvas").first().waitFor()
    assert.strictEqual(await page.locator(".details .pictures canvas").count(), 8)
    assert.deepStrictEqual([shared.person.problems, shared.person.elsewhere], [[], []])
  })

  it("says how long its main thread was busy meanwhile", ({ annotate }) => shared.person.sayHowBusy(annotate))
})
