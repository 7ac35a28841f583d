import { decode } from "fast-png"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { chromium as playwright } from "playwright"
import type { Browser, Page } from "playwright"
import { afterAll, assert, beforeAll, describe, expect, it } from "vitest"
import { buildPage } from "../../../dashboard/build.ts"
import { violationsInAllLooks } from "../../support/accessibility.ts"
import { chromium, chromiumArguments } from "../../support/chromium.ts"
import { serve } from "../../support/dashboard.ts"

const reason = chromium === undefined ? " (skipped: there is no Chromium; CHROMIUM says where one is)" : ""
const WAIT = 90_000, RUNS = 15, STEPS = 120

/** The loss of run `r` at a step: the last run is the best one, and the first has one value that is far off. */
const lossOf = (r: number, step: number): number => r === 0 && step === 60 ? 1e6 : (RUNS - r) / RUNS + 1 / step

describe.skipIf(chromium === undefined)(`the charts of run folders${reason}`, () => {
  let browser: Browser, page: Page, server: { readonly url: string; readonly close: () => void }
  const runs = mkdtempSync(join(tmpdir(), "runs-")), problems: Array<string> = []

  const names = Array.from({ length: RUNS }, (_, r) => `run-${String(r).padStart(2, "0")}`)
  const write = (name: string, lines: ReadonlyArray<object>) => {
    mkdirSync(join(runs, name))
    writeFileSync(join(runs, name, "metrics.jsonl"), lines.map((line) => `${JSON.stringify(line)}\n`).join(""))
    const run = { format: 1, experiment: name, state: "finished", step: 0, created: "2026-01-02T03:04:05.678Z" }
    writeFileSync(join(runs, name, "run.json"), JSON.stringify(run))
  }
  const until = (holds: () => Promise<boolean>) =>
    expect.poll(holds, { timeout: WAIT, interval: 50, message: String(holds) }).toBe(true)
  const view = (name: string) => page.getByRole("navigation").getByRole("link", { name }).click()
  const chart = (name: string) =>
    page.locator(".chart").filter({ has: page.getByRole("heading", { name, exact: true }) })
  const plotOf = (name: string) => chart(name).getByRole("application")
  const saidOf = (name: string) => chart(name).getByRole("status")
  /** Moves a chart's cursor by a key, and gives what is said about it. */
  const press = async (name: string, key: string) => {
    await plotOf(name).focus()
    await page.keyboard.press(key)
    return (await saidOf(name).innerText()).trim()
  }
  const show = async (folders: ReadonlyArray<string>) => {
    await view("Runs")
    for (const name of folders) await page.getByLabel(`${name} in the charts`).check()
    await view("Training")
  }

  beforeAll(async () => {
    names.forEach((name, r) =>
      write(
        name,
        Array.from({ length: STEPS }, (_, i) => ({
          split: "train",
          step: i + 1,
          epoch: Math.floor(i / 40),
          time: (i + 1) / 2,
          loss: lossOf(r, i + 1)
        }))
      )
    )
    write("short", [{ split: "train", step: 100_000, zeal: 250_000 }])
    await buildPage()
    server = await serve(runs)
    browser = await playwright.launch({ executablePath: chromium!, args: chromiumArguments })
    page = await browser.newPage({ viewport: { width: 1280, height: 860 } })
    page.setDefaultTimeout(WAIT)
    page.on("pageerror", (error) => problems.push(String(error)))
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()))
    await page.goto(server.url)
    await page.getByTestId("phase").filter({ hasText: "running" }).waitFor()
    // What the page trains itself is no part of this.
    await page.getByRole("button", { name: "Stop" }).click()
    await page.getByTestId("phase").filter({ hasText: "stopped" }).waitFor()
    await page.locator(".legend input").first().uncheck()
    await show(names)
    await page.getByRole("slider", { name: "smoothing" }).press("Home")
  }, 240_000)
  afterAll(async () => {
    await browser?.close()
    server?.close()
    rmSync(runs, { recursive: true, force: true })
  })

  it("has the best run on top, and counts those that have no room", async () => {
    const best = `step ${STEPS}: run-14 training ${Number(lossOf(14, STEPS).toPrecision(4))};`
    await until(async () => (await press("Loss", "End")).startsWith(best))
    await until(async () => /^run-14.*and 12 more$/s.test(await chart("Loss").locator(".values").innerText()))
    await plotOf("Loss").hover()
    await until(async () =>
      /^step \d+\s+run-14[^]*and 7 more$/.test(await chart("Loss").locator(".readout").innerText())
    )
    assert.strictEqual(await page.locator(".readout").count(), 1)
  })

  it("leaves an outlier off the scale, says so, and shows it when it is asked for", async () => {
    const off = chart("Loss").getByRole("button", { name: "1 value is off the scale" })
    await off.click()
    await off.waitFor({ state: "detached" })
    await press("Loss", "a")
    await off.waitFor()
  })

  it("reads a chart by time and by epoch", async () => {
    const axis = page.getByRole("combobox", { name: "by", exact: true })
    await axis.selectOption("time")
    await until(async () => (await press("Loss", "End")).startsWith("1:00:"))
    await axis.selectOption("epoch")
    await until(async () => (await press("Loss", "End")).startsWith("epoch 3:"))
    await axis.selectOption("step")
    await until(async () => (await press("Loss", "End")).startsWith(`step ${STEPS}:`))
  })

  it("gives a chart its own for a metric that nobody knows, of one large point", async () => {
    await show(["short"])
    await plotOf("Zeal").waitFor()
    await until(async () => (await press("Zeal", "End")).endsWith("training 250,000"))
    assert.include(await saidOf("Zeal").innerText(), "step 100,000")
    // A dot, for a line of one point is none.
    const dots = (color: string) =>
      plotOf("Zeal").locator("canvas").evaluate((canvas: HTMLCanvasElement, color) => {
        const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height)
        const [red, green, blue] = [1, 3, 5].map((i) => Number.parseInt(color.slice(i, i + 2), 16))
        let count = 0
        for (let i = 0; i < data.length; i += 4) {
          if (data[i] === red && data[i + 1] === green && data[i + 2] === blue) count += 1
        }
        return count
      }, color)
    const stroke = (await chart("Zeal").locator(".values line").getAttribute("stroke"))!
    await until(async () => await dots(stroke) >= 4)
    await view("Runs")
    await page.getByLabel("short in the charts").uncheck()
    await view("Training")
  })

  it("zooms along either axis by dragging, and shows all of it again", async () => {
    const box = (await plotOf("Loss").locator(".u-over").boundingBox())!
    const drag = async (from: readonly [number, number], to: readonly [number, number]) => {
      await page.mouse.move(box.x + from[0] * box.width, box.y + from[1] * box.height)
      await page.mouse.down()
      await page.mouse.move(box.x + to[0] * box.width, box.y + to[1] * box.height, { steps: 5 })
      await page.mouse.up()
    }
    const edge = () => press("Loss", "Home")
    const valueAtTop = async () => {
      await page.mouse.move(box.x + 5, box.y + 5)
      return chart("Loss").locator(".u-axis, canvas").first().evaluate((canvas: HTMLCanvasElement) =>
        canvas.toDataURL()
      )
    }
    const before = await valueAtTop()
    await drag([0.5, 0.5], [0.9, 0.52])
    await until(async () => await valueAtTop() !== before)
    const alongX = await valueAtTop()
    await drag([0.5, 0.2], [0.51, 0.8])
    await until(async () => await valueAtTop() !== alongX)
    await page.mouse.dblclick(box.x + 100, box.y + 50)
    await until(async () => await valueAtTop() === before)
    assert.match(await edge(), /^step 1:/)
  })

  it("saves a chart as a table and as a picture", async () => {
    const save = async (name: string) => {
      await chart("Loss").getByLabel("Loss: more").click()
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        chart("Loss").getByRole("button", { name }).click()
      ])
      return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) }
    }
    const table = await save("Save as CSV")
    assert.strictEqual(table.name, "loss.csv")
    const rows = table.bytes.toString().trimEnd().split("\r\n").map((row) => row.split(","))
    assert.strictEqual(rows.length, STEPS + 1)
    assert.deepStrictEqual(rows[0]!.slice(0, 2), ["step", "run-14 training"])
    assert.deepStrictEqual(
      rows[60]!.map(Number),
      [60, ...names.map((_, i) => lossOf(RUNS - 1 - i, 60))]
    )
    const picture = await save("Save as PNG")
    assert.strictEqual(picture.name, "loss.png")
    assert.isAbove(decode(picture.bytes).width, 600)
  })

  it("has nothing that an audit of accessibility finds, and reports no error", async () => {
    await chart("Loss").getByLabel("Loss: more").click()
    assert.deepStrictEqual(await violationsInAllLooks(page), [])
    assert.deepStrictEqual(problems, [])
  })
})
