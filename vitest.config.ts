import { playwright } from "@vitest/browser-playwright"
import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"
import { bundledWorkers } from "./test/support/bundledWorkers.ts"
import { chromium, chromiumArguments } from "./test/support/chromium.ts"

const source = (file: string) => fileURLToPath(new URL(`./src/${file}`, import.meta.url))

if (chromium === undefined) process.stderr.write("No Chromium was found: the tests in a browser are skipped.\n")

// Workers and processes of tests, of which each loads the library and Effect, find them compiled.
process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(new URL("./.cache/compiled", import.meta.url))

const timeouts = { testTimeout: 400_000, hookTimeout: 400_000 }

// Unit tests share a process, since what they import takes as long to load as most of them to run. These have one of
// their own: they change what a process has once (its backends, its threads, what is installed, modules), or show that there is
// nothing yet.
const alone = [
  "test/unit/backend/*.test.ts",
  "test/unit/backend/companion/*.test.ts",
  "test/unit/dashboard/*.test.ts",
  "test/unit/layers/installs.test.ts",
  "test/unit/train/readEvery.test.ts"
]

const unit = {
  extends: true,
  test: { name: "unit", include: ["test/unit/**/*.test.ts"], exclude: alone, isolate: false }
}

const unitAlone = { extends: true, test: { name: "unit-alone", include: alone } }

const system = {
  extends: true,
  test: {
    name: "system",
    include: ["test/system/**/*.test.ts"],
    exclude: ["browser", "cli", "dashboard", "packed"].map((folder) => `test/system/${folder}/**`)
  }
}

// They share what is packed once.
const packed = {
  extends: true,
  test: { name: "packed", include: ["test/system/packed/*.test.ts"], globalSetup: ["test/support/packed.ts"] }
}

// The command line runs in the process of its tests, which share what it imports.
const commandLine = {
  extends: true,
  test: { name: "cli", include: ["test/system/cli/**/*.test.ts"], isolate: false }
}

// A Chromium is shared by the tests of a process, and so is what they import.
const pages = {
  extends: true,
  test: { name: "pages", include: ["test/system/dashboard/*.test.ts"], isolate: false }
}

// A long run may take as many times as long as it tries inputs.
const soak = {
  extends: true,
  test: {
    name: "soak",
    include: ["test/soak/**/*.test.ts"],
    testTimeout: timeouts.testTimeout * Math.max(1, Number(process.env["SOAK"]) || 1)
  }
}

const inBrowser = (executablePath: string) => ({
  extends: true,
  plugins: [bundledWorkers],
  // Threads need a page that is isolated from other origins.
  server: {
    headers: { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" }
  },
  // What is found late makes Vite bundle again and reload the page in the middle of a test.
  optimizeDeps: {
    // Its WebAssembly is found beside it.
    exclude: ["@jsquash/jpeg"],
    include: [
      "@tensorflow/tfjs-core",
      "@tensorflow/tfjs-backend-cpu",
      "@tensorflow/tfjs-backend-wasm",
      "@tensorflow/tfjs-backend-webgl",
      "@tensorflow/tfjs-backend-webgpu",
      "@effect/vitest",
      "effect",
      "effect/Function",
      "effect/http",
      "effect/rpc",
      "effect/testing",
      "effect/workers",
      "effect/workers/Worker",
      "effect/workers/WorkerError",
      "effect/workers/WorkerRunner",
      "fast-png",
      "ml-matrix"
    ]
  },
  test: {
    name: "browser",
    include: ["test/system/browser/**/*.test.ts"],
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: { executablePath, args: [...chromiumArguments] }
      }),
      instances: [{ browser: "chromium" as const }]
    }
  }
})

export default defineConfig({
  resolve: {
    alias: [
      { find: /^effect-neuron\/(browser|node)$/, replacement: source("$1.ts") },
      { find: /^effect-neuron\/remote$/, replacement: source("remote/index.ts") },
      { find: /^effect-neuron\/remote\/(browser|node)$/, replacement: source("remote/$1.ts") },
      { find: /^effect-neuron$/, replacement: source("index.ts") }
    ]
  },
  test: {
    ...timeouts,
    // By default it leaves a processor alone, and so half of the two that the tests are measured on.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      ...[unit, unitAlone, commandLine, system, pages, packed, soak],
      ...(chromium === undefined ? [] : [inBrowser(chromium)])
    ]
  }
})
