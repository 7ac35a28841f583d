import { assert, describe, it } from "@effect/vitest"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll } from "vitest"
import { chromium } from "../../support/chromium.ts"
import { serveFolder, sharedChromium } from "../../support/chromiumPage.ts"
import { buildPage, convolutional, dense, imports, isWebAssembly, trainingPage, writePage } from "../../support/page.ts"
import type { PageFile } from "../../support/page.ts"

const program = `${imports}
  const model = Layers.named({ hidden: Layers.dense(8), tanh: Layers.tanh, head: Layers.dense(1) })
  const optimizer = Optimizers.adam(0.03)
  const xor = [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]
  const examples = Stream.fromIterable(
    xor.map(([a, b, y]) => ({ x: NdArray.make([a, b], [2]), y: NdArray.make([y], [1]) }))
  )
  const train = Effect.gen(function*() {
    const { name } = yield* Backend.Backend
    const trainer = yield* Train.make(
      Train.init({ model, optimizer, input: [2], key: Key.make(1) }),
      Train.supervised({ model, optimizer, loss: Losses.meanSquaredError }),
      { readEvery: 20 }
    )
    const losses = yield* examples.pipe(
      Pipeline.batch(4),
      Pipeline.epochs(200),
      trainer.run,
      Stream.map(({ loss }) => loss),
      Stream.runCollect
    )
    return { name, learned: losses[0] > 0.2 && losses.at(-1) < 0.01 }
  })
  const on = (backend) => Effect.scoped(Effect.provide(train, backend))
  Effect.runPromise(
    Effect.all([
      on(Backend.layerWasmWith({ threads: 2 })),
      on(Backend.layerWebglWith({ software: true }))
    ])
  ).then(
    (results) => globalThis.report = results,
    (error) => globalThis.report = String(error)
  )
`

describe.skipIf(chromium === undefined)("a page that Vite has built", () => {
  const folder = mkdtempSync(join(tmpdir(), "effect-neuron-page-"))
  const inPage = sharedChromium()
  let served: Awaited<ReturnType<typeof serveFolder>> | undefined
  beforeAll(async () => {
    await writePage(folder, program)
    served = await serveFolder(folder, {
      headersOf: () => ({
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-embedder-policy": "require-corp"
      })
    })
  })
  afterAll(async () => {
    await served?.stop()
    rmSync(folder, { recursive: true })
  })

  it("trains in Chromium, on wasm with threads and on webgl", () =>
    inPage(async (page, { errors }) => {
      await page.goto(served!.address)
      const report = await page.waitForFunction("globalThis.report")
      assert.deepStrictEqual(await report.jsonValue(), [
        { name: "wasm", learned: true },
        { name: "webgl", learned: true }
      ])
      assert.deepStrictEqual(errors, [])
    }))
})

describe("what Vite makes of a page", () => {
  it("takes less than 142 kB of scripts, packed, and holds WebGL only where it is asked for", async () => {
    const [light, heavy, webgl] = await Promise.all([
      buildPage(trainingPage(dense)),
      buildPage(trainingPage(convolutional)),
      buildPage(trainingPage(dense, "Layer.catch(Backend.layerWebgl, () => Backend.layerWasm)"))
    ])
    const scripts = (files: ReadonlyArray<PageFile>) => files.filter((file) => !isWebAssembly(file))
    const sum = (files: ReadonlyArray<PageFile>) => files.reduce((bytes, { packed }) => bytes + packed, 0)
    assert.isBelow(sum(scripts(light)), 142_000)
    assert.isBelow(sum(scripts(heavy)), 155_000)
    // The text of a shader.
    const shaders = (files: ReadonlyArray<PageFile>) => files.filter(({ content }) => content.includes("gl_FragColor"))
    assert.strictEqual(shaders(light).length, 0)
    assert.isAbove(shaders(webgl).length, 0)
    assert.isTrue(shaders(webgl).every(({ isEntry }) => !isEntry))
  })
})
