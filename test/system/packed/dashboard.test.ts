import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, inject, it } from "vitest"

const consumer = inject("consumer"), unpacked = join(consumer, "node_modules", "effect-neuron")
const runs = mkdtempSync(join(tmpdir(), "runs-"))

describe("the page of the package", () => {
  const child = spawn(process.execPath, [
    join(unpacked, "dist", "cli", "main.js"),
    "dashboard",
    join(unpacked, "examples", "spirals.ts"),
    ...["--port", "0", "--runs", runs, "--no-open"]
  ], { cwd: consumer })
  afterAll(() => {
    child.kill()
    rmSync(runs, { recursive: true, force: true })
  })

  it("is served, with a worker that has an experiment of one's own", async () => {
    let said = ""
    const url = await new Promise<string>((resolve, reject) => {
      const hear = (part: Buffer) => {
        said += String(part)
        const found = /dashboard: (\S+)/.exec(said)
        if (found !== null) resolve(found[1]!)
      }
      child.stdout.on("data", hear)
      child.stderr.on("data", hear)
      child.on("exit", () => reject(new Error(said)))
    })
    const page = await (await fetch(url)).text()
    assert.include(page, "<title>effect-neuron</title>")
    const about = await (await fetch(`${url}api/about`)).json() as {
      readonly worker?: string
      readonly problem?: string
    }
    assert.isUndefined(about.problem)
    const worker = await fetch(new URL(about.worker!, url))
    assert.strictEqual(worker.status, 200)
    assert.include(await worker.text(), "spirals.ts")
  })
})
