import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Safetensors } from "effect-neuron"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll } from "vitest"
import { runUntil } from "../../support/signal.ts"

const program = fileURLToPath(new URL("trainInMain.ts", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "effect-neuron-main-"))
afterAll(() => rmSync(folder, { recursive: true }))

/** The step of the checkpoint in a folder. */
const savedIn = (path: string): number => {
  const bytes = readFileSync(join(path, "model.safetensors"))
  const { metadata } = Effect.runSync(Effect.fromResult(Safetensors.decode(bytes, path)))
  return JSON.parse(metadata["numbers"]!).step
}

describe("a program by runMain of Node", () => {
  for (const send of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    it(`saves the last step at ${send}, and exits with 130`, async () => {
      const path = join(folder, send)
      const { code, err, out } = await runUntil(program, [path], { when: "trains", send })
      assert.deepStrictEqual({ code, err }, { code: 130, err: "" }, out)
      const left = Number(/^trains\nleft at step (\d+)\n$/.exec(out)?.[1])
      assert.isAtLeast(left, 3)
      assert.strictEqual(savedIn(path), left)
    })
  }

  it("saves the last step when nobody reads what it prints, without a word", async () => {
    const path = join(folder, "unread")
    const { code, err, out } = await runUntil(program, [path, "Infinity", "talk"], {
      when: "trains",
      send: "no reader"
    })
    assert.deepStrictEqual({ code, err }, { code: 130, err: "" }, out)
    assert.isAtLeast(savedIn(path), 3)
  })

  it("exits with 0 at its end", async () => {
    const { code, err, out } = await runUntil(program, [join(folder, "whole"), "5"])
    assert.deepStrictEqual({ code, err, out }, { code: 0, err: "", out: "trains\nleft at step 5\n" })
    assert.strictEqual(savedIn(join(folder, "whole")), 5)
  })

  it("says what it failed by, and exits with 1", async () => {
    const path = join(folder, "file")
    writeFileSync(path, "no folder")
    const { code, err, out } = await runUntil(program, [path])
    assert.strictEqual(code, 1)
    assert.include(out + err, "CheckpointError")
    assert.include(out + err, path)
  })
})
