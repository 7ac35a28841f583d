import { assert, describe, it } from "@effect/vitest"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, beforeAll } from "vitest"
import { chromium } from "../../support/chromium.ts"
import { inChromium, serveFolder } from "../../support/chromiumPage.ts"
import { evaluateHidden } from "../../support/hiddenPage.ts"
import { buildPage, imports } from "../../support/page.ts"

// Trains until fibers have taken turns a few times, and tells by what.
const program = `${imports}
  import * as Browser from "effect-neuron/browser"
  import { Fiber } from "effect"

  let timers = 0, messages = 0
  const { setTimeout } = globalThis, { postMessage } = MessagePort.prototype
  globalThis.setTimeout = (...args) => {
    timers++
    return setTimeout(...args)
  }
  MessagePort.prototype.postMessage = function(...args) {
    messages++
    return postMessage.apply(this, args)
  }

  const model = Layers.dense(1), optimizer = Optimizers.sgd(0.1)
  const batch = { x: NdArray.make([[1], [2]]), y: NdArray.make([[2], [4]]), size: 2 }
  const training = (backend) =>
    Effect.gen(function*() {
      const trainer = yield* Train.make(
        Train.init({ model, optimizer, input: [1], key: Key.make(1) }),
        Train.supervised({ model, optimizer, loss: Losses.meanSquaredError })
      )
      yield* Effect.sync(() => {
        timers = messages = 0
      })
      yield* Stream.make(batch).pipe(
        Stream.forever,
        trainer.run,
        Stream.takeUntil(() => timers + messages > 3),
        Stream.runDrain
      )
      const turns = { visibility: document.visibilityState, timers: timers > 0, messages: messages > 0 }
      return turns
    }).pipe(Effect.scoped, Effect.provide(backend))

  const backends = { wasm: Backend.layerWasm, webgl: Backend.layerWebglWith({ software: true }) }
  const ends = (fiber) => Effect.runPromise(Fiber.join(fiber))
  globalThis.byMain = (backend) => ends(Browser.runMain(training(backends[backend])))
  globalThis.byFork = (backend) => ends(Effect.runFork(training(backends[backend])))
  globalThis.fail = () => Browser.runMain(Datasets.mnistFrom("/data/mnist/"))
  globalThis.leave = () =>
    Browser.runMain(Effect.onInterrupt(Effect.never, () => Effect.sync(() => localStorage.setItem("left", "yes"))))
`

const html = `<!doctype html><link rel="icon" href="data:,"><script type="module" src="./SCRIPT"></script>`

describe.skipIf(chromium === undefined)("the program of a page", () => {
  const folder = mkdtempSync(join(tmpdir(), "effect-neuron-main-"))
  let page: Awaited<ReturnType<typeof serveFolder>> | undefined
  beforeAll(async () => {
    const files = await buildPage(program)
    for (const { content, name } of files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), content)
    }
    writeFileSync(join(folder, "index.html"), html.replace("SCRIPT", files.find(({ isEntry }) => isEntry)!.name))
    page = await serveFolder(folder)
  })
  afterAll(async () => {
    await page?.stop()
    rmSync(folder, { recursive: true })
  })

  const hidden = (call: string) =>
    evaluateHidden(
      page!.address,
      `new Promise((go) => document.readyState === "complete" ? go() : addEventListener("load", go)).then(() => ${call})`
    )

  it("trains without timers, which a page that is hidden has one of in a second, or in a minute", async () => {
    const expected = { visibility: "hidden", timers: false, messages: true }
    assert.deepStrictEqual(await hidden(`byMain("wasm")`), expected)
    assert.deepStrictEqual(await hidden(`byMain("webgl")`), expected)
    assert.deepStrictEqual(await hidden(`byFork("wasm")`), { visibility: "hidden", timers: true, messages: false })
  })

  it("says on the console why it has failed", () =>
    inChromium(async (tab, { errors }) => {
      await tab.goto(page!.address)
      const said = tab.waitForEvent("console", (message) => message.type() === "error")
      await tab.evaluate("fail()")
      await said
      // The server gives its page for what it does not have.
      assert.match(errors.join("\n"), /DataError: .*\/data\/mnist\/.*: expected .*, found/)
    }))

  it("is interrupted when its page is left", () =>
    inChromium(async (tab) => {
      await tab.goto(page!.address)
      await tab.evaluate("leave()")
      await tab.goto("about:blank")
      await tab.goto(page!.address)
      assert.strictEqual(await tab.evaluate(`localStorage.getItem("left")`), "yes")
    }))
})
