import { existsSync } from "node:fs"

// CHROMIUM says which one; "none" is none.
const named = process.env["CHROMIUM"]

// One without windows, which draws no frames around pages, takes half of the processor that a whole browser does.
const usual = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser"]

/** Where a Chromium is, for the tests in a browser; without one they are skipped. */
export const chromium = (named ? [named] : usual).find(existsSync)

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
