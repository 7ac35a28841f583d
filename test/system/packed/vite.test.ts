import { assert, describe, inject, it } from "@effect/vitest"
import { cpSync, existsSync, globSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Page } from "playwright"
import { build, createServer } from "vite"
import type { InlineConfig } from "vite"
import { afterAll, beforeAll } from "vitest"
import { chromium } from "../../support/chromium.ts"
import { serveFolder, sharedChromium } from "../../support/chromiumPage.ts"

const consumer = inject("consumer"), installed = fileURLToPath(new URL("../../../node_modules/", import.meta.url))
const example = fileURLToPath(new URL("../../../examples/page/", import.meta.url))

// Beside the example, a page that trains on its main thread.
const alone = `
  import { Effect, Stream } from "effect"
  import { Backend, Key, Layers, Losses, NdArray, Optimizers, Train } from "effect-neuron"
  import * as Browser from "effect-neuron/browser"

  const model = Layers.dense(1), optimizer = Optimizers.sgd(0.1)
  const batch = { x: NdArray.make([[1], [2]]), y: NdArray.make([[2], [4]]), size: 2 }
  const program = Effect.gen(function*() {
    const trainer = yield* Train.make(
      Train.init({ model, optimizer, input: [1], key: Key.make(1) }),
      Train.supervised({ model, optimizer, loss: Losses.meanSquaredError })
    )
    const last = yield* Stream.make(batch).pipe(Stream.forever, trainer.run, Stream.take(200), Stream.runLast)
    document.querySelector("output").textContent = "learned: " + (last.value.loss < 0.01)
  })
  Browser.runMain(program.pipe(Effect.scoped, Effect.provide(Backend.layerWasm)))
`
const html =
  `<!doctype html><link rel="icon" href="data:,"><script type="module" src="./alone.ts"></script><output></output>`

const learned = async (page: Page): Promise<string | null> => {
  await page.waitForFunction(() => document.querySelector("output")?.textContent?.startsWith("learned") === true)
  return page.evaluate(() => document.querySelector("output")!.textContent)
}

describe.skipIf(chromium === undefined)("a page of the package, with Vite", () => {
  const folder = mkdtempSync(join(tmpdir(), "effect-neuron-page-"))
  const inPage = sharedChromium()
  /** As the example has it: for any path, with the worker as ES modules. */
  let asShown: Awaited<ReturnType<typeof built>> | undefined
  beforeAll(async () => {
    const modules = join(folder, "node_modules")
    cpSync(join(consumer, "node_modules"), modules, { recursive: true, verbatimSymlinks: true })
    // Whoever has installed the package for its dashboard has Vite already.
    if (!existsSync(join(modules, "vite"))) symlinkSync(join(installed, "vite"), join(modules, "vite"), "junction")
    cpSync(example, folder, { recursive: true })
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }))
    writeFileSync(join(folder, "alone.ts"), alone)
    writeFileSync(join(folder, "alone.html"), html)
    asShown = await built("dist", {})
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const config = (more: InlineConfig = {}): InlineConfig => ({
    root: folder,
    logLevel: "silent",
    ...more
  })

  /**
   * Builds both pages with the example's configuration, and gives the folder and the size of what the worker loads
   * first.
   */
  const built = async (name: string, more: InlineConfig) => {
    const outDir = join(folder, name), input = ["index.html", "alone.html"].map((file) => join(folder, file))
    await build(config({ ...more, build: { outDir, target: "es2022", rolldownOptions: { input } } }))
    const [worker] = globSync("assets/worker-*.js", { cwd: outDir })
    return { outDir, size: statSync(join(outDir, worker!)).size }
  }

  /**
   * Opens the page that trains alone, and the one that trains in a worker, which load what they need without a word.
   */
  const bothLearn = (address: string) =>
    inPage(async (page, { errors, requests }) => {
      await page.goto(`${address}alone.html`)
      assert.strictEqual(await learned(page), "learned: true")
      await page.goto(address)
      assert.strictEqual(await learned(page), "learned: 0 1 1 0")
      assert.deepStrictEqual(errors, [])
      assert.isNotEmpty(requests.filter((url) => /-simd[^/]*\.wasm$/.test(url)))
    })

  it("learns while it is developed", async () => {
    const server = await createServer(config({ server: { port: 0, host: "127.0.0.1" } }))
    try {
      await server.listen()
      await bothLearn(server.resolvedUrls!.local[0]!)
    } finally {
      await server.close()
    }
  })

  it("learns when it is built, below a path, with workers of both formats", async () => {
    const path = "/below/a/path/"
    const all = [asShown!, await built("dist-iife", { base: path, worker: { format: "iife" } })] as const
    for (const { outDir } of all) {
      const { address, stop } = await serveFolder(outDir, { path })
      try {
        await bothLearn(address)
      } finally {
        await stop()
      }
    }
    // One file has all backends, those of the other are there when they are asked for.
    assert.isBelow(all[0].size, 0.75 * all[1].size)
  })

  it("learns without a server, where a service worker keeps its files", async () => {
    const { address, stop } = await serveFolder(asShown!.outDir)
    let isServed = true
    try {
      await inPage(async (page, { errors }) => {
        await page.goto(address)
        await page.evaluate(async () => {
          await navigator.serviceWorker.register("./offline.js")
          await navigator.serviceWorker.ready
        })
        await stop()
        isServed = false
        await page.goto(address)
        assert.strictEqual(await learned(page), "learned: 0 1 1 0")
        await page.goto(`${address}alone.html`)
        assert.strictEqual(await learned(page), "learned: true")
        assert.deepStrictEqual(errors, [])
      })
    } finally {
      if (isServed) await stop()
    }
  })
})
