import { fileURLToPath } from "node:url"
import { defineConfig } from "vite"

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const alias = [
  { find: /^effect-neuron\/remote$/, replacement: at("../src/remote/index.ts") },
  { find: /^effect-neuron\/remote\/browser$/, replacement: at("../src/remote/browser.ts") },
  { find: /^effect-neuron\/browser$/, replacement: at("../src/browser.ts") },
  { find: /^effect-neuron$/, replacement: at("../src/index.ts") }
]

export default defineConfig({
  root: at("."),
  base: "./",
  resolve: { alias },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
  build: { target: "es2022", outDir: at("dist"), emptyOutDir: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 1500 }
})
