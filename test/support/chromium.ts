import { existsSync } from "node:fs"
import { chromium } from "playwright-core"

const candidates = [
  process.env["CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  chromium.executablePath()
]

/** The Chromium on this machine, if there is one: that of `CHROMIUM`, the system's, or one that Playwright installed. */
export const chromiumPath = candidates.find((path) => path !== undefined && path !== "" && existsSync(path))

/** Starts it without a window. */
export const launchChromium = () =>
  chromium.launch({
    ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
    args: [
      "--no-sandbox",
      "--disable-background-networking",
      "--disable-component-update",
      "--enable-unsafe-swiftshader"
    ]
  })
