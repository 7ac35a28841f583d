import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { chromium as playwright } from "playwright"
import type { Browser, Page } from "playwright"
import { afterAll, assert, beforeAll, describe, expect, it } from "vitest"
import { buildPage } from "../../../dashboard/build.ts"
import { Safetensors } from "../../../src/index.ts"
import { violationsInAllLooks } from "../../support/accessibility.ts"
import { chromium, chromiumArguments } from "../../support/chromium.ts"
import { observeSaid, serve } from "../../support/dashboard.ts"
import type { Observed } from "../../support/dashboard.ts"
import { observeLongTasks, summaryOf } from "../../support/longTasks.ts"
import type { LongTask } from "../../support/longTasks.ts"

const reason = chromium === undefined ? " (skipped: there is no Chromium; CHROMIUM says where one is)" : ""
const WAIT = 90_000, START = 120_000

describe.skipIf(chromium === undefined)(`the dashboard's page${reason}`, () => {
  let browser: Browser, page: Page, server: { readonly url: string; readonly close: () => void }
  const runs = mkdtempSync(join(tmpdir(), "runs-"))
  const problems: Array<string> = [], elsewhere: Array<string> = [], longTasks: Array<LongTask> = []
  const audits: Array<readonly [from: number, to: number]> = []

  const figure = (name: string) =>
    page.locator(".figures div").filter({ has: page.getByText(name, { exact: true }) }).locator("dd")
  const number = async (name: string) => Number((await figure(name).innerText()).replaceAll(/[, %]/g, ""))
  const until = (holds: () => Promise<boolean>, interval = 50) =>
    expect.poll(holds, { timeout: WAIT, interval, message: String(holds) }).toBe(true)
  /** The step of a run that is paused, when all that was on its way to the page is there. */
  const settled = async () => {
    let before = -1
    await until(async () => before === (before = await number("step")), 200)
    return before
  }
  /** What was said to those who do not see the page, since this was last asked. */
  const said = () => page.evaluate(() => (globalThis as unknown as Observed).said.splice(0))
  const phase = (name: string) => page.getByTestId("phase").filter({ hasText: name }).waitFor({ timeout: WAIT })
  /** The audit keeps the page's thread busy itself. */
  const audit = async () => {
    const from = Date.now(), found = await violationsInAllLooks(page)
    audits.push([from, Date.now()])
    return found
  }
  const view = (name: string) => page.getByRole("navigation").getByRole("link", { name }).click()

  beforeAll(async () => {
    await buildPage()
    server = await serve(runs)
    browser = await playwright.launch({ executablePath: chromium!, args: chromiumArguments })
    page = await browser.newPage({ viewport: { width: 1280, height: 860 } })
    page.setDefaultTimeout(WAIT)
    page.on("pageerror", (error) => problems.push(String(error)))
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()))
    page.on(
      "request",
      (request) =>
        request.url().startsWith("http") && !request.url().startsWith(server.url) && elsewhere.push(request.url())
    )
    await page.addInitScript(observeSaid)
    await observeLongTasks(page, (task) => longTasks.push(task))
    await page.goto(server.url)
  }, START)
  afterAll(async () => {
    await browser?.close()
    server?.close()
    rmSync(runs, { recursive: true, force: true })
  })

  it("trains as soon as it is open, and the loss falls", async () => {
    await phase("running")
    await until(async () => await number("step") > 400 && await number("loss") < 1.2)
    await until(async () => await number("validation accuracy") > 60)
    const readout = page.locator(".chart").first().locator(".values")
    assert.match(await readout.innerText(), /training [\d.]+.* · validation [\d.]+/)
    assert.isAbove(await page.locator(".u-wrap canvas").count(), 4)
    assert.isTrue(await page.evaluate(() => crossOriginIsolated))
    assert.deepStrictEqual(await said(), ["1 dense 32-16, adam 0.001: running"])
  })

  it("pauses, takes single steps, changes the learning rate, and goes on", async () => {
    await page.getByRole("button", { name: "Pause" }).click()
    await phase("paused")
    const before = await settled()
    await page.getByRole("button", { name: "Step", exact: true }).click()
    await until(async () => await number("step") === before + 1)
    const field = page.locator(".live")
    await field.getByLabel("learning rate").fill("0.0005")
    await field.getByRole("button", { name: "Set" }).click()
    await page.getByRole("button", { name: "Step", exact: true }).click()
    await until(async () => await number("step") === before + 2)
    await until(async () => await field.getByLabel("learning rate").inputValue() === "5.0e-4")
    await page.getByRole("button", { name: "Continue" }).click()
    await phase("running")
    await until(async () => await number("step") > before + 20)
    assert.deepStrictEqual(await said(), ["paused", "learning rate 0.0005", "paused", "running"])
  })

  it("reads a chart to who moves along it by keys, and to nobody else", async () => {
    const chart = page.locator(".chart").first()
    await page.getByRole("application", { name: "Loss" }).focus()
    const press = async (key: string) => {
      await page.keyboard.press(key)
      const words = await said()
      assert.lengthOf(words, 1)
      return words[0]!
    }
    assert.match(await press("Home"), /^step 0: .*validation [\d.]+$/)
    // The first steps of a page that is behind are one with those after them: a point may be of validation alone.
    let next = await press("ArrowRight")
    while (/^step \d: training –/.test(next)) next = await press("ArrowRight")
    assert.match(next, /^step [1-9]\d*: training [\d.]+/)
    assert.include(await chart.locator(".values").innerText(), next.split(":")[0]!)
    await page.keyboard.press("0")
    await said()
  })

  it("hands out the weights", async () => {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export weights" }).click()
    ])
    assert.match(download.suggestedFilename(), /^digits-step-\d+\.safetensors$/)
    const file = Safetensors.decode(new Uint8Array(await readFile(await download.path())), "download")
    assert.strictEqual(file._tag, "Success")
    if (file._tag === "Success") assert.deepStrictEqual(file.success.tensors["params.hidden1.kernel"]!.shape, [784, 32])
  })

  it("shows how weights, gradients and activations are distributed", async () => {
    const layers = page.locator(".layers"), paths = layers.getByRole("heading", { level: 4 })
    await layers.waitFor()
    assert.deepStrictEqual(
      await paths.allInnerTexts(),
      ["hidden1", "hidden2", "head"].flatMap((layer) => [`${layer}.kernel`, `${layer}.bias`])
    )
    await layers.getByRole("combobox").selectOption("activations")
    assert.deepStrictEqual(await paths.allInnerTexts(), ["flat", "hidden1", "relu1", "hidden2", "relu2", "head"])
    await until(async () =>
      /relu1 mean [\d.]+ · deviation [\d.]+ · zero [\d.]+ % · dead/.test(await layers.innerText())
    )
    await page.getByRole("heading", { name: "Dead units" }).waitFor()
  })

  it("shows the network, to be zoomed and moved by keys, and the numbers of a unit", async () => {
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
    await page.getByRole("button", { name: "Clear" }).click()
    await page.getByText("your drawing").waitFor({ state: "detached" })
    await page.getByTestId("pad").focus()
    await page.keyboard.press(" ")
    for (let i = 0; i < 14; i++) await page.keyboard.press("ArrowDown")
    await page.keyboard.press(" ")
    await page.getByText("your drawing").waitFor()
    await until(async () => await page.getByTestId("guess").innerText() === "1")
  })

  it("counts its mistakes in a table", async () => {
    await view("Mistakes")
    const rows = page.locator(".confusion tbody tr")
    await rows.nth(9).waitFor()
    const cells = await page.locator(".confusion tbody td:not(.muted)").allInnerTexts()
    assert.strictEqual(cells.length, 100)
    assert.strictEqual(cells.reduce((sum, cell) => sum + Number(cell), 0), 500)
    await page.locator(".gallery li").first().waitFor()
  })

  it("finds its run again when it is loaded again", async () => {
    await view("Training")
    await page.getByRole("button", { name: "Pause" }).click()
    await phase("paused")
    const before = await settled(), name = await page.locator(".runbar .name").innerText()
    await page.reload()
    await phase("paused")
    assert.strictEqual(await page.locator(".runbar .name").innerText(), name)
    assert.strictEqual(await number("step"), before)
    await page.getByRole("button", { name: "Continue" }).click()
    await until(async () => await number("step") > before)
  })

  it("goes on with a run whose worker has crashed, from what was kept of it", async () => {
    const before = await number("step")
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
    assert.include(await page.getByRole("alert").innerText(), "out of order")
    await page.getByRole("button", { name: "Continue" }).click()
    await phase("running")
    await until(async () => await number("step") > before)
  })

  it("shows a run folder beside it, while it is being written", async () => {
    const lines = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => `{"split":"train","step":${from + i},"loss":${1 / (from + i)}}\n`)
        .join("")
    const folder = mkdtempSync(join(runs, "cli-"))
    const name = folder.slice(runs.length + 1)
    writeFileSync(join(folder, "metrics.jsonl"), lines(1, 50))
    const run = { format: 1, experiment: "digits", state: "running", step: 49, created: "2026-01-02T03:04:05.678Z" }
    writeFileSync(join(folder, "run.json"), JSON.stringify(run))
    await view("Runs")
    await page.getByLabel(`${name} in the charts`).check()
    await view("Training")
    await page.getByLabel("as a table").check()
    const row = page.locator("table tr").filter({ has: page.getByRole("rowheader", { name }) })
    await until(async () => (await row.innerText()).includes("\t49\t"))
    writeFileSync(join(folder, "metrics.jsonl"), lines(50, 80), { flag: "a" })
    await until(async () => (await row.innerText()).includes("\t79\t"))
  })

  it("shows what a run of a generator measured at each step, and what a judge said of it beside", async () => {
    const folder = mkdtempSync(join(runs, "gan-")), name = folder.slice(runs.length + 1)
    const step = (i: number) => `{"step":${i},"size":8,"criticLoss":${i / 64}}\n`
    const judged = (i: number) => `{"split":"judged","step":${i},"frechetDistance":${100 - i}.25,"counts":[1,2]}\n`
    const lines = Array.from({ length: 40 }, (_, i) => step(i + 1) + ((i + 1) % 20 === 0 ? judged(i + 1) : ""))
    writeFileSync(join(folder, "metrics.jsonl"), judged(0) + lines.join(""))
    const said = { status: "finished", step: 40, versions: {}, config: { dataset: "digits", criticSteps: 1 } }
    writeFileSync(join(folder, "summary.json"), JSON.stringify(said))
    await view("Runs")
    const listed = page.locator("tr").filter({ has: page.getByRole("rowheader", { name }) })
    await until(async () => /finished\tdigits/.test(await listed.innerText()))
    await page.getByLabel(`${name} in the charts`).check()
    await view("Training")
    await page.getByLabel("as a table").check()
    const row = page.locator("table tr").filter({ has: page.getByRole("rowheader", { name }) })
    await until(async () => /\t40\t/.test(await row.innerText()) && /60\.25/.test(await row.innerText()))
    assert.include(await row.innerText(), "0.625")
  })

  it("shows a long run, whose metrics are some megabytes", async () => {
    const folder = mkdtempSync(join(runs, "long-"))
    const name = folder.slice(runs.length + 1), steps = 40_000
    const line = (step: number) =>
      `{"split":"train","epoch":1,"step":${step},"loss":${1 / step},"accuracy":${1 - 1 / step}}\n`
    writeFileSync(join(folder, "metrics.jsonl"), Array.from({ length: steps }, (_, i) => line(i + 1)).join(""))
    await view("Runs")
    await page.getByLabel(`${name} in the charts`).check()
    await view("Training")
    await page.getByLabel("as a table").check()
    const row = page.locator("table tr").filter({ has: page.getByRole("rowheader", { name }) })
    await until(async () => (await row.innerText()).includes(`\t${steps}\t`))
  })

  it("has nothing that an audit of accessibility finds, in any view, theme or width", async () => {
    await page.getByRole("button", { name: "Pause" }).click()
    await phase("paused")
    const ready = [
      ["Training", ".charts .u-over"],
      ["Network", "canvas.network"],
      ["Try it", ".best"],
      ["Mistakes", ".gallery li"],
      ["Runs", ".runs td"]
    ] as const
    const found: Array<string> = []
    for (const [name, selector] of ready) {
      await view(name)
      await page.locator(selector).first().waitFor()
      if (name === "Training") await page.getByLabel("as a table").check()
      if (name === "Network") {
        await page.getByRole("combobox", { name: "layer", exact: true }).selectOption({ label: "hidden1" })
      }
      for (const text of await audit()) found.push(`${name}, ${text}`)
    }
    assert.deepStrictEqual(found, [])
  })

  it("starts another run beside the first, of a convolutional network", async () => {
    await page.getByLabel("Model").selectOption("convolutional 8-16")
    await page.getByRole("button", { name: "Start a new run" }).click()
    await page.locator(".runbar .name", { hasText: "convolutional" }).waitFor()
    await phase("running")
    await until(async () => await number("step") > 20)
    await view("Network")
    await page.getByRole("combobox", { name: "layer", exact: true }).selectOption({ label: "conv2" })
    await page.locator(".details .pictures canvas").first().waitFor()
    assert.strictEqual(await page.locator(".details .pictures canvas").count(), 8)
    await page.getByRole("button", { name: "Stop" }).click()
    await phase("stopped")
  })

  it("trains a generator, and shows what it draws: of the same noise as it learns, and of any noise", async () => {
    await page.getByLabel("Train a").selectOption("generator")
    await page.getByLabel("Training examples").fill("500")
    await page.getByLabel("Batch size").fill("32")
    await page.getByRole("button", { name: "Start a new run" }).click()
    await page.locator(".runbar .name", { hasText: "generator" }).waitFor()
    await phase("running")
    await view("Training")
    await page.getByRole("heading", { name: "Critic loss" }).waitFor()
    await page.getByRole("heading", { name: "Sliced Wasserstein distance" }).waitFor()
    assert.strictEqual(await page.getByRole("link", { name: "Mistakes" }).count(), 0)
    await view("Try it")
    const timeline = page.getByRole("slider", { name: "step" })
    await until(async () => Number(await timeline.getAttribute("max")) >= 2)
    await page.getByRole("button", { name: "Pause" }).click()
    await phase("paused")
    await timeline.press("Home")
    await until(async () => await timeline.getAttribute("aria-valuetext") === "step 0")

    const pixels = () =>
      page.getByRole("img", { name: "the generated" }).evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL())
    const changes = async (act: () => Promise<unknown>) => {
      const before = await pixels()
      await act()
      await until(async () => await pixels() !== before)
    }
    await changes(() => page.getByRole("slider", { name: "from one point to the other" }).press("End"))
    await changes(() => page.getByRole("slider", { name: "its value" }).press("End"))
    await changes(() => page.getByRole("combobox", { name: "Digit" }).selectOption("8"))
    assert.strictEqual(await page.getByRole("slider", { name: "from one point to the other" }).inputValue(), "1")
  })

  it("shows a generator and its critic as one network, and finds both again when it is loaded again", async () => {
    await view("Network")
    const layers = page.getByRole("combobox", { name: "layer", exact: true })
    await layers.selectOption({ label: "critic hidden1" })
    assert.include(await layers.innerText(), "generator head")
    assert.include(await page.locator(".details").innerText(), "critic hidden1, unit 0")
    const found = await audit(), step = await settled()
    await page.reload()
    await phase("paused")
    assert.strictEqual(await number("step"), step)
    await view("Try it")
    assert.isAtLeast(Number(await page.getByRole("slider", { name: "step" }).getAttribute("max")), 2)
    await page.getByRole("img", { name: "the generated" }).waitFor()
    assert.deepStrictEqual([...found, ...await audit()], [])
  })

  it("says that a backend is not to be had, and starts a run with another one", async () => {
    const script = /worker[^/]*\.js$/
    await page.route(script, async (route) => {
      const response = await route.fetch()
      await route.fulfill({
        response,
        body: `OffscreenCanvas.prototype.getContext = () => null\n${await response.text()}`
      })
    })
    await view("Training")
    await page.getByLabel("Backend").selectOption("webgl")
    await page.getByRole("button", { name: "Start a new run" }).click()
    await phase("failed")
    assert.include(
      await page.getByRole("alert").innerText(),
      "the webgl backend could not be started: there is no WebGL"
    )
    await page.unroute(script)
    await page.getByLabel("Backend").selectOption("wasm")
    await page.getByRole("button", { name: "Start a new run" }).click()
    await phase("running")
    await page.getByRole("alert").waitFor({ state: "detached" })
    await page.getByRole("button", { name: "Stop" }).click()
    await phase("stopped")
  })

  it("fits a phone, asks no other server, and reports no error", async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    const fit = async (names: ReadonlyArray<string>) => {
      for (const name of names) {
        await view(name)
        await page.locator("main h2", { hasText: name }).waitFor()
        const width = await page.evaluate(() => document.documentElement.scrollWidth)
        assert.isAtMost(width, 390, `${name} is wider than a phone`)
      }
    }
    await fit(["Training", "Network", "Try it", "Runs"])
    await page.getByRole("button", { name: "New run", exact: true }).click()
    await page.getByLabel("Train a").selectOption("classifier")
    await page.getByRole("button", { name: "Start a new run" }).click()
    await fit(["Training", "Network", "Try it", "Mistakes", "Runs"])
    assert.deepStrictEqual(elsewhere, [])
    assert.deepStrictEqual(problems, [])
  })

  it("says how long its main thread was busy meanwhile", async ({ annotate }) => {
    assert.isTrue(await page.evaluate(() => PerformanceObserver.supportedEntryTypes.includes("longtask")))
    const driven = longTasks.filter(({ at }) => !audits.some(([from, to]) => at >= from && at <= to))
    for (const view of ["training", "network", "try", "mistakes", "runs"]) await annotate(summaryOf(driven, view))
  })
})
