import { globSync, readFileSync, writeFileSync } from "node:fs"
import { defineConfig } from "vite"
import type { Plugin } from "vite"

// The names of the files of a build have hashes, so that another build is another service worker.
const offline: Plugin = {
  name: "offline",
  writeBundle({ dir = "dist" }) {
    const files = globSync("**/*.*", { cwd: dir }).sort()
    const worker = readFileSync(new URL("offline.js", import.meta.url), "utf8")
    writeFileSync(`${dir}/offline.js`, worker.replace("files = []", `files = ${JSON.stringify(files)}`))
  }
}

export default defineConfig({
  base: "./",
  // A file for each backend, which is loaded when it is asked for.
  worker: { format: "es" },
  plugins: [offline],
  // Only for more than one thread, and the server of the built page has to send them too.
  server: {
    headers: { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" }
  }
})
