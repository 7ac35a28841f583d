import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { chromium, chromiumArguments } from "./chromium.ts"

type Answer = { readonly id?: number; readonly result?: unknown; readonly error?: { readonly message: string } }
type Targets = { readonly targetInfos: ReadonlyArray<{ readonly type: string; readonly targetId: string }> }
type Value = { readonly result: { readonly value: unknown }; readonly exceptionDetails?: object }

/**
 * Opens a page in a Chromium whose window is minimized, so that the page is hidden (Playwright would have it believe
 * that it is seen), and gives what its expression comes to.
 */
export const evaluateHidden = async (address: string, expression: string): Promise<unknown> => {
  const profile = mkdtempSync(join(tmpdir(), "effect-neuron-chromium-"))
  const browser = spawn(chromium!, [
    ...["--headless=new", "--remote-debugging-port=0", `--user-data-dir=${profile}`],
    ...chromiumArguments,
    "about:blank"
  ])
  const ended = new Promise((resolve) => browser.once("exit", resolve))
  try {
    const debuggerAddress = await new Promise<string>((resolve, reject) => {
      let said = ""
      browser.stderr.on("data", (data) => {
        said += data
        const found = /DevTools listening on (ws:\S+)/.exec(said)
        if (found !== null) resolve(found[1]!)
      })
      browser.once("exit", () => reject(new Error(said)))
    })
    const socket = new WebSocket(debuggerAddress)
    await new Promise((resolve) => socket.addEventListener("open", resolve))
    const waiting = new Map<number, (answer: Answer) => void>()
    socket.addEventListener("message", ({ data }) => {
      const answer = JSON.parse(String(data)) as Answer
      if (answer.id !== undefined) waiting.get(answer.id)?.(answer)
    })
    let last = 0
    const send = async <A = { readonly [name: string]: unknown }>(
      method: string,
      params: object = {},
      sessionId?: unknown
    ): Promise<A> => {
      const id = ++last
      const { error, result } = await new Promise<Answer>((resolve) => {
        waiting.set(id, resolve)
        socket.send(JSON.stringify({ id, method, params, sessionId }))
      })
      if (error !== undefined) throw new Error(`${method}: ${error.message}`)
      return result as A
    }
    const { targetInfos } = await send<Targets>("Target.getTargets")
    const { targetId } = targetInfos.find(({ type }) => type === "page")!
    const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true })
    const { windowId } = await send("Browser.getWindowForTarget", { targetId })
    await send("Browser.setWindowBounds", { windowId, bounds: { windowState: "minimized" } })
    await send("Page.enable", {}, sessionId)
    await send("Page.navigate", { url: address }, sessionId)
    const asked = { expression, awaitPromise: true, returnByValue: true }
    // The page that is left may still be there.
    for (;;) {
      const { result } = await send<Value>("Runtime.evaluate", { expression: "location.href" }, sessionId)
      if (result.value === address) break
    }
    const { exceptionDetails, result } = await send<Value>("Runtime.evaluate", asked, sessionId)
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
    return result.value
  } finally {
    browser.kill()
    await ended
    rmSync(profile, { recursive: true, force: true })
  }
}
