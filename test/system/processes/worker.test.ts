import { assert, describe, it } from "@effect/vitest"
import { once } from "node:events"
import { Worker } from "node:worker_threads"

describe("a worker thread", () => {
  it("trains on a backend of its own, and ends by itself", async () => {
    const worker = new Worker(new URL("./trainInWorker.ts", import.meta.url))
    const [[report], exit] = await Promise.all([once(worker, "message"), once(worker, "exit")])
    assert.deepInclude(report, { backend: "wasm", steps: 200, tensorsLeft: 0 })
    assert.isAbove(report.first, 0.2)
    assert.isBelow(report.last, 0.01)
    assert.deepStrictEqual(exit, [0])
  })
})
