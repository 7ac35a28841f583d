import { assert, describe, it } from "@effect/vitest"
import { fileURLToPath } from "node:url"
import { runUntil } from "../../support/signal.ts"

const program = fileURLToPath(new URL("trainInThreads.ts", import.meta.url))

describe("a program with threads", () => {
  it("ends by itself, although the backend stays open", async () => {
    assert.deepStrictEqual(await runUntil(program, ["leave"]), { code: 0, out: "trained\n", err: "" })
  })

  it("ends when it is interrupted", async () => {
    const ended = await runUntil(program, ["wait"], { when: "trained", send: "SIGINT" })
    assert.deepStrictEqual(ended, { code: 130, out: "trained\n", err: "" })
  })
})
