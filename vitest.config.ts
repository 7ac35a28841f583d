import { playwright } from "@vitest/browser-playwright"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const source = (file: string) => fileURLToPath(new URL(`./src/${file}`, import.meta.url))

// CHROMIUM says which one; "none" is none.
const named = process.env["CHROMIUM"]
const chromium = (named ? [named] : ["/usr/bin/chromium", "/usr/bin/chromium-browser"]).find(existsSync)
if (chromium === undefined) process.stderr.write("No Chromium was found: the tests in a browser are skipped.\n")

const timeouts = { testTimeout: 60_000, hookTimeout: 60_000 }

const inNode = { extends: true, test: { name: "node", include: ["test/**/*.test.ts"], exclude: ["test/browser/**"] } }

const inBrowser = (executablePath: string) => ({
  extends: true,
  // Threads need a page that is isolated from other origins.
  server: {
    headers: { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" }
  },
  // What is found late makes Vite bundle again and reload the page in the middle of a test.
  optimizeDeps: {
    include: [
      "@tensorflow/tfjs-core",
      "@tensorflow/tfjs-backend-cpu",
      "@tensorflow/tfjs-backend-wasm",
      "@tensorflow/tfjs-backend-webgl",
      "@tensorflow/tfjs-backend-webgpu",
      "@effect/vitest",
      "effect",
      "effect/http",
      "fast-png",
      "ml-matrix"
    ]
  },
  test: {
    name: "browser",
    include: ["test/browser/**/*.test.ts"],
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: {
          executablePath,
          // A GPU is played by the processor; nothing is fetched. Chromium runs as root in containers only without its sandbox.
          args: [
            "--no-sandbox",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--enable-unsafe-swiftshader",
            "--enable-unsafe-webgpu"
          ]
        }
      }),
      instances: [{ browser: "chromium" as const }]
    }
  }
})

export default defineConfig({
  resolve: {
    alias: [
      { find: /^effect-neuron\/(browser|node)$/, replacement: source("$1.ts") },
      { find: /^effect-neuron$/, replacement: source("index.ts") }
    ]
  },
  test: {
    ...timeouts,
    projects: [inNode, ...(chromium === undefined ? [] : [inBrowser(chromium)])]
  }
})
