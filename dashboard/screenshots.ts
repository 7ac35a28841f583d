// Pictures of the page for the documentation: `node dashboard/screenshots.ts [folder]`, where there is a Chromium.
import { Effect } from "effect"
import { HttpServer } from "effect/http"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { chromium as playwright } from "playwright"
import type { Browser, Page } from "playwright"
import { buildWorker, removeWorker } from "../src/cli/dashboard/ownWorker.ts"
import { layer } from "../src/cli/dashboard/server.ts"
import { chromium, chromiumArguments } from "../test/support/chromium.ts"
import { buildPage, page as built } from "./build.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const folder = process.argv[2] ?? join(root, "docs", "images")
const own = ["spirals.ts", "series.ts"].map((name) => join(root, "examples", name))

// Each view is taken in these sizes and colors, some in the dark too; what is done in between is done in the last.
const wide = { name: "", width: 1120, height: 760, scheme: "light" } as const
const dark = { ...wide, name: "-dark", scheme: "dark" } as const
const phone = { name: "-phone", width: 390, height: 844, scheme: "light" } as const

// Until the digits of a generator can be read.
const READABLE = 1200

// Until the words of a language model are words, and enough of them are there.
const WRITABLE = 1500, WRITTEN = 220

// Nothing in the page says that its canvases are drawn: of the network a worker does that.
const DRAWN = 1500

/** What is done with a page, each of which waits until it is seen. */
const handsOn = (page: Page) => {
  /** Waits until a figure of the bar of the run is as high as that. */
  const reach = (name: string, least: number) =>
    page.waitForFunction(
      ([name, least]) =>
        [...document.querySelectorAll(".runbar .figures div")].some((figure) =>
          figure.querySelector("dt")!.textContent === name &&
          Number(figure.querySelector("dd")!.textContent!.replace(/ of .*/, "").replaceAll(/[, %]/g, "")) >= least
        ),
      [name, least] as const
    )
  /** Waits until as many of these are there. */
  const seen = (selector: string, count = 1) =>
    page.waitForFunction(
      ([selector, count]) => document.querySelectorAll(selector).length >= count,
      [selector, count] as const
    )
  const go = (view: string) => page.getByRole("navigation").getByRole("link", { name: view }).click()
  const start = async (experiment: string, model?: string) => {
    await page.getByLabel("Experiment", { exact: true }).selectOption(experiment)
    if (model !== undefined) await page.getByLabel("Model", { exact: true }).selectOption(model)
    await page.getByRole("button", { name: "Start a new run" }).click()
    await page.locator(".runbar .name", { hasText: experiment }).waitFor()
  }
  const draw = async (points: ReadonlyArray<readonly [x: number, y: number]>) => {
    const box = (await page.getByTestId("pad").boundingBox())!
    const to = ([x, y]: readonly [number, number]) =>
      page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 6 })
    await to(points[0]!)
    await page.mouse.down()
    for (const point of points.slice(1)) await to(point)
    await page.mouse.up()
  }
  return { reach, seen, go, start, draw }
}

/** Somebody who has never been here, and takes pictures. */
const visit = async (url: string, browser: Browser) => {
  const page = await browser.newPage({ viewport: wide })
  page.setDefaultTimeout(300_000)
  const hands = handsOn(page)
  const look = async (view: string, { isDark = false } = {}) => {
    for (const { height, name, scheme, width } of [phone, ...(isDark ? [dark] : []), wide]) {
      await page.setViewportSize({ width, height })
      await page.getByLabel("theme").selectOption(scheme)
      const fit = page.getByRole("button", { name: "Fit", exact: true })
      if (await fit.isVisible()) await fit.click()
      await page.evaluate(() => scrollTo(0, 0))
      await page.waitForTimeout(DRAWN)
      await page.screenshot({ path: join(folder, `dashboard-${view}${name}.png`) })
    }
    console.log(view)
  }
  const network = async (layer?: string) => {
    await hands.go("Network")
    await hands.seen("canvas.network[data-transform]")
    if (layer === undefined) return
    await page.getByRole("combobox", { name: "layer", exact: true }).selectOption({ label: layer })
    await hands.seen(".details .pictures")
  }
  await page.goto(url)
  return { ...hands, page, look, network }
}

