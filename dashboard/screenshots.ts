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

const ofGenerator = ["training-generator", "network-generator", "try-generator"]
const ofExamples = ["try-plane", "try-series"]
const all = [
  ...["training", "network", "network-convolutional", "try", "mistakes", "summary", "runs"],
  ...ofExamples,
  ...ofGenerator
]

const dark = ["training", "network-convolutional", "try-generator"]
const sizes = [
  { name: "", width: 1120, height: 760, scheme: "light", views: all },
  { name: "-dark", width: 1120, height: 760, scheme: "dark", views: dark },
  { name: "-phone", width: 390, height: 844, scheme: "light", views: all }
] as const

// Until the digits of a generator can be read.
const READABLE = 1200

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
    // A narrow page has the form in a sheet.
    const button = page.getByRole("button", { name: "New run", exact: true })
    if (await button.isVisible()) await button.click()
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

/** Somebody who has never been here, and takes pictures of some views. */
const visit = async (url: string, browser: Browser, { height, name, scheme, views, width }: typeof sizes[number]) => {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme })
  page.setDefaultTimeout(300_000)
  const hands = handsOn(page)
  const look = async (view: string) => {
    if (!(views as typeof all).includes(view)) return
    await page.evaluate(() => scrollTo(0, 0))
    await page.screenshot({ path: join(folder, `dashboard-${view}${name}.png`) })
    console.log(`dashboard-${view}${name}.png`)
  }
  /** Of the network nothing in the page says that it is drawn: that is done in a worker. */
  const network = async (layer?: string) => {
    await hands.go("Network")
    await hands.seen("canvas.network[data-transform]")
    if (layer !== undefined) {
      await page.getByRole("combobox", { name: "layer", exact: true }).selectOption({ label: layer })
      await hands.seen(".details .pictures")
    }
    await page.waitForTimeout(3000)
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
  await start("digits", "small-mlp")
  await reach("epoch", 1)
  await reach("step", 150)
  await network()
  await look("network")
  // A second run beside the first.
  await start("digits", "small-cnn")
  await go("Training")
  await reach("step", 300)
  await reach("validation accuracy", 90)
  await look("training")
  await network("conv2")
  await look("network-convolutional")
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
  await look("try-generator")
  await network()
  await look("network-generator")
  await go("Training")
  await seen(".charts .u-over")
  await look("training-generator")
  await page.close()
}

const shoot = async (url: string, browser: Browser): Promise<void> => {
  for (const size of sizes) {
    if (size.views === all) await shootExamples(await visit(url, browser, size))
    await shootDigits(await visit(url, browser, size))
  }
}

const program = Effect.gen(function*() {
  const browser = yield* Effect.acquireRelease(
    Effect.promise(() =>
      playwright.launch({ ...(chromium === undefined ? {} : { executablePath: chromium }), args: chromiumArguments })
    ),
    (browser) => Effect.promise(() => browser.close())
  )
  const { address } = yield* HttpServer.HttpServer
  yield* Effect.promise(() => shoot(HttpServer.formatAddress(address), browser))
})

mkdirSync(folder, { recursive: true })
await buildPage()
const empty = mkdtempSync(join(tmpdir(), "pictures-")), runs = join(empty, "runs"), worker = await buildWorker(own)
try {
  await Effect.runPromise(program.pipe(
    Effect.scoped,
    Effect.provide(layer({ port: 0, page: built, runs, mnist: undefined, worker }))
  ))
} finally {
  await removeWorker()
  rmSync(empty, { recursive: true, force: true })
}
