import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { chromium as playwright } from "playwright"
import type { Browser, CDPSession, Locator, Page } from "playwright"
import { afterAll, assert, beforeAll, describe, expect, it } from "vitest"
import { buildPage } from "../../../dashboard/build.ts"
import { violationsInAllLooks } from "../../support/accessibility.ts"
import { chromium, chromiumArguments } from "../../support/chromium.ts"
import { serve } from "../../support/dashboard.ts"

const reason = chromium === undefined ? " (skipped: there is no Chromium; CHROMIUM says where one is)" : ""
const WAIT = 90_000

type Point = readonly [x: number, y: number]

describe.skipIf(chromium === undefined)(`the dashboard on a phone${reason}`, () => {
  let browser: Browser, page: Page, touch: CDPSession, server: { readonly url: string; readonly close: () => void }
  const runs = mkdtempSync(join(tmpdir(), "runs-")), problems: Array<string> = []

  const until = (holds: () => Promise<boolean>) =>
    expect.poll(holds, { timeout: WAIT, interval: 50, message: String(holds) }).toBe(true)
  const view = (name: string) => page.getByRole("navigation").getByRole("link", { name }).tap()
  const phase = (name: string) => page.getByTestId("phase").filter({ hasText: name }).waitFor()

  /** Fingers go on the screen, along straight lines, and off it. */
  const drag = async (fingers: ReadonlyArray<readonly [from: Point, to: Point]>) => {
    const at = (part: number) =>
      fingers.map(([[x0, y0], [x1, y1]], id) => ({ id, x: x0 + part * (x1 - x0), y: y0 + part * (y1 - y0) }))
    const send = (type: "touchStart" | "touchMove" | "touchEnd", touchPoints: ReturnType<typeof at>) =>
      touch.send("Input.dispatchTouchEvent", { type, touchPoints })
    await send("touchStart", at(0))
    for (let i = 1; i <= 10; i++) await send("touchMove", at(i / 10))
    await send("touchEnd", [])
  }
  /** Where the middle of something is, when it is at the top of the screen. */
  const middleOf = async (locator: Locator): Promise<Point> => {
    await locator.evaluate((element) => element.scrollIntoView({ block: "center" }))
    const { height, width, x, y } = (await locator.boundingBox())!
    return [x + width / 2, y + height / 2]
  }
  const scrolled = () => page.evaluate(() => scrollY)

  beforeAll(async () => {
    await buildPage()
    server = await serve(runs)
    browser = await playwright.launch({ executablePath: chromium!, args: chromiumArguments })
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
    page = await context.newPage()
    touch = await context.newCDPSession(page)
    page.setDefaultTimeout(WAIT)
    page.on("pageerror", (error) => problems.push(String(error)))
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()))
    await page.goto(server.url)
    await phase("running")
  }, 240_000)
  afterAll(async () => {
    await browser?.close()
    server?.close()
    rmSync(runs, { recursive: true, force: true })
  })

  it("has the form in a sheet, which goes when a run is started", async () => {
    assert.strictEqual(await page.getByLabel("Seed").count(), 0)
    await page.getByRole("button", { name: "New run", exact: true }).tap()
    const sheet = page.getByRole("dialog", { name: "New run" })
    await sheet.getByLabel("Seed").fill("2")
    assert.deepStrictEqual(await violationsInAllLooks(page), [])
    await sheet.getByRole("button", { name: "Start a new run" }).tap()
    await sheet.waitFor({ state: "detached" })
    await page.locator(".runbar .name", { hasText: /^2 / }).waitFor()
    await phase("running")
    await page.getByRole("button", { name: "New run", exact: true }).tap()
    await sheet.getByRole("button", { name: "Close" }).tap()
    await sheet.waitFor({ state: "detached" })
  })

  it("scrolls by one finger on the network, which two fingers move and zoom", async () => {
    await view("Network")
    const canvas = page.locator("canvas.network")
    await canvas.waitFor()
    const transform = () => canvas.getAttribute("data-transform")
    const [x, y] = await middleOf(canvas)
    await until(async () => await transform() !== null)
    const before = await transform(), from = await scrolled()
    await drag([[[x, y], [x, y - 150]]])
    await until(async () => await scrolled() > from + 50)
    assert.strictEqual(await transform(), before)
    const [left, top] = await middleOf(canvas), still = await scrolled()
    await drag([[[left - 40, top], [left - 120, top]], [[left + 40, top], [left + 120, top]]])
    await until(async () => Number((await transform())!.split(" ")[0]) > 2 * Number(before!.split(" ")[0]))
    assert.strictEqual(await scrolled(), still)
  })

  it("reads a chart by a tap, zooms it by two fingers and moves it by one", async () => {
    await view("Training")
    const chart = page.locator(".chart").first(), over = chart.locator(".u-over")
    await over.waitFor()
    await until(async () => /training [\d.]+/.test(await chart.locator(".values").innerText()))
    await page.getByRole("button", { name: "Pause" }).tap()
    await phase("paused")
    const [x, y] = await middleOf(over)
    await page.touchscreen.tap(x, y)
    const at = async () => Number(/step ([\d,]+)/.exec(await chart.innerText())?.[1]!.replace(",", ""))
    await until(async () => await at() > 0)
    const tap = async (x: number) => {
      await page.touchscreen.tap(x, y)
      return at()
    }
    const rangeOf = async () => [await tap(x - 100), await tap(x + 100)] as const
    const [low, high] = await rangeOf()
    assert.isAbove(high, low)
    await drag([[[x - 30, y], [x - 120, y]], [[x + 30, y], [x + 120, y]]])
    await until(async () => {
      const [a, b] = await rangeOf()
      return b - a < (high - low) / 2
    })
    const [zoomed] = await rangeOf()
    await drag([[[x - 80, y], [x + 80, y]]])
    await until(async () => (await rangeOf())[0] < zoomed)
  })

  it("is nowhere wider than the screen, and reports no error", async () => {
    for (const name of ["Training", "Network", "Try it", "Mistakes", "Summary", "Runs"]) {
      await view(name)
      await page.locator("main h2", { hasText: name }).waitFor()
      assert.isAtMost(await page.evaluate(() => document.documentElement.scrollWidth), 390, name)
    }
    assert.deepStrictEqual(problems, [])
  })
})
