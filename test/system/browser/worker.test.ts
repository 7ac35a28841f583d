import { assert, describe, it } from "@effect/vitest"
import type { Report } from "./trainInWorker.ts"

const train = (backend: "wasm" | "webgl"): Promise<Report> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./trainInWorker.ts", import.meta.url), { type: "module" })
    const end = (done: () => void) => {
      worker.terminate()
      done()
    }
    worker.addEventListener("message", ({ data }: MessageEvent<Report>) => end(() => resolve(data)))
    worker.addEventListener("error", ({ message }) => end(() => reject(new Error(message))))
    worker.postMessage(backend)
  })

describe("a module worker of a page", () => {
  for (const backend of ["wasm", "webgl"] as const) {
    it(`trains on ${backend}`, async () => {
      const { first, last, steps, tensorsLeft } = await train(backend)
      assert.deepStrictEqual({ steps, tensorsLeft }, { steps: 80, tensorsLeft: 0 })
      assert.isAbove(first, 0.2)
      assert.isBelow(last, 0.01)
    })
  }
})
