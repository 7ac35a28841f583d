import { assert, describe, it } from "@effect/vitest"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll } from "vitest"
import { chromium } from "../../support/chromium.ts"
import { serveFolder, sharedChromium } from "../../support/chromiumPage.ts"
import { imports, writePage } from "../../support/page.ts"

const guide = fileURLToPath(new URL("../../../docs/how-to/content-security-policy.md", import.meta.url))

/** What the table of the guide says: the directives of each use, which are added to those of a page. */
const table = new Map(
  readFileSync(guide, "utf8").split("\n").filter((line) => line.startsWith("|")).slice(2).map((line) => {
    const [, use, directives] = line.split("|")
    return [use!.trim(), [...directives!.matchAll(/`([^`]*)`/g)].map(([, text]) => text!)] as const
  })
)

/** A policy that allows a page its own scripts, with what directives add to it. */
const policy = (directives: ReadonlyArray<string>): string => {
  const all = new Map([["default-src", ["'none'"]], ["script-src", ["'self'"]]])
  for (const directive of directives) {
    const [name, ...sources] = directive.split(" ")
    all.set(name!, [...(all.get(name!) ?? []), ...sources])
  }
  return [...all].map(([name, sources]) => `${name} ${sources.join(" ")}`).join("; ")
}

const program = `${imports}
  import * as Browser from "effect-neuron/browser"
  import { Logger } from "effect"
  import { Checkpoint } from "effect-neuron"

  const model = Layers.dense(1), optimizer = Optimizers.sgd(0.1)
  const batch = { x: NdArray.make([[1], [2]]), y: NdArray.make([[2], [4]]), size: 2 }
  const train = Effect.gen(function*() {
    const trainer = yield* Train.make(
      Train.init({ model, optimizer, input: [1], key: Key.make(1) }),
      Train.supervised({ model, optimizer, loss: Losses.meanSquaredError })
    )
    yield* Stream.make(batch).pipe(Stream.forever, trainer.run, Stream.take(10), Stream.runDrain)
  }).pipe(Effect.scoped)

  const backends = {
    wasm: Backend.layerWasm,
    threads: Backend.layerWasmWith({ threads: 2 }),
    webgl: Backend.layerWebglWith({ software: true }),
    webgpu: Backend.layerWebgpuWith({ software: true })
  }
  globalThis.train = (backend, place) => {
    if (place) backends.elsewhere = Backend.layerWasmWith({ paths: { "tfjs-backend-wasm-simd.wasm": place } })
    const warnings = []
    const logger = Logger.make(({ message }) => void warnings.push(String(message)))
    return Effect.runPromise(Effect.match(
      Effect.provide(Effect.provide(train, backends[backend]), Logger.layer([logger])),
      { onFailure: ({ message }) => message, onSuccess: () => warnings.join() || "trained" }
    ))
  }
  globalThis.keep = () =>
    Effect.runPromise(Effect.provide(Checkpoint.list("runs"), Browser.layerIndexedDb()))
`

describe.skipIf(chromium === undefined)("the table of content security policies", () => {
  const folder = mkdtempSync(join(tmpdir(), "effect-neuron-policy-"))
  const inPage = sharedChromium()
  let served: Awaited<ReturnType<typeof serveFolder>> | undefined
  beforeAll(async () => {
    await writePage(folder, program)
    served = await serveFolder(folder, {
      headersOf: (query) => ({
        "content-security-policy": query.get("policy") ?? "",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-embedder-policy": "require-corp"
      })
    })
  })
  afterAll(async () => {
    await served?.stop()
    rmSync(folder, { recursive: true })
  })

  /** What comes of a call in a page with a policy. */
  const under = (directives: ReadonlyArray<string>, call: string): Promise<unknown> =>
    inPage(async (page) => {
      await page.goto(`${served!.address}?${new URLSearchParams({ policy: policy(directives) })}`)
      return await page.evaluate(call)
    })

  const without = (all: ReadonlyArray<string>, one: string) => all.filter((directive) => directive !== one)

  it("names what is missing for files of another origin, and for those of a blob", async () => {
    const wasm = table.get("wasm")!
    for (const [place, source] of [["https://else.where/simd.wasm", "https://else.where"], ["blob:null/1", "blob:"]]) {
      const said = String(await under(wasm, `train("elsewhere", "${place}")`))
      assert.include(said, `${place} could not be loaded: `)
      assert.include(said, `connect-src ${source}`)
    }
  })

  const uses = [
    ["wasm", `train("wasm")`],
    ["wasm, threads", `train("threads")`],
    ["WebGL", `train("webgl")`],
    ["WebGPU", `train("webgpu")`]
  ] as const
  for (const [use, call] of uses) {
    it(`has all that ${use} takes, and names what is missing`, async () => {
      const directives = table.get(use)!
      assert.strictEqual(await under(directives, call), "trained")
      for (const directive of directives) {
        const [name, source] = directive.split(" ")
        const said = String(await under(without(directives, directive), call))
        assert.include(said, `${name} ${source}`, directive)
      }
    })
  }

  it("has nothing for files in IndexedDB", async () => {
    assert.deepStrictEqual(table.get("checkpoints in IndexedDB"), [])
    assert.deepStrictEqual(await under([], "keep()"), [])
  })
})
