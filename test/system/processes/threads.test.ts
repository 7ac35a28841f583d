import { assert, describe, it } from "@effect/vitest"
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

const program = fileURLToPath(new URL("trainInThreads.ts", import.meta.url))

/** Runs the program, sends a signal when it has trained, if there is one, and waits for its end. */
const run = async (how: string, signal?: NodeJS.Signals) => {
  const child = spawn(process.execPath, [program, how], { stdio: ["ignore", "pipe", "pipe"] })
  let out = "", err = ""
  child.stdout.on("data", (data) => {
    out += data
    if (signal !== undefined && out.includes("trained")) child.kill(signal)
  })
  child.stderr.on("data", (data) => {
    err += data
  })
  const code = await new Promise((resolve) => child.on("close", resolve))
  return { code, out, err }
}

describe("a program with threads", () => {
  it("ends by itself, although the backend stays open", async () => {
    assert.deepStrictEqual(await run("leave"), { code: 0, out: "trained\n", err: "" })
  })

  it("ends when it is interrupted", async () => {
    assert.deepStrictEqual(await run("wait", "SIGINT"), { code: 130, out: "trained\n", err: "" })
  })
})
