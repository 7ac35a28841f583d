import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { Safetensors } from "../../../src/index.ts"
import { chromium } from "../../support/chromium.ts"
import { reason, sharedDashboard, until } from "../../support/dashboardPage.ts"
import type { Hands, Person } from "../../support/dashboardPage.ts"

describe.skipIf(chromium === undefined)(`training in a page${reason}`, () => {
  const { arrive, visit } = sharedDashboard()
  let person: Person, tab: Hands
  beforeAll(async () => {
    person = await arrive()
    tab = await person.open()
  })
  afterAll(() => person?.leave())

  it("begins as soon as it is open, and the loss falls", async () => {
    const { number, page, phase, said } = tab
    await phase("running")
    await until(async () => await number("step") > 400 && await number("loss") < 1.2)
    const bar = await tab.page.locator(".runbar .figures").innerText()
    assert.match(bar, /step\n[\d,]+ of [\d,]+\nepoch\n[\d,]+ of 1,000\ntime left\n\d/)
    await until(async () => await number("validation accuracy") > 60)
    const readout = page.locator(".chart").first().locator(".values")
    assert.match(await readout.innerText(), /training [\d.]+.* · validation [\d.]+/)
    await until(async () => await page.locator(".u-wrap canvas").count() > 3)
    assert.isTrue(await page.evaluate(() => crossOriginIsolated))
    assert.deepStrictEqual(await said(), ["1 digits: running"])
  })

  it("pauses, takes single steps, changes the learning rate, and goes on", async () => {
    const { number, page, phase, press, said, settled } = tab
    await press("Pause")
    await phase("paused")
    const before = await settled()
    await press("Step")
    await until(async () => await number("step") === before + 1)
    const field = page.locator(".live")
    await field.getByLabel("learning rate").fill("0.0005")
    await field.getByRole("button", { name: "Set" }).click()
    await press("Step")
    await until(async () => await number("step") === before + 2)
    await until(async () => await field.getByLabel("learning rate").inputValue() === "5.0e-4")
    await press("Continue")
    await phase("running")
    await until(async () => await number("step") > before + 20)
    assert.deepStrictEqual(await said(), ["paused", "learning rate 0.0005", "paused", "running"])
  })

  it("is read from a chart to who moves along it by keys, and to nobody else", async () => {
    const { page, said } = tab, chart = page.locator(".chart").first()
    await page.getByRole("application", { name: "Loss" }).focus()
    const press = async (key: string) => {
      await page.keyboard.press(key)
      const words = await said()
      assert.lengthOf(words, 1)
      return words[0]!
    }
    // The first steps of a page that is behind are one with those after them: a point may be of validation alone.
    let next = await press("Home")
    while (/^step \d+: training –/.test(next)) next = await press("ArrowRight")
    assert.match(next, /^step [1-9]\d*: training [\d.]+/)
    assert.include(await chart.locator(".values").innerText(), next.split(":")[0]!)
    await page.keyboard.press("0")
    await said()
  })

  it("hands out its weights", async () => {
    const { bytes, file } = await tab.weights()
    assert.match(file, /^digits-step-\d+\.safetensors$/)
    const decoded = Safetensors.decode(bytes, "download")
    assert.strictEqual(decoded._tag, "Success")
    if (decoded._tag === "Success") {
      assert.deepStrictEqual(decoded.success.tensors["params.hidden1.kernel"]!.shape, [784, 32])
    }
  })

  it("shows how weights, gradients and activations are distributed", async () => {
    const { page } = tab, layers = page.locator(".layers"), paths = layers.getByRole("heading", { level: 4 })
    await layers.waitFor()
    assert.deepStrictEqual(
      await paths.allInnerTexts(),
      ["hidden1", "hidden2", "head"].flatMap((layer) => [`${layer}.kernel`, `${layer}.bias`])
    )
    await layers.getByRole("combobox").selectOption("activations")
    assert.deepStrictEqual(await paths.allInnerTexts(), [
      "scale",
      "flat",
      "hidden1",
      "relu1",
      "hidden2",
      "relu2",
      "head"
    ])
    await until(async () =>
      /relu1 mean [\d.]+ · deviation [\d.]+ · zero [\d.]+ % · dead/.test(await layers.innerText())
    )
    await page.getByRole("heading", { name: "Dead units" }).waitFor()
  })

  it("goes on when its worker has crashed, from what was kept of it", async () => {
    const { kept, number, page, phase, press } = tab
    await until(async () => await kept() > 0)
    const before = await kept()
    for (const worker of page.workers()) {
      // The one that draws would be missed by nobody until the page is loaded again.
      if (worker.url().includes("painter")) continue
      await worker.evaluate(() => {
        setTimeout(() => {
          throw new Error("out of order")
        })
      })
    }
    await phase("failed")
    // Why it is lost is not known to a question that its loss has interrupted.
    assert.match(
      await page.getByRole("alert").innerText(),
      /^the worker is lost(: .*(out of order|in the middle of an answer))?$/
    )
    await press("Continue")
    await phase("running")
    assert.isAtLeast(await kept(), before)
    await until(async () => await number("step") > before)
    assert.deepStrictEqual([person.problems, person.elsewhere], [[], []])
  })

  it("says that a backend is not to be had, and starts with another one", () =>
    visit(async ({ open }) => {
      const { page, phase, press } = await open(), script = /worker[^/]*\.js$/
      await phase("running")
      await page.route(script, async (route) => {
        const response = await route.fetch()
        await route.fulfill({
          response,
          body: `OffscreenCanvas.prototype.getContext = () => null\n${await response.text()}`
        })
      })
      await page.getByLabel("Backend").selectOption("webgl")
      await press("Start a new run")
      await phase("failed")
      assert.include(
        await page.getByRole("alert").innerText(),
        "the webgl backend could not be started: there is no WebGL"
      )
      await page.unroute(script)
      await page.getByLabel("Backend").selectOption("wasm")
      await press("Start a new run")
      await phase("running")
      await page.getByRole("alert").waitFor({ state: "detached" })
    }))

  it("says how long its main thread was busy meanwhile", ({ annotate }) => person.sayHowBusy(annotate))
})
