import { assert, describe, it } from "@effect/vitest"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { chromium as browsers } from "playwright"
import { chromium, chromiumArguments } from "../../support/chromium.ts"
import { buildPage, convolutional, dense, imports, isWebAssembly, trainingPage } from "../../support/page.ts"
import type { PageFile } from "../../support/page.ts"

/** Serves a page, opens it in Chromium, and gives what it leaves in `report`. */
const open = async (files: ReadonlyArray<PageFile>): Promise<unknown> => {
  const html = `<!doctype html><script type="module" src="/${files.find(({ isEntry }) => isEntry)!.name}"></script>`
  const server = createServer(({ url }, response) => {
    const file = files.find(({ name }) => url === `/${name}`)
    const type = url === "/" ? "text/html" : url!.endsWith(".js") ? "text/javascript" : "application/wasm"
    response.writeHead(url === "/" || file ? 200 : 404, {
      "content-type": type,
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp"
    })
    response.end(url === "/" ? html : file?.content)
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  const browser = await browsers.launch({ executablePath: chromium!, args: chromiumArguments })
  try {
    const page = await browser.newPage()
    const errors: Array<string> = []
    page.on("pageerror", ({ message }) => errors.push(message))
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    const report = await (await page.waitForFunction("globalThis.report", undefined, { timeout: 150_000 })).jsonValue()
    assert.deepStrictEqual(errors, [])
    return report
  } finally {
    await browser.close()
    server.closeAllConnections()
    server.close()
  }
}

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

describe("a page that Vite has built", () => {
  it.skipIf(chromium === undefined)("trains in Chromium, on wasm with threads and on webgl", async () => {
    assert.deepStrictEqual(await open(await buildPage(program)), [
      { name: "wasm", learned: true },
      { name: "webgl", learned: true }
    ])
  })

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
