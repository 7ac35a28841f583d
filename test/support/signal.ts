import { spawn } from "node:child_process"

type Sent = NodeJS.Signals | "no reader"

/**
 * Runs a program of Node, sends it a signal when it has printed `when`, if one is given, or reads no more of what it
 * prints, and waits for its end.
 */
export const runUntil = async (
  program: string,
  args: ReadonlyArray<string>,
  signal?: { readonly when: string; readonly send: Sent | (() => Promise<Sent>) }
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> => {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] })
  let out = "", err = "", sent = false
  child.stdout.on("data", (data) => {
    out += data
    if (signal === undefined || sent || !out.includes(signal.when)) return
    sent = true
    const end = (send: Sent) => send === "no reader" ? child.stdout.destroy() : child.kill(send)
    if (typeof signal.send === "function") void signal.send().then(end)
    else end(signal.send)
  })
  child.stderr.on("data", (data) => {
    err += data
  })
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve))
  return { code, out, err }
}
