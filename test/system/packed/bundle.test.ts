import { assert, describe, inject, it } from "@effect/vitest"
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { rolldown } from "rolldown"
import { afterAll } from "vitest"
import { run } from "../../support/run.ts"

const consumer = inject("consumer"), source = join(consumer, "bundled")

// Nowhere near a package.
const alone = mkdtempSync(join(tmpdir(), "effect-neuron-bundle-"))
afterAll(() => rmSync(alone, { recursive: true }))

/** The banner that the documentation gives. */
const banner = /^```js\n(.*)\n```$/m.exec(
  readFileSync(new URL("../../../docs/how-to/bundle-for-node.md", import.meta.url), "utf8")
)![1]!

const program = (wasm: string) => `
  import { Effect, Stream } from "effect"
  import { Backend, Key, Layers, Losses, NdArray, Optimizers, Pipeline, Train } from "effect-neuron"

  const model = Layers.named({ conv: Layers.conv2d({ filters: 2, kernelSize: 2 }), flat: Layers.flatten, head: Layers.dense(1) })
  const optimizer = Optimizers.adam(0.01)
  const program = Effect.gen(function*() {
    const trainer = yield* Train.make(
      Train.init({ model, optimizer, input: [3, 3, 1], key: Key.make(1) }),
      Train.supervised({ model, optimizer, loss: Losses.meanSquaredError })
    )
    const losses = yield* Stream.make({ x: NdArray.make(new Float32Array(9).fill(1), [3, 3, 1]), y: NdArray.make([3], [1]) }).pipe(
      Pipeline.batch(1), Pipeline.epochs(100), trainer.run, Stream.map(({ loss }) => loss), Stream.runCollect
    )
    console.log(losses.length, losses.at(-1) < losses[0] / 4)
  })
  Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(${wasm})))
`

const bundle = async (name: string, wasm: string, external?: RegExp) => {
  mkdirSync(source, { recursive: true })
  writeFileSync(join(source, `${name}.js`), program(wasm))
  const build = await rolldown({
    cwd: source,
    input: `./${name}.js`,
    platform: "node",
    logLevel: "silent",
    ...(external === undefined ? {} : { external })
  })
  const dir = external === undefined ? alone : source
  const names = { entryFileNames: "[name].mjs", chunkFileNames: `${name}-[name].mjs` }
  await build.write({ format: "esm", dir, ...names, ...(external === undefined ? { banner } : {}) })
  await build.close()
  return join(dir, `${name}.mjs`)
}

describe("a program that is bundled for Node", () => {
  it("trains with its packages left outside", async () => {
    const file = await bundle("outside", "Backend.layerWasm", /^[^./]/)
    assert.strictEqual(await run(source, process.execPath, file), "100 true\n")
  })

  it("trains where no package is, as the documentation says, in threads too", async () => {
    const file = await bundle(
      "alone",
      `Backend.layerWasmWith({ threads: 2, paths: new URL("./", import.meta.url).href })`
    )
    const wasm = "tfjs-backend-wasm-simd.wasm"
    copyFileSync(join(consumer, "node_modules/effect-neuron/wasm", wasm), join(alone, wasm))
    assert.strictEqual(await run(alone, process.execPath, file), "100 true\n")
  })
})
