import { existsSync } from "node:fs"

// CHROMIUM says which one; "none" is none.
const named = process.env["CHROMIUM"]

/** Where a Chromium is, for the tests in a browser; without one they are skipped. */
export const chromium = (named ? [named] : ["/usr/bin/chromium", "/usr/bin/chromium-browser"]).find(existsSync)

/** A GPU is played by the processor; nothing is fetched. As root, in a container, it runs only without its sandbox. */
export const chromiumArguments = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--enable-unsafe-swiftshader",
  "--enable-unsafe-webgpu"
]
