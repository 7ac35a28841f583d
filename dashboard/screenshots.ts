// Pictures of the page for the documentation: `node dashboard/screenshots.ts [folder]`, where there is a Chromium.
import { Effect } from "effect"
import { HttpServer } from "effect/http"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { chromium as playwright } from "playwright"
import type { Browser } from "playwright"
import { layer } from "../src/cli/dashboard/server.ts"
import { chromium, chromiumArguments } from "../test/support/chromium.ts"
import { buildPage, page as built } from "./build.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const folder = process.argv[2] ?? join(root, "docs", "images")

const ofGenerator = ["training-generator", "network-generator", "try-generator"]
const all = ["training", "network", "network-convolutional", "try", "mistakes", "runs", ...ofGenerator]

// Until digits can be read.
const GENERATOR = 60_000

const sizes = [
  { name: "", width: 1120, height: 760, scheme: "light", views: all },
  {
    name: "-dark",
    width: 1120,
    height: 760,
    scheme: "dark",
    views: ["training", "network-convolutional", "try-generator"]
  },
  {
    name: "-phone",
    width: 390,
    height: 844,
    scheme: "light",
    views: all
  }
] as const

const shoot = async (url: string, browser: Browser): Promise<void> => {
  for (const { height, name, scheme, views, width } of sizes) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme })
    const look = async (view: string) => {
      if (!(views as ReadonlyArray<string>).includes(view)) return
      await page.evaluate(() => scrollTo(0, 0))
      await page.screenshot({ path: join(folder, `dashboard-${view}${name}.png`) })
      console.log(`dashboard-${view}${name}.png`)
    }
    const go = (view: string) => page.getByRole("navigation").getByRole("link", { name: view }).click()
    const form = async () => {
      // A narrow page has it in a sheet.
      const button = page.getByRole("button", { name: "New run", exact: true })
      if (await button.isVisible()) await button.click()
    }
    await page.goto(url)
    await page.waitForTimeout(5000)
    // A second run beside the first.
    await form()
    await page.getByLabel("Model", { exact: true }).selectOption("small-cnn")
    await page.getByRole("button", { name: "Start a new run" }).click()
    await page.waitForTimeout(9000)
    await look("training")
    await go("Network")
    await page.waitForTimeout(1500)
    await page.getByRole("combobox", { name: "layer", exact: true }).selectOption({ label: "conv2" })
    await page.waitForTimeout(800)
    await look("network-convolutional")
    await go("Try it")
    const box = (await page.getByTestId("pad").boundingBox())!
    const to = (x: number, y: number) => page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 6 })
    await to(0.3, 0.25)
    await page.mouse.down()
    await to(0.7, 0.25)
    await to(0.45, 0.85)
    await page.mouse.up()
    await page.waitForTimeout(600)
    await look("try")
    await go("Mistakes")
    await page.waitForTimeout(1500)
    await look("mistakes")
    await go("Runs")
    await page.waitForTimeout(500)
    await look("runs")
    await form()
    await page.getByLabel("Model", { exact: true }).selectOption("small-mlp")
    await page.getByRole("button", { name: "Start a new run" }).click()
    await go("Network")
    await page.waitForTimeout(3000)
    await look("network")
    await form()
    await page.getByLabel("Experiment", { exact: true }).selectOption("generator")
    await page.getByRole("button", { name: "Start a new run" }).click()
    await go("Try it")
    await page.waitForTimeout(GENERATOR)
    await look("try-generator")
    await go("Network")
    await page.waitForTimeout(3000)
    await look("network-generator")
    await go("Training")
    await page.waitForTimeout(3000)
    await look("training-generator")
    await page.close()
  }
}

const program = Effect.gen(function*() {
  mkdirSync(folder, { recursive: true })
  yield* Effect.promise(() => buildPage())
  const { address } = yield* HttpServer.HttpServer
  const browser = yield* Effect.acquireRelease(
    Effect.promise(() =>
      playwright.launch({ ...(chromium === undefined ? {} : { executablePath: chromium }), args: chromiumArguments })
    ),
    (browser) => Effect.promise(() => browser.close())
  )
  yield* Effect.promise(() => shoot(HttpServer.formatAddress(address), browser))
})

await Effect.runPromise(program.pipe(
  Effect.scoped,
  Effect.provide(layer({ port: 0, page: built, runs: join(root, "runs"), mnist: undefined }))
))