type Visit = Awaited<ReturnType<typeof visit>>

/** Experiments of one's own. */
const shootExamples = async ({ go, look, page, reach, seen, start }: Visit): Promise<void> => {
  await reach("validation accuracy", 99)
  await go("Try it")
  await seen(".plane svg > circle", 400)
  await seen(".plane canvas[data-drawn]")
  await look("try-plane")
  await start("series")
  await reach("epoch", 4)
  await seen(".series-field .lines")
  await look("try-series")
  await page.close()
}

/** Digits by two networks, and a generator of them. */
const shootDigits = async ({ draw, go, look, network, page, reach, seen, start }: Visit): Promise<void> => {
  await reach("step", 300)
  await network()
  await look("network")
  // A second run beside the first.
  await start("digits", "small-cnn")
  await go("Training")
  await reach("step", 500)
  await reach("validation accuracy", 90)
  await look("training", { isDark: true })
  await network("conv2")
  await look("network-convolutional", { isDark: true })
  await go("Try it")
  await seen(".best")
  await draw([[0.3, 0.25], [0.7, 0.25], [0.45, 0.85]])
  await page.getByTestId("guess").filter({ hasText: "7" }).waitFor()
  await look("try")
  await go("Mistakes")
  await seen(".gallery li")
  await look("mistakes")
  await go("Summary")
  await seen("table.summary tbody tr")
  await look("summary")
  await go("Runs")
  await seen(".runs td")
  await look("runs")
  await start("generator")
  await reach("step", READABLE)
  await go("Try it")
  await page.getByTestId("score").waitFor()
  await look("try-generator", { isDark: true })
  await network()
  await look("network-generator")
  await go("Training")
  await seen(".charts .u-over")
  await look("training-generator")
  await page.close()
}

/** A language model of made-up stories. */
const shootTexts = async ({ go, look, page, reach, start }: Visit): Promise<void> => {
  await start("gpt")
  await go("Try it")
  await reach("step", WRITABLE)
  await page.getByLabel("A beginning").fill("Once upon a time there was a ")
  await page.getByRole("button", { name: "Go on", exact: true }).click()
  await page.waitForFunction((least) => document.querySelector(".written")!.textContent!.length > least, WRITTEN)
  await look("try-texts", { isDark: true })
  await page.close()
}

/** A browser with a server of the dashboard, with or without a worker of one's own. */
const shoot = (take: (visit: Visit) => Promise<void>, worker?: Parameters<typeof layer>[0]["worker"]) =>
  Effect.gen(function*() {
    const browser = yield* Effect.acquireRelease(
      Effect.promise(() =>
        playwright.launch({ ...(chromium === undefined ? {} : { executablePath: chromium }), args: chromiumArguments })
      ),
      (browser) => Effect.promise(() => browser.close())
    )
    const { address } = yield* HttpServer.HttpServer
    yield* Effect.promise(async () => take(await visit(HttpServer.formatAddress(address), browser)))
  }).pipe(Effect.scoped, Effect.provide(layer({ port: 0, page: built, runs, mnist: undefined, worker })))

const empty = mkdtempSync(join(tmpdir(), "pictures-")), runs = join(empty, "runs")
mkdirSync(folder, { recursive: true })
await buildPage()
try {
  await Effect.runPromise(shoot(shootExamples, await buildWorker(own)))
  await Effect.runPromise(shoot(shootDigits))
  await Effect.runPromise(shoot(shootTexts))
} finally {
  await removeWorker()
  rmSync(empty, { recursive: true, force: true })
}
