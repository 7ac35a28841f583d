import { spawn } from "node:child_process"

/** Opens an address in the browser of the desktop, where there is one; nothing happens where there is none. */
export const openBrowser = (url: string): void => {
  const { env, platform } = process
  const isDesktop = platform !== "linux" || env["DISPLAY"] !== undefined || env["WAYLAND_DISPLAY"] !== undefined
  if (!isDesktop || env["CI"] !== undefined) return
  const [command, ...args] = platform === "darwin"
    ? ["open", url]
    : platform === "win32"
    ? ["cmd", "/c", "start", "", url]
    : ["xdg-open", url]
  const child = spawn(command!, args, { stdio: "ignore", detached: true })
  child.on("error", () => undefined)
  child.unref()
}
