import { fileURLToPath } from "node:url"
import { defineConfig } from "vite"
import { alias } from "../src/cli/dashboard/ownPackage.ts"

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: at("."),
  base: "./",
  resolve: { alias },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
  build: { target: "es2022", outDir: at("dist"), emptyOutDir: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 1500 }
})
