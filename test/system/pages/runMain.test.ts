import { assert, describe, it } from "@effect/vitest"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll } from "vitest"
import { chromium } from "../../support/chromium.ts"
import { serveFolder, sharedChromium } from "../../support/chromiumPage.ts"
import { evaluateHidden } from "../../support/hiddenPage.ts"
import { imports, writePage } from "../../support/page.ts"

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

describe.skipIf(chromium === undefined)("the program of a page", () => {
  const folder = mkdtempSync(join(tmpdir(), "effect-neuron-main-"))
  const inPage = sharedChromium()
  let served: Awaited<ReturnType<typeof serveFolder>> | undefined
  beforeAll(async () => {
    await writePage(folder, program)
    served = await serveFolder(folder)
  })
  afterAll(async () => {
    await served?.stop()
    rmSync(folder, { recursive: true })
  })

  it("trains without timers, which a page that is hidden has one of in a second, or in a minute", async () => {
    const turns = await evaluateHidden(
      served!.address,
      `new Promise((go) => document.readyState === "complete" ? go() : addEventListener("load", go))
        .then(async () => [await byMain("wasm"), await byMain("webgl"), await byFork("wasm")])`
    )
    const byMessages = { visibility: "hidden", timers: false, messages: true }
    const byTimers = { visibility: "hidden", timers: true, messages: false }
    assert.deepStrictEqual(turns, [byMessages, byMessages, byTimers])
  })

  it("says on the console why it has failed", () =>
    inPage(async (tab, { errors }) => {
      await tab.goto(served!.address)
      const said = tab.waitForEvent("console", (message) => message.type() === "error")
      await tab.evaluate("fail()")
      await said
      // The server gives its page for what it does not have.
      assert.match(errors.join("\n"), /DataError: .*\/data\/mnist\/.*: expected .*, found/)
    }))

  it("is interrupted when its page is left", () =>
    inPage(async (tab) => {
      await tab.goto(served!.address)
      await tab.evaluate("leave()")
      await tab.goto("about:blank")
      await tab.goto(served!.address)
      assert.strictEqual(await tab.evaluate(`localStorage.getItem("left")`), "yes")
    }))
})
