import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const source = (file: string) => fileURLToPath(new URL(`./src/${file}`, import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^effect-neuron\/remote$/, replacement: source("remote/index.ts") },
      { find: /^effect-neuron\/remote\/(browser|node)$/, replacement: source("remote/$1.ts") },
      { find: /^effect-neuron\/node$/, replacement: source("node.ts") },
      { find: /^effect-neuron$/, replacement: source("index.ts") }
    ]
  },
  test: { include: ["test/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 }
})
