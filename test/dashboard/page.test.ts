import { Effect } from "effect"
import { HttpServer } from "effect/http"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { chromium as playwright } from "playwright"
import type { Browser, Page } from "playwright"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { buildPage, page as built } from "../../dashboard/build.ts"
import { layer } from "../../dashboard/server.ts"
import { Safetensors } from "../../src/index.ts"
import { chromium, chromiumArguments } from "../support/chromium.ts"

const reason = chromium === undefined ? " (skipped: there is no Chromium; CHROMIUM says where one is)" : ""
const WAIT = 20_000, START = 60_000

/** Serves the built page from a port of its own until `close` is called. */
const serve = async (runs: string) => {
  let close = () => {}
  const url = await new Promise<string>((resolve, reject) => {
    const fiber = Effect.runFork(
      Effect.gen(function*() {
        const { address } = yield* HttpServer.HttpServer
        resolve(HttpServer.formatAddress(address))
        return yield* Effect.never
      }).pipe(
        Effect.provide(layer({ port: 0, page: built, runs, mnist: undefined })),
        Effect.tapCause((cause) => Effect.sync(() => reject(cause)))
      )
    )
    close = () => fiber.interruptUnsafe()
  })
  return { url, close: () => close() }
}

type Observed = { longTasks?: Array<{ readonly at: number; readonly duration: number }> }

/** Has a page remember when its main thread was busy for more than 50 ms. */
const observeLongTasks = () => {
  const found: NonNullable<Observed["longTasks"]> = (globalThis as Observed).longTasks = []
  new PerformanceObserver((list) => {
    for (const { duration, startTime } of list.getEntries()) found.push({ at: startTime, duration })
  }).observe({ type: "longtask", buffered: true })
}

describe.skipIf(chromium === undefined)(`the dashboard's page${reason}`, () => {
  let browser: Browser, page: Page, server: { readonly url: string; readonly close: () => void }
  const runs = mkdtempSync(join(tmpdir(), "runs-"))
  const problems: Array<string> = [], elsewhere: Array<string> = []

  const figure = (name: string) =>
    page.locator(".figures div").filter({ has: page.getByText(name, { exact: true }) }).locator("dd")
  const number = async (name: string) => Number((await figure(name).innerText()).replaceAll(/[, %]/g, ""))
  const until = async (holds: () => Promise<boolean>) => {
    const end = Date.now() + WAIT
    while (!(await holds())) {
      if (Date.now() > end) throw new Error(`has not happened: ${holds}`)
      await page.waitForTimeout(200)
    }
  }
  /** The step of a run that is paused, when all that was on its way to the page is there. */
  const settled = async () => {
    let before = -1
    await until(async () => before === (before = await number("step")))
    return before
  }
  const phase = (name: string) => page.getByTestId("phase").filter({ hasText: name }).waitFor({ timeout: WAIT })
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
    await page.addInitScript(observeLongTasks)
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
    const readout = page.locator(".chart").first().locator(".readout")
    assert.match(await readout.innerText(), /training [\d.]+.* · validation [\d.]+/)
    assert.isAbove(await page.locator(".u-wrap canvas").count(), 4)
    assert.isTrue(await page.evaluate(() => crossOriginIsolated))
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

  it("says how long its main thread was busy meanwhile", async ({ annotate }) => {
    const { durations, seconds } = await page.evaluate(() => ({
      durations: (globalThis as Observed).longTasks!.filter(({ at }) => at > 1000).map(({ duration }) => duration),
      seconds: performance.now() / 1000
    }))
    const longest = durations.length === 0 ? "none" : `the longest ${Math.max(...durations)} ms`
    await annotate(`in ${seconds.toFixed(0)} s, the first left out: ${durations.length} tasks over 50 ms, ${longest}`)
    assert.isAbove(seconds, 1)
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

  it("shows a run folder beside it, while it is being written", async () => {
    const lines = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => `{"split":"train","step":${from + i},"loss":${1 / (from + i)}}\n`)
        .join("")
    const folder = mkdtempSync(join(runs, "cli-"))
    const name = folder.slice(runs.length + 1)
    writeFileSync(join(folder, "metrics.jsonl"), lines(1, 50))
    writeFileSync(join(folder, "summary.json"), "{\"status\":\"running\"}")
    await view("Runs")
    await page.getByLabel(`${name} in the charts`).check()
    await view("Training")
    await page.getByLabel("as a table").check()
    const row = page.locator("table tr").filter({ has: page.getByRole("rowheader", { name }) })
    await until(async () => (await row.innerText()).includes("\t49\t"))
    writeFileSync(join(folder, "metrics.jsonl"), lines(50, 80), { flag: "a" })
    await until(async () => (await row.innerText()).includes("\t79\t"))
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
    for (const name of ["Training", "Network", "Try it", "Mistakes", "Runs"]) {
      await view(name)
      await page.locator("main h2", { hasText: name }).waitFor()
      const width = await page.evaluate(() => document.documentElement.scrollWidth)
      assert.isAtMost(width, 390, `${name} is wider than a phone`)
    }
    assert.deepStrictEqual(elsewhere, [])
    assert.deepStrictEqual(problems, [])
  })
})
